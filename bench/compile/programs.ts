// The same kernels in Soma and in OpenCL C, as files for both compilers.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";

export interface Program {
    readonly name: string;
    readonly kernels: number;
    readonly soma: string;
    readonly openCl: string;
}

const CODEGEN = join(packageRoot(), "bench", "codegen");

/** Kernels that do a little of everything, each with numbers of its own. */
function somaKernel(at: number): string {
    return `
kernel step_${at}(a: f32, x: f32[n], y: mut f32[n], counts: mut u32[64]) over i in n {
    var sum: f32 = ${at}.0
    for k in 0 .. 4 {
        if i + k < n { sum += a * x[i + k] }
    }
    if sum > ${at % 17}.5 { atomic_add(counts[i % 64], 1) }
    y[i] = sqrt(abs(sum)) + y[i]
}
`;
}

function openClKernel(at: number): string {
    return `
__attribute__((reqd_work_group_size(256, 1, 1)))
__kernel void step_${at}(float a, __global const float *restrict x, __global float *restrict y,
                       __global uint *restrict counts, uint n) {
    uint i = __builtin_amdgcn_workgroup_id_x() * 256 + __builtin_amdgcn_workitem_id_x();
    if (i >= n) return;
    float sum = ${at}.0f;
    for (uint k = 0; k < 4; k++)
        if (i + k < n) sum += a * x[i + k];
    if (sum > ${at % 17}.5f)
        __opencl_atomic_fetch_add((__global atomic_uint *)&counts[i % 64], 1, memory_order_relaxed, memory_scope_device);
    y[i] = __builtin_sqrtf(__builtin_fabsf(sum)) + y[i];
}
`;
}

function program(folder: string, name: string, kernels: number, soma: string, openCl: string): Program {
    mkdirSync(folder, { recursive: true });
    const paths = { soma: join(folder, `${name}.soma`), openCl: join(folder, `${name}.cl`) };
    writeFileSync(paths.soma, soma);
    writeFileSync(paths.openCl, openCl);
    return { name, kernels, ...paths };
}

/** A file of so many kernels. */
export function copies(folder: string, kernels: number): Program {
    const all = (text: (at: number) => string) => Array.from({ length: kernels }, (_, at) => text(at)).join("");
    return program(folder, `copies-${kernels}`, kernels, all(somaKernel), all(openClKernel));
}

/** The 16 kernels of bench/codegen. */
export function sixteen(folder: string): Program {
    const text = (name: string) => readFileSync(join(CODEGEN, name), "utf8");
    return program(
        folder,
        "sixteen",
        16,
        text("kernels.soma"),
        text("device.h") + text("plain.cl").replace('#include "device.h"', ""),
    );
}

/** One kernel, the smallest that is worth compiling. */
export function one(folder: string): Program {
    const soma = `
kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n {
    y[i] = a * x[i] + y[i]
}
`;
    const openCl = `
__attribute__((reqd_work_group_size(256, 1, 1)))
__kernel void saxpy(float a, __global const float *restrict x, __global float *restrict y, uint n) {
    uint i = __builtin_amdgcn_workgroup_id_x() * 256 + __builtin_amdgcn_workitem_id_x();
    if (i < n) y[i] = a * x[i] + y[i];
}
`;
    return program(folder, "one", 1, soma, openCl);
}
