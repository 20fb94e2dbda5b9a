// `soma run --trace`, `--break` and `--timeline`, and the live feed of lanes.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { formatVariable } from "../../compiler/cli/variables.js";
import { type LaneSample, open } from "../../runtime/index.js";
import { inFolder, pack } from "../native/hip-support.js";
import { Workplace } from "./soma.js";

const SOURCE = `kernel squares(x: mut u32[n], k: u32) groups n / 64 workgroup(64) {
    var v = local_id() as u32
    if v >= 40 {
        v = v * v + k
    }
    x[global_id()] = v
}`;
const VARIABLES = `kernel mixed(x: mut f64[n], f: f32, big: i64) groups 1 workgroup(128) {
    let i = local_id() as i32
    let h = (f * 2.0) as f16
    let small = -i as i8
    let odd = i % 2 == 1
    var d = 2.0 * i as f64 + 0.25
    if odd {
        d = d + i as f64 - 0.25
    }
    x[local_id()] = d + small as f64 + h as f64 + big as f64
}`;
const PARTS = `struct Body { pos: f32x3, mass: f32, tag: i32 }

fn energy(b: Body, scale: f32) -> f32 {
    let e = b.mass * scale
    return e + b.pos.x
}

kernel walk(x: f32[n], out: mut f32[n]) over i in n {
    var b = Body(pos: f32x3(x[i], 1.5, -2.0), mass: 3.0, tag: 7)
    var counts: i32[3] = [10, 20, 30]
    var total: f32 = 0.0
    for k in 0 .. 3 {
        total += energy(b, x[i])
        counts[k] += k as i32
        b.mass += 1.0
    }
    out[i] = total + counts[2] as f32
}`;
const workplace = new Workplace();
const file = "squares.soma";
beforeAll(() => writeFileSync(workplace.path(file), SOURCE));
afterAll(() => workplace[Symbol.dispose]());

const runOn = (target: string, ...options: readonly string[]) =>
    workplace.soma(["run", file, "--device", `vgpu:${target}`, "--arg", "x=zeros(64)", "--arg", "k=5", ...options]);
const run = (...options: readonly string[]) => runOn("gfx1100", ...options);

test("--trace prints a wave's instructions, what they change, and their lines", () => {
    const { status, stderr } = run("--trace", "squares:0:1");
    expect(status).toBe(0);
    expect(stderr).toContain("trace of squares, workgroup 0, wave 1");
    expect(stderr).not.toContain("wave 0\n");
    expect(stderr).toContain("squares.soma:6\n");
    expect(stderr).toMatch(/ {4}0x[0-9a-f]+ {2}s_endpgm/);
    // Work-item 63, the last lane of wave 1, has 63² + 5.
    expect(stderr).toContain(`31: 0x${(63 * 63 + 5).toString(16)}`);
});

test("--trace of a wave of 64", () => {
    const { status, stderr } = runOn("gfx942", "--trace", "squares:0");
    expect(status).toBe(0);
    expect(stderr).toContain("trace of squares, workgroup 0, wave 0");
    expect(stderr).not.toContain("wave 1\n");
    // Both the first and the last lane that take the branch, of registers of 64 lanes.
    expect(stderr).toContain(`40: 0x${(40 * 40 + 5).toString(16)}`);
    expect(stderr).toContain(`63: 0x${(63 * 63 + 5).toString(16)}`);
});

// Private memory is reached by scratch instructions and waves of 32 lanes, or by buffer instructions and waves of 64.
test.each(["gfx1100", "gfx90a"])("--break prints a work-item's variables on %s", (target) => {
    writeFileSync(workplace.path("variables.soma"), VARIABLES);
    const at = (place: string) =>
        workplace.soma([
            ...["run", "variables.soma", "--device", `vgpu:${target}`, "--break", `variables.soma:${place}`],
            ...["--arg", "x=zeros(128)", "--arg", "f=0.75", "--arg", "big=-5000000000"],
        ]).stderr;
    const line = at("7:105");
    expect(line).toMatch(/break 1 at .*variables\.soma:7: work-item 105, workgroup 0, wave \d, of mixed/);
    for (const [name, type, value] of [
        ["f", "f32", "0.75"],
        ["big", "i64", "-5000000000"],
        ["n", "index", "128"],
        ["h", "f16", "1.5"],
        ["small", "i8", "-105"],
        ["odd", "bool", "true"],
        ["d", "f64", "210.25"],
    ]) {
        expect(line).toContain(`    ${name}: ${type} = ${value}\n`);
    }
    expect(line).toMatch(/ {4}x: f64\* = 0x[0-9a-f]+\n/);
    // What a variable has changes from line to line, and is each work-item's own.
    expect(at("10:105")).toContain("    d: f64 = 315\n");
    expect(at("10:2")).toContain("    d: f64 = 4.25\n");
    // Not declared yet.
    expect(at("4:2")).not.toContain("small: i8");
});

test.each(["gfx1100", "gfx942"])("--break prints structures, arrays and counters of loops on %s", (target) => {
    writeFileSync(workplace.path("parts.soma"), PARTS);
    const { stderr } = workplace.soma([
        ...["run", "parts.soma", "--device", `vgpu:${target}`, "--break", "parts.soma:15:2", "--arg", "x=range(4)"],
    ]);
    // What is stepped before the line: the counter, the total of 2·mass + 2, the element of the round.
    const stops = stderr.split(/break \d at /).slice(1);
    const values = (stop: string) =>
        Object.fromEntries([...stop.matchAll(/ {4}(\S+): \S+ = (.*)\n/g)].map(([, name, value]) => [name, value]));
    // A round may come to the line more than once.
    const rounds = stops.map(values).filter(({ k }, at, all) => k !== all[at - 1]?.k);
    expect(rounds.map(({ k }) => k)).toEqual(["0", "1", "2"]);
    expect(rounds.map(({ total }) => total)).toEqual(["8", "18", "30"]);
    expect(rounds.map((round) => round["b.mass"])).toEqual(["3", "4", "5"]);
    expect(rounds[0]).toMatchObject({
        "b.pos.x": "2",
        "b.pos.y": "1.5",
        "b.pos.z": "-2",
        "b.tag": "7",
        i: "2",
        n: "4",
    });
    expect(stops[2]).toContain("    counts: i32[3] = [10, 21, 32]\n");
    // In the function that is called, its own parameters; `b` of the caller is hidden.
    const inner = workplace.soma([
        ...["run", "parts.soma", "--device", `vgpu:${target}`, "--break", "parts.soma:5:3", "--arg", "x=range(4)"],
    ]).stderr;
    expect(inner).toContain("    scale: f32 = 3\n");
    expect(inner).toContain("    b.mass: f32 = 3\n");
    expect(inner).toContain("    e: f32 = 9\n");
});

test("--break prints arrays of structures that a variable indexes", () => {
    const source = `struct Body { pos: f32x3, mass: f32, tag: i16 }
kernel scattered(x: f32[n], out: mut f32[n]) over i in n {
    var bodies: Body[3]
    for k in 0 .. 3 { bodies[k] = Body(pos: f32x3(x[i], k as f32, -2.0), mass: 3.0, tag: k as i16 - 1) }
    bodies[i % 3].mass = 9.5
    out[i] = bodies[(i + 1) % 3].mass + bodies[i % 3].pos.y
}`;
    writeFileSync(workplace.path("scattered.soma"), source);
    const { stderr } = workplace.soma([
        ...[
            "run",
            "scattered.soma",
            "--device",
            "vgpu:gfx1100",
            "--break",
            "scattered.soma:6:2",
            "--arg",
            "x=range(4)",
        ],
    ]);
    for (const part of ["[0].pos.x: f32 = 2", "[1].pos.y: f32 = 1", "[2].pos.z: f32 = -2", "[0].mass: f32 = 3"]) {
        expect(stderr).toContain(`    bodies${part}\n`);
    }
    expect(stderr).toContain("    bodies[2].mass: f32 = 9.5\n");
    expect(stderr).toContain("    bodies[0].tag: i16 = -1\n");
    expect(stderr).toContain("    bodies[2].tag: i16 = 1\n");
});

test("a stop shows the fields of clang's structures, nested and in arrays", async () => {
    const source = `typedef struct { float x; int n[2]; } Inner;
typedef struct { Inner in[2]; unsigned char c; __global unsigned *p; } Outer;
__kernel void fields(__global unsigned *out) {
    Outer o = {{{1.5f, {1, 2}}, {2.5f, {3, 4}}}, 7, out};
    out[__builtin_amdgcn_workitem_id_x()] = o.in[1].n[1] + o.c;
}`;
    const code = inFolder((folder) => {
        const [file, output] = [join(folder, "fields.cl"), join(folder, "fields.hsaco")];
        writeFileSync(file, source);
        const language = ["-x", "cl", "-cl-std=CL2.0", "-nogpulib", "-w", "-g", "-O0"];
        execFileSync(llvmTool("clang"), [
            "-target",
            "amdgcn-amd-amdhsa",
            "-mcpu=gfx1100",
            ...language,
            file,
            "-o",
            output,
        ]);
        return readFileSync(output);
    });
    using gpu = await open("vgpu:gfx1100");
    const stream = gpu.device.createStream();
    const module = await gpu.device.loadModule(code);
    const out = gpu.device.allocate(128);
    gpu.virtual?.stopAt({ file: "fields.cl", line: 5, item: 1 });
    await stream.launch(module.kernel("fields"), { grid: [1, 1, 1], block: [32, 1, 1], arguments: pack(out.address) });
    const [stop] = gpu.virtual?.traced().stops ?? [];
    const shown = (stop?.variables ?? []).map(formatVariable);
    expect(shown).toEqual(
        expect.arrayContaining([
            "o.in[0].x: float = 1.5",
            "o.in[0].n: int[2] = [1, 2]",
            "o.in[1].x: float = 2.5",
            "o.in[1].n: int[2] = [3, 4]",
            "o.c: unsigned char = 7",
            `o.p: unsigned int* = 0x${out.address.toString(16)}`,
        ]),
    );
    out.dispose();
    module.dispose();
    stream.dispose();
});

test("--break prints what a work-item has where it comes to a line, if it does", () => {
    const item = run("--break", `${file}:6:41`);
    expect(item.status).toBe(0);
    expect(item.stderr).toContain("arguments: x=zeros(64), k=5");
    expect(item.stderr).toMatch(/break 1 at .*squares\.soma:6: work-item 41, workgroup 0, wave 1, of squares/);
    const nobody = run("--break", "999");
    expect(nobody.stderr).toContain("work-item 0 of workgroup 0 does not come to line 999");
    const wrong = run("--break", "here");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain("expected FILE:LINE or FILE:LINE:ITEM");
});

test("--timeline writes a trace of kernels, copies and workgroups", () => {
    const output = workplace.path("trace.json");
    expect(run("--timeline", output).status).toBe(0);
    const { traceEvents } = JSON.parse(readFileSync(output, "utf8"));
    const names: string[] = traceEvents.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["squares", "squares workgroup 0"]));
    const processes = traceEvents.filter(({ name }: { name: string }) => name === "process_name");
    expect(processes.map(({ args }: { args: { name: string } }) => args.name)).toContain("vgpu:gfx1100, compute units");
});

test("a live feed of lanes of a wave of 64", async () => {
    using gpu = await open("vgpu:gfx942");
    const { kernels } = await gpu.load<"squares">({ source: SOURCE, path: "squares.soma" }, { optimisation: 0 });
    using x = gpu.tensor("u32", [64]);
    const samples: LaneSample[] = [];
    const feed = gpu.virtual?.lanes((sample) => samples.push(sample), { every: 1 });
    await kernels.squares?.({ x, k: 1 });
    feed?.stop();
    expect(samples.every(({ waveSize, wave }) => waveSize === 64 && wave === 0)).toBe(true);
    // The lanes from 40 on take the branch.
    const masks = samples.map(({ exec }) => exec);
    expect(masks).toEqual(expect.arrayContaining(["0xffffffffffffffff", "0xffffff0000000000"]));
});

test("a live feed of lanes, which is off where nobody listens", async () => {
    using gpu = await open("vgpu:gfx1100");
    const { kernels } = await gpu.load<"squares">({ source: SOURCE, path: "squares.soma" });
    using x = gpu.tensor("u32", [4096]);
    const samples: LaneSample[] = [];
    const feed = gpu.virtual?.lanes((sample) => samples.push(sample), { every: 1 });
    await kernels.squares?.({ x, k: 1 });
    feed?.stop();
    expect(samples.every(({ kernel, waveSize }) => kernel === "squares" && waveSize === 32)).toBe(true);
    // Of wave 1 in workgroup 0 the lanes from 8 on take the branch.
    const [first, ...others] = samples.filter(({ group, wave }) => group === 0 && wave === 1);
    expect(first?.exec).toBe("0xffffffff");
    expect(others.map(({ exec }) => exec)).toContain("0xffffffff");
    const numbers = samples.map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const heard = samples.length;
    await kernels.squares?.({ x, k: 1 });
    expect(gpu.virtual?.traced().samples).toEqual([]);
    expect(samples).toHaveLength(heard);
    expect(() => gpu.virtual?.lanes(() => undefined, { every: 0 })).toThrow("every is a positive integer");
});
