// What a network keeps on the device: buffers by name, made when their extents are known, and filled as the manifest says.

import { compile, draws, type Formula, Words } from "../../codeobject/network/formula.js";
import type { NetworkBuffer, NetworkManifest } from "../../codeobject/network/manifest.js";
import { SCALAR_SIZES } from "../../codeobject/scalar-sizes.js";
import { CodeObjectError, LaunchError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import type { Tensor } from "../tensor.js";
import type { Values } from "./values.js";

const ARRAYS = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, u64: BigUint64Array } as const;

export type BufferArray = Float32Array | Int32Array | Uint32Array | BigUint64Array;

export class Memory {
    private readonly tensors = new Map<string, Tensor>();
    /** Extents that are no formula over the parameters: `samples`, `synapses:a->b`, … */
    readonly extents = new Map<string, number>();

    constructor(
        private readonly gpu: Gpu,
        private readonly manifest: NetworkManifest,
        private readonly values: Values,
        private readonly seed: bigint,
    ) {}

    shapeOf(buffer: NetworkBuffer): number[] {
        return buffer.extents.map((extent) => {
            const own = typeof extent === "string" ? this.extents.get(extent) : undefined;
            const value = own ?? this.values.evaluate(extent as Formula);
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
        if (total <= memoryBytes) return;
        const largest = [...sizes].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
        const list = largest
            .map(({ name, shape, bytes }) => `${name} [${shape.join(", ")}] ${megabytes(bytes)}`)
            .join("; ");
        throw new LaunchError(
            `network ${this.manifest.name} takes ${megabytes(total)} of memory, and ${this.gpu.name} has ${megabytes(memoryBytes)}; most of it: ${list}`,
        );
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
        const buffer = this.find(name);
        return this.create(buffer, this.initial(buffer));
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
        this.extents.set(extent, value);
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
        const tensor = this.gpu.tensor(
            buffer.element,
            this.shapeOf(buffer),
            data as Float32Array | undefined,
        ) as Tensor;
        this.tensors.set(buffer.name, tensor);
        return tensor;
    }

    private initial({ initial, extents, element, name }: NetworkBuffer): BufferArray | undefined {
        if (initial.kind === "zero" || initial.kind === "filled") return undefined;
        const shape = this.shapeOf({ initial, extents, element, name, isState: false });
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
        const length = size / (shape[0] || 1);
        for (let r = 0; r < (shape[0] as number); r++) {
            const place = { i: 0 };
            const words = new Words(this.seed);
            const valueAt = compile(value, this.values.lookup(r), place, words.next);
            if (!random && !mentions(value, "i")) {
                each.fill(valueAt(), r * length, (r + 1) * length);
                continue;
            }
            for (let i = 0; i < length; i++) {
                place.i = i;
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
    return bytes < 10 * 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}
