// Headers for C++ and modules for Python that launch kernels over HIP alone: programs in these languages use them on the virtual
// GPU, and hear of shapes that don't agree in the words that JavaScript programs do.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, Workplace } from "../cli/soma.js";

const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

const SOURCE = `struct Inner { a: u8, b: f64 }
struct Body { pos: f32x3, mass: f32, inner: Inner }

/// Scales each row by its weight; "quoted" \\\\ and */ here.
kernel scale(float: f32, v: f32x3, x: mut f32[rows + 1, n], weights: f32[rows], count: u8) over (j in rows, i in n) {
    if count > 0 { x[j, i] = x[j, i] * float * weights[j] + v.x }
}

kernel told(x: mut f32[n], limit: f32) over i in n {
    assert(x[i] < limit, "too large")
    x[i] = -x[i]
}

kernel move(bodies: mut Body[n], by: Body) over i in n {
    bodies[i].pos += by.pos
    bodies[i].mass += by.mass
    bodies[i].inner.b *= 2.0
}

kernel columns(x: strided f32[m, n], y: mut f32[m, n], vs: mut f32x3[m]) over (i in m, j in n) {
    y[i, j] = x[i, j]
    if j == 0 { vs[i] = vs[i] * 2.0 }
}

kernel reversed(x: f32[n], y: mut f32[n]) groups g workgroup(64) {
    shared line: f32[n]
    for i in local_id() .. n by 64 { line[i] = x[i] }
    barrier()
    for i in local_id() .. n by 64 { y[i] = line[n - 1 - i] }
}
`;

const LIBRARY = join(ROOT, "build/native/libsoma_vgpu.so");

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
    const options = {
        cwd: workplace.folder,
        encoding: "utf8",
        env: { ...process.env, SOMA_VGPU: "gfx1100", ...env },
    } as const;
    return execFileSync(command, args, options).trimEnd().split("\n");
}

function build(emit: string, target: string): void {
    const built = workplace.soma(["build", "scale.soma", "--target", target, "--emit", emit]);
    expect(built).toMatchObject({ status: 0, stderr: "" });
}

const MISMATCH = "scale: x (mut f32[rows + 1, n], shape [2, 2]) must have rows + 1 = 3 elements along axis 0, not 2";

beforeAll(() => writeFileSync(workplace.path("scale.soma"), SOURCE));

describe("a C++ header", () => {
    it("launches kernels, and checks shapes, for the device of a bundle", () => {
        build("cpp", "gfx942,gfx1100");
        // HIP's own header declares what ours does, and more.
        mkdirSync(workplace.path("include/hip"), { recursive: true });
        writeFileSync(workplace.path("include/hip/hip_runtime_api.h"), '#include "hip_abi.h"\n');
        const flags = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1"];
        const include = ["-I", "include", "-I", join(ROOT, "native/hip_abi"), "-I", "."];
        const source = join(ROOT, "test/hosts/cpp.cpp");
        run("c++", [
            ...flags,
            ...include,
            source,
            "-o",
            "program",
            LIBRARY,
            `-Wl,-rpath,${join(ROOT, "build/native")}`,
        ]);
        expect(run(workplace.path("program"), [])).toEqual([
            "2.5 4.5 60.5 80.5 5 6 ",
            `shape: ${MISMATCH}`,
            "shape: scale: weights overlaps x, and one of them is written",
            "shape: scale: x (mut f32[rows + 1, n], shape [3, 1099511627776]) has more than 4294963200 bytes",
            "fault at scale.soma:10, 2: told: assertion failed: too large (scale.soma:10; 2 work-items failed)",
            "7 3 8",
            "1 10 2 20 12",
            "shape: columns: n is 2 in x (strided f32[m, n], shape [2, 2]) but 3 in y (mut f32[m, n], shape [2, 3])",
            "20 10 2 1 ",
            "shape: reversed: g is -1, which can't be launched",
        ]);
    });
});

describe("a Python module", () => {
    it("launches kernels on arrays of the host and the device, and checks shapes and types", () => {
        build("python", "gfx1100");
        const program = join(ROOT, "test/hosts/program.py");
        const env = { SOMA_HIP_LIBRARY: LIBRARY, PYTHONPATH: workplace.folder, PYTHONDONTWRITEBYTECODE: "1" };
        expect(run("python3", ["-W", "error", program], env)).toEqual([
            "2.5 4.5 60.5 80.5 5 6",
            `ShapeError: ${MISMATCH}`,
            "ShapeError: scale: weights is f32[rows] and takes 1 dimensions, not the shape [2, 2]",
            "TypeError: scale: v is f32x3 and takes 3 values, not 2",
            "TypeError: scale: count is u8, which 256 doesn't fit",
            "TypeError: scale: float is f32, which '2' doesn't fit",
            "TypeError: scale: x takes an array or a DeviceArray, not list",
            "TypeError: told: x takes elements of type f32, not <f8",
            "TypeError: told: x is written by the kernel, and the array is read-only",
            "TypeError: told() missing 1 required keyword-only argument: 'limit'",
            "fault at scale.soma:10, 2: told: assertion failed: too large (scale.soma:10; 2 work-items failed)",
            "TypeError: told: x takes a row-major array: copy it first, as numpy.ascontiguousarray does",
            "7 3 8",
            "TypeError: move: by.inner is Inner and lacks the field b",
            "1 10 2 20 2 4 6 8 10 12",
            "20 10 2 1",
            "TypeError: reversed: y overlaps x, and one of them is written",
            "ShapeError: reversed: g is -1, which can't be launched",
            "['limit', 'return', 'stream', 'x'] float",
            'Scales each row by its weight; "quoted" \\\\ and */ here.',
        ]);
    });

    it("says where HIP was looked for", () => {
        const env = { SOMA_HIP_LIBRARY: "/nowhere/libamdhip64.so", PYTHONPATH: workplace.folder };
        const program = "import scale\ntry: scale._hip.open()\nexcept OSError as error: print(error)";
        expect(run("python3", ["-c", program], env)[0]).toMatch(/^can't load HIP's library \(tried \/nowhere/);
    });
});

it.each(["cpp", "python"])("--emit %s is for AMD's GPUs", (emit) => {
    const { status, stderr } = workplace.soma(["build", "scale.soma", "--target", "sm_90", "--emit", emit]);
    expect(status).not.toBe(0);
    expect(stderr).toContain(`--emit ${emit} is for AMD's GPUs`);
});
