// The sanitizer against planted faults (each gives its report and no other) and against kernels that are right (nothing).

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import { type Gpu, open, type ReportPlace, type SanitizerReport } from "../../../runtime/index.js";
import { assemblyOf, WAITS_11, WAITS_12 } from "./assembly.js";
import { assemble, compileFaults, FAULTS, findings } from "./findings.js";
import { type Expected, FROM_ASSEMBLY_11, FROM_ASSEMBLY_12, FROM_CLANG } from "./reports.js";

const SOURCE = readFileSync(FAULTS, "utf8");
const LINES = SOURCE.split("\n");
/** Kernels that ask for their workgroup are launched with two of them. */
const TWO_GROUPS = new Set(
    SOURCE.split("KERNEL ")
        .filter((text) => text.includes("GROUP"))
        .map((text) => /^\w+/.exec(text)?.[0]),
);

function withoutAddresses(text: string): string {
    return text.replace(/0x[0-9a-f]{9,}/g, "0x…").replace(/allocation \d+/, "allocation …");
}

function at({ line, instruction }: ReportPlace): string {
    return line === 0 ? instruction : (LINES[line - 1] ?? "").trim();
}

function summary({ kind, what, allocation, workItem, other, ...place }: SanitizerReport): Expected {
    return {
        kind,
        what: withoutAddresses(what),
        at: at(place),
        ...(workItem === undefined ? {} : { item: workItem }),
        ...(allocation === "" ? {} : { allocation: withoutAddresses(allocation) }),
        ...(other === undefined
            ? {}
            : { other: { what: other.what, at: at(other), ...(other.workItem ? { item: other.workItem } : {}) } }),
    };
}

function find(gpu: Gpu, code: Uint8Array, kernel: string) {
    return findings(gpu, code, kernel, { freed: kernel.endsWith("freed"), groups: TWO_GROUPS.has(kernel) ? 2 : 1 });
}

/** Which of two accesses comes second is chance where workgroups race. */
function places(report: Expected | undefined): unknown {
    return report && [report.kind, [report.at, report.other?.at].sort()];
}

test("every planted fault of compiled code gives its report, and no other", async () => {
    using gpu = await open("vgpu:gfx1100");
    const code = compileFaults("gfx1100", 1);
    expect(Object.keys(FROM_CLANG)).toEqual([...SOURCE.matchAll(/^KERNEL (\w+)/gm)].map(([, name]) => name));
    expect(Object.keys(FROM_CLANG).length).toBeGreaterThanOrEqual(30);
    for (const [kernel, expected] of Object.entries(FROM_CLANG)) {
        const reports = (await find(gpu, code, kernel)).map(summary);
        if (TWO_GROUPS.has(kernel)) expect(reports.map(places), kernel).toEqual([places(expected)]);
        else expect(reports, kernel).toEqual([expected]);
    }
});

// -O0 keeps variables in private memory and makes flat accesses; other targets have other waits, waves and atomics.
test.each([
    ["gfx1100", 0],
    ["gfx1201", 1],
    ["gfx942", 1],
])("the same kinds of faults on %s at -O%i", async (target, level) => {
    using gpu = await open(`vgpu:${target}`);
    const code = compileFaults(target, level);
    // A wave of 64 work-items is alone: nothing races, and LLVM leaves barriers out.
    const alone = /^(lds_race_|barriers_of|barrier_in_if|wave_leaves)/;
    for (const [kernel, { kind }] of Object.entries(FROM_CLANG)) {
        if (target === "gfx942" && alone.test(kernel)) continue;
        const reports = await find(gpu, code, kernel);
        expect([...new Set(reports.map((report) => report.kind))], kernel).toEqual([kind]);
    }
});

test.each([
    ["gfx1100", WAITS_11, FROM_ASSEMBLY_11],
    ["gfx1201", WAITS_12, FROM_ASSEMBLY_12],
] as const)("registers that are used before a wait, by the counters of %s", async (target, kernels, expected) => {
    using gpu = await open(`vgpu:${target}`);
    const code = assemble(target, assemblyOf(target, kernels));
    for (const kernel of Object.keys(kernels)) {
        const reports = await find(gpu, code, kernel);
        expect(reports.map(summary), kernel).toEqual(kernel in expected ? [expected[kernel]] : []);
    }
});

test("a launch that accesses memory out of bounds goes on, and fails in the end", async () => {
    using gpu = await open("vgpu:gfx1100");
    gpu.virtual?.sanitizing(true);
    const source = `kernel late(x: mut u32[n], k: index) groups 1 workgroup(64) {
    x[local_id() + k] = 1
    if local_id() == 0 { x[n - 1] = 2 }
}`;
    const { kernels } = await gpu.load<"late">({ source, path: "late.soma" }, { bounds: "unchecked" });
    using x = gpu.tensor("u32", [64]);
    await expect(kernels.late?.({ x, k: 32 })).rejects.toMatchObject({ place: { line: 2 } });
    expect(await x.read()).toEqual(Uint32Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : i === 63 ? 2 : 1)));
    expect(gpu.virtual?.sanitizerReports().map(({ kind, line }) => [kind, line])).toEqual([["out-of-bounds", 2]]);
    // The device goes on, and tells of the place only once.
    await expect(kernels.late?.({ x, k: 32 })).rejects.toMatchObject({ place: { line: 2 } });
    expect(gpu.virtual?.sanitizerReports()).toHaveLength(1);
    gpu.virtual?.sanitizing(false);
});

test.each(["gfx1100", "gfx1201", "gfx942"])(
    "races of many readers, and none over many barriers, on %s",
    async (target) => {
        using gpu = await open(`vgpu:${target}`);
        gpu.virtual?.sanitizing(true);
        const source = `kernel passes_on(x: mut u32[n], rounds: index) groups 1 workgroup(256) {
    shared buf: u32[256]
    buf[local_id()] = 0
    for i in 0 .. rounds {
        barrier()
        let next = buf[(local_id() + 1) % 256]
        barrier()
        buf[local_id()] = next + 1
    }
    barrier()
    x[local_id()] = buf[255 - local_id()]
}
kernel all_read_one_writes(x: mut u32[64], out: mut u32[n], writer: index) groups n / 64 workgroup(64) {
    out[global_id()] = x[local_id()]
    if group_id() == writer { x[local_id()] = 1 }
}
kernel two_write_halves(x: mut u16[128]) groups 2 workgroup(64) {
    x[local_id() * 2 + group_id()] = 1
}`;
        const { kernels } = await gpu.load<"passes_on" | "all_read_one_writes" | "two_write_halves">({
            source,
            path: "races.soma",
        });
        using passed = gpu.tensor("u32", [256]);
        // More rounds than a cell can count.
        await kernels.passes_on?.({ x: passed, rounds: 2600 });
        expect(await passed.read()).toEqual(new Uint32Array(256).fill(2600));
        using halves = gpu.tensor("u16", [128], new Uint16Array(128));
        await kernels.two_write_halves?.({ x: halves });
        expect(gpu.virtual?.sanitizerReports()).toEqual([]);
        using x = gpu.tensor("u32", [64], new Uint32Array(64));
        using out = gpu.tensor("u32", [64 * 7]);
        for (const writer of [0, 3, 6]) {
            gpu.virtual?.sanitizing(true);
            await kernels.all_read_one_writes?.({ x, out, writer });
            const reports = gpu.virtual?.sanitizerReports() ?? [];
            expect(reports.map(({ kind, line, other }) => [kind, ...[line, other?.line].sort()])).toEqual([
                ["data-race", 14, 15],
            ]);
        }
        gpu.virtual?.sanitizing(false);
    },
);

test("a program of HIP's ABI that frees nothing has a leak; soma run has none", () => {
    const log = join(tmpdir(), `soma-sanitizer-${process.pid}.log`);
    const addon = join(packageRoot(), "dist", "runtime", "hip", "addon.js");
    const script = `import { loadAddon, virtualLibraryPath } from ${JSON.stringify(addon)};
        const device = loadAddon().openLibrary(virtualLibraryPath()).device(0);
        globalThis.kept = device.allocate(48);
        process.reallyExit(0);`;
    try {
        const env = { ...process.env, SOMA_VGPU_SANITIZE: log };
        execFileSync(process.execPath, ["--input-type=module", "-e", script], { env });
        expect(readFileSync(log, "utf8")).toMatch(
            /^soma sanitizer: leak: .*\n {4}address 0x\w+: 0 bytes into the 48-byte/,
        );
    } finally {
        rmSync(log, { force: true });
    }
});
