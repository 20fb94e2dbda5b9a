// Small kernels for tests of passes: what they are run on, their IR, and the interpreter's results.

import { computeCall } from "../../compiler/constant-calls.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import { type ConstantValue, type IrModule, type Operation, walk } from "../../compiler/ir/module.js";
import { type IrScalar, isBuffer, isFloat } from "../../compiler/ir/types.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";

/** A kernel `k`, what its dimensions are, and how many workgroups there are. */
export interface Sample {
    readonly text: string;
    readonly dims: Readonly<Record<string, number>>;
    readonly groups: readonly [number, number, number];
    /** Of the views, in order. */
    readonly shapes: readonly (readonly number[])[];
    /** Scalar parameters that are not dimensions. */
    readonly scalars?: Readonly<Record<string, ConstantValue>>;
}

export function lowered(text: string): IrModule {
    const source = { path: "sample.soma", text };
    const { program, diagnostics } = checkProgram(source, loadModule, DEFAULT_TARGET, computeCall);
    if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return lowerProgram(program);
}

/** An element of a view at the start: small numbers of either sign where the type has them. */
export function elementAt(type: IrScalar, at: number, seed: number): ConstantValue {
    const value = (at * 7 + seed * 5) % 23;
    if (type === "bool") return value > 11;
    if (isFloat(type)) return (value - 11) * 0.5;
    return BigInt(type.startsWith("u") ? value : value - 11);
}

/** Every view's elements after the kernel, by the view's name. */
export function interpreted(module: IrModule, sample: Sample): Record<string, readonly (ConstantValue | undefined)[]> {
    const kernel = module.functions.find(({ name }) => name === "k");
    if (!kernel?.kernel) throw new Error("there is no kernel k");
    const memories: Memory[] = [];
    const args = kernel.parameters.map(({ value, name }) => {
        const type = kernel.values[value]?.type;
        if (type !== undefined && isBuffer(type) && type.element !== "bytes") {
            const { element } = type;
            const seed = memories.length;
            const count = (sample.shapes[seed] ?? []).reduce((product, extent) => product * extent, 1);
            const values = Array.from({ length: count }, (_, at) => elementAt(element, at, seed));
            const memory = { name, element, values };
            memories.push(memory);
            return memory;
        }
        const extent = sample.dims[name];
        const scalar = extent === undefined ? sample.scalars?.[name] : BigInt(extent);
        if (scalar === undefined) throw new Error(`nothing is given for ${name}`);
        return scalar;
    });
    const [x, y, z] = sample.groups;
    const groups = [Math.ceil(x / (kernel.kernel.elements ?? 1)), y, z] as const;
    const { fault } = interpret(module, { kernel: "k", groups, args });
    if (fault) throw new Error(JSON.stringify(fault, (_, value) => (typeof value === "bigint" ? `${value}` : value)));
    return Object.fromEntries(memories.map(({ name, values }) => [name, values]));
}

/** The operations of a module's last kernel. */
export function operationsOf(module: IrModule): Operation[] {
    const kernel = module.functions.at(-1);
    const found: Operation[] = [];
    if (kernel) walk(kernel, kernel.body, (op) => found.push(op));
    return found;
}

const line = (n: number) => ({ dims: { n }, groups: [Math.ceil(n / 256), 1, 1] as const });
const overRows = "kernel k(x: f32[m, n], y: mut f32[m, n]) over (i in m, j in n)";

/** Kernels on which each pass has something to do. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
    saxpy: {
        ...line(261),
        shapes: [[261], [261]],
        text: "kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = 2.5 * x[i] + y[i] }",
    },
    stencil: {
        ...line(259),
        shapes: [[259], [259]],
        text: `kernel k(x: f32[n], y: mut f32[n]) over i in n {
            if i > 0 && i < n - 1 { y[i] = x[i - 1] + x[i] + x[i + 1] } else { y[i] = x[i] }
        }`,
    },
    convolution: {
        dims: { m: 11, n: 37 },
        groups: [2, 2, 1],
        shapes: [
            [11, 37],
            [11, 37],
        ],
        text: `${overRows} {
            var sum: f32 = 0.0
            if i > 0 && j > 0 && i < m - 1 && j < n - 1 {
                for a in 0 .. 3 { for b in 0 .. 3 { sum += x[i + a - 1, j + b - 1] * ((a * 3 + b) as f32) } }
            }
            y[i, j] = sum
        }`,
    },
    transpose: {
        dims: { m: 33, n: 41 },
        groups: [2, 2, 1],
        shapes: [
            [33, 41],
            [41, 33],
        ],
        text: `kernel k(x: f32[m, n], y: mut f32[n, m]) groups ((m + 31) / 32, (n + 31) / 32) workgroup(8, 32) {
            shared tile: f32[32, 32]
            let top = group_id(0) * 32
            let left = group_id(1) * 32
            let lane = local_id(1)
            for r in local_id(0) .. 32 by 8 {
                if top + r < m && left + lane < n { tile[r, lane] = x[top + r, left + lane] }
            }
            barrier()
            for r in local_id(0) .. 32 by 8 {
                if left + r < n && top + lane < m { y[left + r, top + lane] = tile[lane, r] }
            }
        }`,
    },
    reduction: {
        dims: { n: 300, g: 2 },
        groups: [2, 1, 1],
        shapes: [[300], [2]],
        text: `kernel k(x: i32[n], y: mut i32[g]) groups g workgroup(64) {
            shared buf: i32[64]
            var sum: i32 = 0
            for i in global_id() .. n by global_size() { sum += x[i] }
            buf[local_id()] = sum
            barrier()
            var s: index = 32
            while s > 0 {
                if local_id() < s { buf[local_id()] += buf[local_id() + s] }
                barrier()
                s /= 2
            }
            if local_id() == 0 { y[group_id()] = buf[0] }
        }`,
    },
    scan: {
        dims: { n: 150 },
        groups: [3, 1, 1],
        shapes: [[150], [150]],
        text: `kernel k(x: i32[n], y: mut i32[n]) groups ((n + 63) / 64) workgroup(64) {
            shared buf: i32[64]
            let me = local_id()
            buf[me] = if global_id() < n { x[global_id()] } else { 0 }
            barrier()
            var s: index = 1
            while s < 64 {
                let before: i32 = if me >= s { buf[me - s] } else { 0 }
                barrier()
                buf[me] += before
                barrier()
                s *= 2
            }
            if global_id() < n { y[global_id()] = buf[me] }
        }`,
    },
    product: {
        dims: { m: 18, n: 21, q: 23 },
        groups: [2, 2, 1],
        shapes: [
            [18, 23],
            [23, 21],
            [18, 21],
        ],
        text: `kernel k(a: i32[m, q], b: i32[q, n], c: mut i32[m, n])
            groups ((m + 15) / 16, (n + 15) / 16) workgroup(16, 16) {
            shared left: i32[16, 16]
            shared right: i32[16, 16]
            let y = local_id(0)
            let x = local_id(1)
            let i = group_id(0) * 16 + y
            let j = group_id(1) * 16 + x
            var sum: i32 = 0
            for p in 0 .. q by 16 {
                left[y, x] = if i < m && p + x < q { a[i, p + x] } else { 0 }
                right[x, y] = if p + y < q && j < n { b[p + y, j] } else { 0 }
                barrier()
                for t in 0 .. 16 { sum += left[y, t] * right[x, t] }
                barrier()
            }
            if i < m && j < n { c[i, j] = sum }
        }`,
    },
    digits: {
        dims: { n: 1500, g: 2 },
        groups: [2, 1, 1],
        shapes: [[1500], [2, 16]],
        scalars: { shift: 1n },
        text: `kernel k(x: u32[n], shift: u32, y: mut u32[g, 16]) groups g workgroup(256) {
            shared count: u32[16]
            if local_id() < 16 { count[local_id()] = 0 }
            barrier()
            let first = group_id() * 1024 + local_id()
            for r in 0 .. 4 {
                let i = first + r * 256
                if i < n { atomic_add(count[(x[i] >> shift & 15) as index], 1) }
            }
            barrier()
            if local_id() < 16 { y[group_id(), local_id()] = count[local_id()] }
        }`,
    },
    bodies: {
        ...line(90),
        shapes: [[90], [90], [90]],
        text: `kernel k(p: i32[n], w: i32[n], f: mut i32[n]) over i in n {
            var sum: i32 = 0
            for j in 0 .. n { sum += w[j] * (p[j] - p[i]) }
            f[i] = sum
        }`,
    },
    butterfly: {
        dims: { n: 256 },
        groups: [1, 1, 1],
        shapes: [[256]],
        scalars: { half: 16n },
        text: `kernel k(half: u32, x: mut i32[n]) groups 1 workgroup(128) {
            let t = local_id() as u32
            let o = t % half
            let a = ((t - o) * 2 + o) as index
            let b = a + half as index
            let p = x[a]
            let q = x[b]
            x[a] = p + q
            x[b] = p - q
        }`,
    },
    small: {
        ...line(300),
        shapes: [[300], [300]],
        text: `kernel k(x: i32[n], y: mut i32[n]) over i in n {
            var own: i32[4]
            for j in 0 .. 4 { own[j] = x[(i + j) % n] }
            for j in 0 .. 3 { if own[j] > own[j + 1] { let t = own[j]; own[j] = own[j + 1]; own[j + 1] = t } }
            y[i] = own[3] * 100 + own[0]
        }`,
    },
    far: {
        ...line(260),
        shapes: [[260], [260]],
        scalars: { near: 0n, at: 2n ** 32n - 1n },
        text: `kernel k(near: u32, at: u32, x: i32[n], y: mut i32[n]) over i in n {
            let a: i32 = if near as index * 1000 + i < n { 1 } else { 0 }
            let b: i32 = if n <= i + at as index * 1000 { 10 } else { 0 }
            let c: i32 = if n > 1000 * (near as index + 1) + i { 100 } else { 0 }
            y[i] = a + b + c + x[i]
        }`,
    },
    leaving: {
        ...line(260),
        shapes: [[260], [260]],
        text: `kernel k(x: i32[n], y: mut i32[n]) over i in n {
            var found: i32 = -1
            for j in 0 .. 8 {
                if (i + j) % 5 == 3 { continue }
                for l in 0 .. 2 { if x[(i + j + l) % n] > 9 { found = j as i32; break } }
                if found >= 0 { break }
            }
            y[i] = found
        }`,
    },
};
