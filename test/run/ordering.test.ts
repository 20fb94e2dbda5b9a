// Scopes and orders of atomics: what they compute on every device, and what LLVM is told.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { open } from "../../runtime/index.js";
import { DEVICE, run, view } from "./harness.js";

const TOTAL = `/// The sum of all, by the workgroup that comes last.
kernel total(x: f32[n], parts: mut f32[g], done: mut u32[1], sum: mut f32[1]) groups g workgroup(64) {
    var mine: f32 = 0.0
    for i in global_id() .. n by global_size() { mine += x[i] }
    let part = wave_sum(mine)
    shared waves: f32[64]
    if wave_is_first() { waves[local_id() / wave_size()] = part }
    barrier()
    if local_id() > 0 { return }
    for w in 1 .. 64 / wave_size() { waves[0] += waves[w] }
    parts[group_id()] = waves[0]
    if atomic_add(done[0], 1, order: acq_rel) + 1 < g as u32 { return }
    var all: f32 = 0.0
    for p in 0 .. g { all += parts[p] }
    sum[0] = all
}
`;

const DEVICES = DEVICE.startsWith("vgpu") ? ["vgpu:gfx1100", "vgpu:gfx1201", "vgpu:gfx942", "vgpu:gfx90a"] : [DEVICE];

describe.each([0, 3] as const)("at -O%d", (optimisation) => {
    test.each(DEVICES)("the last workgroup sees what the others released, on %s", async (name) => {
        const gpu = await open(name);
        const { kernels } = await gpu.load({ source: TOTAL, path: "total.soma" }, { optimisation });
        const [n, g] = [5000, 17];
        const x = gpu.tensor(
            "f32",
            [n],
            Array.from({ length: n }, (_, i) => i % 10),
        );
        const sum = gpu.tensor("f32", [1]);
        await kernels.total?.({ x, parts: gpu.tensor("f32", [g]), done: gpu.tensor("u32", [1]), sum });
        expect([...(await sum.read())]).toEqual([(n / 10) * 45]);
        gpu.close();
    });

    test.each(["i32", "u64", "f32", "f64"] as const)("loads, stores and differences of %s", async (type) => {
        const text = `kernel k(y: mut ${type}[4], out: mut ${type}[2]) groups 1 workgroup(64) {
            shared s: ${type}[1]
            if local_id() == 0 { atomic_store(s[0], 1000 as ${type}, order: release) }
            barrier()
            atomic_sub(s[0], 2 as ${type}, scope: workgroup, order: acq_rel)
            atomic_sub(y[0], 1 as ${type}, scope: system)
            barrier()
            if local_id() == 0 {
                atomic_store(y[1], atomic_load(s[0], order: acquire), scope: device)
                fence(order: acq_rel, scope: device)
                out[0] = atomic_load(y[0])
                out[1] = atomic_load(y[1], order: acquire, scope: system)
            }
        }`;
        const big = type === "u64";
        const y = big ? [100n, 0n, 0n, 0n] : [100, 0, 0, 0];
        const result = await run(text, { y: view(type, [4], y as number[]), out: view(type, [2]) }, { optimisation });
        expect([...result.out].map(Number)).toEqual([100 - 64, 1000 - 128]);
    });
});

test.each([
    ["atomic_add(x[0], 1)", "atomicrmw add ptr addrspace(1)", 'syncscope("agent") monotonic'],
    ["atomic_add(s[0], 1)", "atomicrmw add ptr addrspace(3)", 'syncscope("workgroup") monotonic'],
    [
        "atomic_add(x[0], 1, order: release, scope: system)",
        "atomicrmw add ptr addrspace(1)",
        "i32 1 release, align 4, !dbg",
    ],
    ["atomic_compare_exchange(x[0], 1, 2, order: acq_rel)", "cmpxchg ptr", 'syncscope("agent") acq_rel acquire'],
    ["atomic_load(x[0], order: acquire)", "load atomic i32", 'syncscope("agent") acquire'],
    ["atomic_store(x[0], 1, order: release)", "store atomic i32 1", 'syncscope("agent") release'],
    ["fence(scope: workgroup, order: release)", "fence", 'syncscope("workgroup") release'],
    ["fence(scope: system)", "fence", "fence acq_rel"],
])("%s", async (call, ...expected) => {
    const text = `kernel k(x: mut i32[1]) groups 1 workgroup(1) {
    shared s: i32[1]
    s[0] = 0
    ${call}
    x[0] = s[0]
}
`;
    const source = { path: "order.soma", text };
    const options = { target: "gfx1100", emit: "llvm", verify: true } as const;
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), options);
    expect(diagnostics).toEqual([]);
    const lines = Buffer.from(output ?? [])
        .toString()
        .split("\n");
    expect(lines.filter((line) => expected.every((part) => line.includes(part)))).toHaveLength(1);
});
