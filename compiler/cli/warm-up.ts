// What is compiled once before a snapshot is taken: V8 keeps the functions that ran as bytecode, and what they computed once
// (tables, the parser's look-ahead) as it is. The program has what kernels are usually made of.

import type { Codegen } from "../codegen.js";
import { compile } from "../driver.js";
import { build } from "./commands/build.js";
import { check } from "./commands/check.js";
import { createProgram } from "./program.js";

const PROGRAM = `
struct Pair { a: f32, b: f32 }

fn mix<T: Float>(a: T, b: T, t: T) -> T { a + (b - a) * t }

fn sum_of(p: Pair) -> f32 { p.a + p.b }

/// Element by element.
kernel elements(a: f32, x: f32[n], y: mut f32[n]) over i in n {
    let p = Pair(a: x[i], b: a)
    y[i] = if x[i] < 0.0 { mix(a, y[i], 0.5) } else { sum_of(p) * sqrt(y[i]) }
}

/// Neighbours in two dimensions.
kernel stencil(x: f32[h, w], y: mut f32[h, w]) over (i in h, j in w) {
    if i > 0 && i < h - 1 && j > 0 && j < w - 1 {
        y[i, j] = (x[i - 1, j] + x[i + 1, j] + x[i, j - 1] + x[i, j + 1]) * 0.25
    }
}

/// Workgroups, shared memory, loops.
kernel partial_sums(x: f32[n], out: mut f32[g]) groups g workgroup(256) {
    shared buf: f32[256]
    var sum: f32 = 0.0
    for i in global_id() .. n by global_size() { sum += x[i] }
    buf[local_id()] = sum
    barrier()
    var s: index = 128
    while s > 0 {
        if local_id() < s { buf[local_id()] += buf[local_id() + s] }
        barrier()
        s /= 2
    }
    let w = wave_sum(buf[local_id()])
    if local_id() == 0 { out[group_id()] = w }
}

kernel count(x: u8[n], bins: mut u32[256]) over i in n {
    atomic_add(bins[x[i] as index], 1)
}
`;

/** Compiles without LLVM, whose addon belongs to no snapshot; a mistake here is a bug. */
export async function warmUp(): Promise<void> {
    createProgram(() => {});
    void [build, check];
    const codegen: Codegen = {
        version: "none",
        generate: async () => ({ output: new Uint8Array(0), messages: [] }),
    };
    for (const target of ["gfx1100", "gfx942"]) {
        // Twice: what runs once may be compiled lazily.
        const { diagnostics } = await compile({ path: "warm-up.soma", text: PROGRAM }, () => undefined, codegen, {
            target,
        });
        if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("; "));
    }
}
