// The sanitizer against planted faults (each gives its report and no other) and against kernels that are right (nothing).

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import { type Gpu, open, type ReportPlace, type SanitizerReport } from "../../../runtime/index.js";
import { assemblyOf, WAITS_9, WAITS_11, WAITS_12 } from "./assembly.js";
import { assemble, compileFaults, DIRECT_LOADS, FAULTS, findings, lanesOf, NAMED, ORDER } from "./findings.js";
import {
    DIRECT,
    type Expected,
    FROM_ASSEMBLY_9,
    FROM_ASSEMBLY_11,
    FROM_ASSEMBLY_12,
    fromClang,
    NAMED_BARRIERS,
} from "./reports.js";

const SOURCE = readFileSync(FAULTS, "utf8");
/** Kernels that ask for their workgroup are launched with two of them. */
const TWO_GROUPS = new Set(
    SOURCE.split("KERNEL ")
        .filter((text) => text.includes("GROUP"))
        .map((text) => /^\w+/.exec(text)?.[0]),
);

function withoutAddresses(text: string): string {
    return text.replace(/0x[0-9a-f]{9,}/g, "0x…").replace(/allocation \d+/, "allocation …");
}

/** In the words of the table: the line of the source for its place. */
function summary({ kind, what, allocation, workItem, other, ...place }: SanitizerReport, source = SOURCE): Expected {
    const lines = source.split("\n");
    const at = ({ line, instruction }: ReportPlace) => (line === 0 ? instruction : (lines[line - 1] ?? "").trim());
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

function find(gpu: Gpu, code: Uint8Array, kernel: string, items: number) {
    return findings(gpu, code, kernel, {
        freed: kernel.endsWith("freed"),
        groups: TWO_GROUPS.has(kernel) ? 2 : 1,
        items,
    });
}

/** Of workgroups that race it is chance which accesses meet. */
function places(report: Expected | undefined): unknown {
    return report && [report.kind, [report.at, report.other?.at].sort()];
}

/** Waves that race do so in an order of the target's: from gfx12 on the last one to come to a barrier goes on at once. */
function withoutOrder(report: Expected | undefined): unknown {
    const [, verb, place] = /^it (\w+) (LDS at offset \d+), /.exec(report?.what ?? "") ?? [];
    if (report?.other === undefined || place === undefined) return report;
    const [, otherVerb] = /^the other access (\w+):/.exec(report.other.what) ?? [];
    const accesses = [
        [verb, report.at, report.item],
        [otherVerb, report.other.at, report.other.item],
    ];
    return { kind: report.kind, place, accesses: accesses.map((access) => JSON.stringify(access)).sort() };
}

test("the table has every planted fault", () => {
    const names = Object.keys(fromClang(32));
    expect(names).toEqual([...SOURCE.matchAll(/^KERNEL (\w+)/gm)].map(([, name]) => name));
    expect(names.length).toBeGreaterThanOrEqual(30);
});

test.each(["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"])(
    "every planted fault of compiled code gives its report on %s, and no other",
    async (target) => {
        using gpu = await open(`vgpu:${target}`);
        const lanes = lanesOf(target);
        const code = compileFaults(target, 1);
        for (const [kernel, expected] of Object.entries(fromClang(lanes))) {
            const reports = (await find(gpu, code, kernel, 2 * lanes)).map((report) => summary(report));
            if (TWO_GROUPS.has(kernel)) expect(reports.map(places), kernel).toEqual([places(expected)]);
            else expect(reports.map(withoutOrder), kernel).toEqual([withoutOrder(expected)]);
        }
    },
);

// -O0 keeps variables in private memory and makes flat accesses.
test("the same kinds of faults of code that was not optimised", async () => {
    using gpu = await open("vgpu:gfx1100");
    const code = compileFaults("gfx1100", 0);
    for (const [kernel, { kind }] of Object.entries(fromClang(32))) {
        const reports = await find(gpu, code, kernel, 64);
        expect([...new Set(reports.map((report) => report.kind))], kernel).toEqual([kind]);
    }
});

test.each([
    ["gfx1100", WAITS_11, FROM_ASSEMBLY_11],
    ["gfx1201", WAITS_12, FROM_ASSEMBLY_12],
    ["gfx90a", WAITS_9, FROM_ASSEMBLY_9],
    ["gfx942", WAITS_9, FROM_ASSEMBLY_9],
    ["gfx950", WAITS_9, FROM_ASSEMBLY_9],
] as const)("registers that are used before a wait, by the counters of %s", async (target, kernels, expected) => {
    using gpu = await open(`vgpu:${target}`);
    const code = assemble(target, assemblyOf(target, kernels));
    for (const kernel of Object.keys(kernels)) {
        const reports = await find(gpu, code, kernel, 64);
        const report = (expected as Readonly<Record<string, Expected>>)[kernel];
        expect(
            reports.map((found) => summary(found)),
            kernel,
        ).toEqual(report === undefined ? [] : [report]);
    }
});

test("named barriers order those who signal and those who wait, and nobody else", async () => {
    using gpu = await open("vgpu:gfx1201");
    const source = readFileSync(NAMED, "utf8");
    const code = compileFaults("gfx1201", 1, NAMED);
    for (const [kernel, expected] of Object.entries(NAMED_BARRIERS)) {
        const reports = await findings(gpu, code, kernel, { items: 128 });
        expect(
            reports.map((report) => withoutOrder(summary(report, source))),
            kernel,
        ).toEqual(expected === undefined ? [] : [withoutOrder(expected)]);
    }
});

// Before gfx12, and on CDNA before gfx942, nothing tells atomic stores from others: two of them to one place race.
const PLAIN_STORES = ["gfx1030", "gfx1100", "gfx90a"];
test.each([...PLAIN_STORES, "gfx1201", "gfx942", "gfx950"])(
    "workgroups are ordered from a release to what acquires it, and not by two loads or two stores, on %s",
    async (target) => {
        using gpu = await open(`vgpu:${target}`);
        const lines = readFileSync(ORDER, "utf8").split("\n");
        const text = (line: number | undefined) => lines[(line ?? 0) - 1]?.trim();
        const code = compileFaults(target, 1, ORDER);
        const [loads, stores, read] = ["x[4] = x[1];", "STORE(0, RELEASE);", "x[2] = x[1];"];
        const expected: Readonly<Record<string, readonly (readonly string[])[]>> = {
            message: [],
            message_by_fences: [],
            message_passed_on: [],
            learnt_between_two_releases: [],
            last_one_adds: [],
            both_load: [[loads, "x[1] = 7;"]],
            passed_on_by_a_load: [[loads, "x[1] = 7;"]],
            both_store: [[read, "x[1] = 7;"], ...(PLAIN_STORES.includes(target) ? [[stores, stores]] : [])],
        };
        expect(Object.keys(expected)).toEqual(lines.flatMap((line) => /^KERNEL (\w+)/.exec(line)?.[1] ?? []));
        for (const [kernel, races] of Object.entries(expected)) {
            const reports = await findings(gpu, code, kernel, { groups: 3 });
            expect(new Set(reports.map(({ kind }) => kind)), kernel).toEqual(
                new Set(races.length ? ["data-race"] : []),
            );
            const found = reports.map(({ line, other }) => [text(line), text(other?.line)].sort());
            expect(found.sort(), kernel).toEqual(races.map((pair) => [...pair].sort()).sort());
        }
    },
);

test.each(["gfx90a", "gfx942", "gfx950"])("what loads straight to LDS do there, and when, on %s", async (target) => {
    using gpu = await open(`vgpu:${target}`);
    const source = readFileSync(DIRECT_LOADS, "utf8");
    const code = compileFaults(target, 1, DIRECT_LOADS);
    for (const [kernel, expected] of Object.entries(DIRECT)) {
        const reports = await findings(gpu, code, kernel, { items: 128 });
        expect(
            reports.map((report) => summary(report, source)),
            kernel,
        ).toEqual(expected === undefined ? [] : [expected]);
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

// What all have read is known by blocks of 512 bytes, here of eight: a write takes that back.
test.each(["gfx1100", "gfx942"])("a write to blocks that many workgroups have read, on %s", async (target) => {
    using gpu = await open(`vgpu:${target}`);
    const source = `kernel read_much(x: mut u32[1024], out: mut u32[n], writer: index, at: index) groups n / 64 workgroup(64) {
    var sum: u32 = 0
    for k in 0 .. 16 { sum += x[(local_id() * 5 + k * 64) % 1024] }
    if group_id() == writer { x[local_id() + at] = 9 }
    out[global_id()] = sum
}`;
    const { kernels } = await gpu.load<"read_much">({ source, path: "blocks.soma" }, { optimisation: 0 });
    using x = gpu.tensor("u32", [1024], new Uint32Array(1024).fill(1));
    using out = gpu.tensor("u32", [64 * 12]);
    // Twelve workgroups, so that the last number is nobody's.
    for (const [writer, at] of [
        [0, 0],
        [5, 960],
        [11, 500],
        [12, 0],
    ] as const) {
        gpu.virtual?.sanitizing(true);
        await kernels.read_much?.({ x, out, writer, at });
        const reports = gpu.virtual?.sanitizerReports() ?? [];
        expect(reports.map(({ kind, line, other }) => [kind, ...[line, other?.line].sort()])).toEqual(
            writer === 12 ? [] : [["data-race", 3, 4]],
        );
    }
    gpu.virtual?.sanitizing(false);
});

// What a wave writes as a whole is kept once for 128 bytes until somebody else comes: then by words, of which each has its work-item.
test.each(["gfx1100", "gfx942"])("a stray access to what a wave has written as a whole, on %s", async (target) => {
    using gpu = await open(`vgpu:${target}`);
    const source = `kernel strays(x: mut u32[n], out: mut u32[1], reader: index, at: index) groups n / 64 workgroup(64) {
    x[global_id()] = 1
    if global_id() == reader { out[0] = x[at] }
}`;
    const { kernels } = await gpu.load<"strays">({ source, path: "strays.soma" }, { optimisation: 0 });
    using x = gpu.tensor("u32", [1024], new Uint32Array(1024));
    using out = gpu.tensor("u32", [1]);
    for (const [reader, at] of [
        [0, 1023],
        [1000, 77],
        [300, 320],
        [321, 330],
    ] as const) {
        gpu.virtual?.sanitizing(true);
        await kernels.strays?.({ x, out, reader, at });
        const reports = gpu.virtual?.sanitizerReports() ?? [];
        const found = reports.map(({ kind, line, workItem, other }) => {
            const sides = [
                [line, workItem?.[0]],
                [other?.line, other?.workItem?.[0]],
            ];
            return [kind, ...sides.sort(([first], [second]) => Number(first) - Number(second))];
        });
        // Within a workgroup the sanitizer looks for no races of global memory.
        const race = Math.floor(reader / 64) !== Math.floor(at / 64);
        expect(found).toEqual(race ? [["data-race", [2, at % 64], [3, reader % 64]]] : []);
    }
    gpu.virtual?.sanitizing(false);
});

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

// At a barrier what came before is over: in whichever round one is missing, the accesses around it race, and no others.
test.each(["gfx1100", "gfx1201", "gfx942"])("a barrier that is left out in one round, on %s", async (target) => {
    using gpu = await open(`vgpu:${target}`);
    const source = `kernel rounds(y: mut u32[n], missing: u32) groups n / 256 workgroup(256) {
    shared buf: u32[256]
    buf[local_id()] = 0
    barrier()
    var sum: u32 = 0
    for k in 0 .. 5 {
        sum += buf[(local_id() + 64) % 256]
        barrier()
        buf[local_id()] = sum + (k as u32)
        if k as u32 != missing { barrier() }
    }
    y[global_id()] = sum
}`;
    const { kernels } = await gpu.load<"rounds">({ source, path: "rounds.soma" }, { optimisation: 0 });
    using y = gpu.tensor("u32", [512]);
    for (const missing of [0, 1, 3, 4, 5]) {
        gpu.virtual?.sanitizing(true);
        await kernels.rounds?.({ y, missing });
        const reports = gpu.virtual?.sanitizerReports() ?? [];
        const found = reports.map(({ kind, line, other }) => [kind, ...[line, other?.line].sort()]);
        // Behind the last round nobody reads what it wrote.
        expect(found).toEqual(missing < 4 ? [["data-race", 7, 9]] : []);
    }
    gpu.virtual?.sanitizing(false);
});
