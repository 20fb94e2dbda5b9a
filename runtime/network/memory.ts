// What a network keeps on the device: buffers by name, made when their extents are known, and filled as the manifest says.

import { compile, draws, type Formula, Words } from "../../codeobject/network/formula.js";
import type { NetworkBuffer, NetworkManifest } from "../../codeobject/network/manifest.js";
import { SCALAR_SIZES } from "../../codeobject/scalar-sizes.js";
import { CodeObjectError, LaunchError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import type { Tensor } from "../tensor.js";
import type { Values } from "./values.js";

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, u64: BigUint64Array, i8: Int8Array } as const;

/** Elements that neighbours in a pool begin at multiples of: no cache line belongs to two. */
const POOL_ALIGNMENT = 64;

/** Kernels address what one view has by 32 bits. */
const LARGEST_BUFFER = 2 ** 32;

export type BufferArray = Float32Array | Int32Array | Uint32Array | BigUint64Array | Int8Array;

export class Memory {
    private readonly tensors = new Map<string, Tensor>();
    /** Elements of each pool, once they are laid out. */
    private readonly pools = new Map<string, number>();

    constructor(
        private readonly gpu: Gpu,
        private readonly manifest: NetworkManifest,
        private readonly values: Values,
        private readonly seed: bigint,
    ) {}

    shapeOf(buffer: NetworkBuffer): number[] {
        return buffer.extents.map((extent) => {
            const value = this.values.evaluate(extent);
            if (Number.isSafeInteger(value) && value >= 0) return value;
            throw new LaunchError(
                `network ${this.manifest.name}: ${buffer.name} has an extent of ${value}, which is no whole number`,
            );
        });
    }

    /** Refuses a network that is larger than the device, before anything is allocated, with what takes most. */
    requireRoom(): void {
        const sizes = this.manifest.buffers.map((buffer) => {
            const shape = this.shapeOf(buffer);
            return { name: buffer.name, shape, bytes: shape.reduce((a, b) => a * b, SCALAR_SIZES[buffer.element]) };
        });
        const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
        const { memoryBytes } = this.gpu.properties;
        const large = total <= memoryBytes && sizes.find(({ bytes }) => bytes >= LARGEST_BUFFER);
        if (large)
            throw new LaunchError(
                `network ${this.manifest.name}: ${large.name} [${large.shape.join(", ")}] takes ${megabytes(large.bytes)}, and kernels reach less than ${megabytes(LARGEST_BUFFER)} of one: make it several populations or connections, or sparse`,
            );
        if (total <= memoryBytes) return;
        const largest = [...sizes].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
        const list = largest
            .map(({ name, shape, bytes }) => `${name} [${shape.join(", ")}] ${megabytes(bytes)}`)
            .join("; ");
        throw new LaunchError(
            `network ${this.manifest.name} takes ${megabytes(total)} of memory, and ${this.gpu.name} has ${megabytes(memoryBytes)}; most of it: ${list}`,
        );
    }

    /** Places those that share memory, once all extents are known. */
    layOut(): void {
        for (const buffer of this.manifest.buffers) {
            if (buffer.pool === null) continue;
            const start = this.pools.get(buffer.pool) ?? 0;
            const size = this.shapeOf(buffer).reduce((a, b) => a * b, 1);
            this.values.define(`offset:${buffer.name}`, start);
            this.pools.set(buffer.pool, start + Math.ceil(size / POOL_ALIGNMENT) * POOL_ALIGNMENT);
        }
    }

    /** Fills in what formulas over the parameters are worth now: the constants of each instance, and the tables of merged kernels. */
    tabulate(): void {
        const { constants } = this.manifest;
        const columns = Math.max(1, constants.length);
        const table = new Float32Array(this.values.batch * columns);
        for (let r = 0; r < this.values.batch; r++) {
            constants.forEach((formula, column) => {
                table[r * columns + column] = this.values.evaluate(formula, r);
            });
        }
        this.fill("constants", table);
        for (const buffer of this.manifest.buffers) {
            if (buffer.initial.kind === "members") this.fill(buffer.name, this.table(buffer.name, buffer.initial));
        }
    }

    private table(name: string, { groups, rows }: Extract<NetworkBuffer["initial"], { kind: "members" }>) {
        let first = 0;
        const table = rows.flatMap((row, member) => {
            const own = this.values.evaluate(groups[member] as Formula);
            const line = [first, own, ...row.map((formula) => this.values.evaluate(formula))];
            first += own;
            return line;
        });
        this.values.define(`workgroups:${name}`, first);
        return BigUint64Array.from(table, BigInt);
    }

    /** Of all buffers. */
    bytes(): number {
        return this.manifest.buffers.reduce(
            (sum, buffer) => sum + this.shapeOf(buffer).reduce((a, b) => a * b, SCALAR_SIZES[buffer.element]),
            0,
        );
    }

    /** A buffer's tensor. */
    get(name: string): Tensor {
        const known = this.tensors.get(name);
        if (known !== undefined) return known;
        if (this.pools.has(name)) {
            // Whoever takes it as a whole wants all that lies in it.
            for (const { name: own, pool } of this.manifest.buffers) if (pool === name) this.get(own);
            return this.pool(name);
        }
        const buffer = this.find(name);
        return this.create(buffer, this.initial(buffer));
    }

    has(name: string): boolean {
        return this.manifest.buffers.some((each) => each.name === name);
    }

    find(name: string): NetworkBuffer {
        const buffer = this.manifest.buffers.find((each) => each.name === name);
        if (buffer !== undefined) return buffer;
        throw new CodeObjectError(
            `the code object is damaged: its network ${this.manifest.name} has no buffer ${name}`,
        );
    }

    /** Makes a buffer with its contents; a tensor of the same shape that is there is written instead. */
    fill(name: string, data: BufferArray): void {
        const known = this.tensors.get(name);
        if (known === undefined) this.create(this.find(name), data);
        else known.write(data as Float32Array).catch(() => {});
    }

    /** Makes those anew that have this extent. */
    resize(extent: string, value: number): void {
        this.values.define(extent, value);
        for (const { name, extents } of this.manifest.buffers) {
            if (!extents.includes(extent)) continue;
            this.tensors.get(name)?.dispose();
            this.tensors.delete(name);
        }
    }

    /** Those that are made. */
    names(): string[] {
        return [...this.tensors.keys()];
    }

    dispose(): void {
        for (const tensor of this.tensors.values()) tensor.dispose();
        this.tensors.clear();
    }

    private create(buffer: NetworkBuffer, data: BufferArray | undefined): Tensor {
        const shape = this.shapeOf(buffer);
        const given = data as Float32Array | undefined;
        if (buffer.pool === null) {
            const tensor = this.gpu.tensor(buffer.element, shape, given) as Tensor;
            this.tensors.set(buffer.name, tensor);
            return tensor;
        }
        const start = this.values.get(`offset:${buffer.name}`);
        const size = shape.reduce((a, b) => a * b, 1);
        const tensor = this.pool(buffer.pool)
            .slice([start, start + size])
            .reshape(...shape);
        this.tensors.set(buffer.name, tensor);
        // A failure is kept, and reported by whatever uses the tensor next.
        if (given !== undefined) tensor.write(given).catch(() => {});
        return tensor;
    }

    private pool(name: string): Tensor {
        const known = this.tensors.get(name);
        if (known !== undefined) return known;
        const { element } = this.manifest.buffers.find(({ pool }) => pool === name) as NetworkBuffer;
        const tensor = this.gpu.tensor(element, [this.pools.get(name) as number]) as Tensor;
        this.tensors.set(name, tensor);
        return tensor;
    }

    private initial(buffer: NetworkBuffer): BufferArray | undefined {
        const { initial, element } = buffer;
        if (initial.kind === "zero" || initial.kind === "filled" || initial.kind === "members") return undefined;
        const shape = this.shapeOf(buffer);
        const size = shape.reduce((a, b) => a * b, 1);
        const array: BufferArray = new ARRAYS[element](size);
        if (initial.kind === "ones") {
            if (array instanceof BigUint64Array) array.fill(2n ** 64n - 1n);
            else array.fill(-1);
            return array;
        }
        const each = array as Float32Array;
        const { value, stream } = initial;
        const random = draws(value);
        const others = this.manifest.buffers.flatMap((other) =>
            mentions(value, other.name) ? [[other.name, this.initial(other) as Float32Array] as const] : [],
        );
        const length = size / (shape[0] || 1);
        for (let r = 0; r < (shape[0] as number); r++) {
            const place: Record<string, number> = { i: 0, ...Object.fromEntries(others.map(([name]) => [name, 0])) };
            const words = new Words(this.seed);
            const valueAt = compile(value, this.values.lookup(r), place, words.next);
            if (!random && !mentions(value, "i") && others.length === 0) {
                each.fill(valueAt(), r * length, (r + 1) * length);
                continue;
            }
            for (let i = 0; i < length; i++) {
                place.i = i;
                for (const [name, values] of others) place[name] = values[r * length + i] as number;
                words.begin(stream, i, r);
                each[r * length + i] = valueAt();
            }
        }
        return each;
    }
}

function mentions(formula: Formula, name: string): boolean {
    return (
        formula === name ||
        (typeof formula === "object" && formula.slice(1).some((each) => mentions(each as Formula, name)))
    );
}

function megabytes(bytes: number): string {
    if (bytes >= 10 * 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    return bytes < 10 * 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}
