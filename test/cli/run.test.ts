// soma run on the virtual GPU: every form of argument, everything that can be printed or written, and every mistake.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNpy, writeNpy } from "../../compiler/cli/npy.js";
import { STACK, sample, Workplace } from "./soma.js";

const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

const DEVICE = ["--device", "vgpu:gfx1100"];

/** Runs a kernel of a file on the virtual GPU. Each argument is `name=VALUE`. */
function run(file: string, args: readonly string[], ...rest: readonly string[]) {
    return workplace.soma(["run", file, ...args.flatMap((arg) => ["--arg", arg]), ...rest, ...DEVICE]);
}

const SAXPY = sample("saxpy.soma");
const SAXPY_ARGS = ["a=2", "x=range(1000)", "y=fill(1,1000)"];

const KERNELS = `
kernel copy_i64(x: i64[n], y: mut i64[n]) over i in n { y[i] = x[i] }
kernel double_f16(x: f16[n], y: mut f16[n]) over i in n { y[i] = x[i] + x[i] }
kernel invert(x: bool[n], y: mut bool[n]) over i in n { y[i] = !x[i] }
kernel scale(k: u8, on: bool, big: u64, x: u64[n], y: mut u64[n]) over i in n {
    y[i] = if on { x[i] * (k as u64) + big } else { x[i] }
}
kernel table(y: mut i32[m, n]) over (i in m, j in n) { y[i, j] = (i * 10 + j) as i32 }
kernel scaled(x: f32x2[m, n], by: f32, y: mut f32x2[m, n]) over (i in m, j in n) { y[i, j] = x[i, j] * by }
kernel past_the_end(y: mut f32[n]) over i in n { y[i + 100000] = 1.0 }
kernel forever(y: mut f32[n]) over i in n { while true { y[i] = y[i] + 1.0 } }
kernel groups_of(y: mut i32[n]) groups g workgroup(32) {
    if global_id() < n { y[global_id()] = group_count() as i32 }
}
`;
beforeAll(() => {
    writeFileSync(workplace.path("kernels.soma"), KERNELS);
    writeFileSync(workplace.path("bad.soma"), "kernel zero(y: mut f32[n]) over i in n {\n    y[i] = nothing\n}\n");
});

describe("a run", () => {
    test("prints 1, 3, 5, … for saxpy", () => {
        const { status, stdout, stderr } = run(SAXPY, SAXPY_ARGS, "--kernel", "saxpy", "--print", "y");
        expect(stderr).toMatch(/^saxpy on .*gfx1100.*: 1 workgroup of 256, [\d.e-]+ ms, [\d,]+ instructions\n$/);
        expect(stdout).toBe(`${Array.from({ length: 1000 }, (_, i) => 2 * i + 1).join(", ")}\n`);
        expect(status).toBe(0);
    });

    test("needs no --kernel where there is one, and takes every level", () => {
        for (const level of ["-O0", "-O1", "-O2"]) {
            const { status, stdout } = run(SAXPY, ["a=-0.5", "x=range(3)", "y=zeros(3)"], level, "--print", "y");
            expect(stdout).toBe("0, -0.5, -1\n");
            expect(status).toBe(0);
        }
    });

    test("takes elements in brackets for each axis, the lanes of vectors in the innermost", () => {
        expect(
            run("kernels.soma", ["x=[-9007199254740993, 2]", "y=[5,6]"], "--kernel", "copy_i64", "--print", "y"),
        ).toMatchObject({
            status: 0,
            stdout: "-9007199254740993, 2\n",
        });
        const vectors = ["x=[[[1, 2], [3, 4]]]", "by=0.5", "y=zeros(1x2)"];
        expect(run("kernels.soma", vectors, "--kernel", "scaled", "--print", "y").stdout).toBe("0.5, 1\n1.5, 2\n");
        const wrong = run("kernels.soma", ["x=[[1, 2, 3]]", "by=1", "y=zeros(1x3)"], "--kernel", "scaled");
        expect(wrong.stderr).toMatch(/--arg x: the list has the shape \[1, 3\].*\n.*holds the 2 lanes/);
        expect(wrong.status).toBe(1);
    });

    test("takes a code object as well", () => {
        expect(workplace.soma(["build", SAXPY, "--target", "gfx1100", "-o", "saxpy.hsaco"])).toMatchObject({
            status: 0,
        });
        const { status, stdout } = run("saxpy.hsaco", ["a=0x10", "x=fill(0.5,4)", "y=zeros(4)"], "--print", "y");
        expect(stdout).toBe("8, 8, 8, 8\n");
        expect(status).toBe(0);
    });

    test("keeps every bit of 64, in scalars, views and files", () => {
        const big = 0x7fff_ffff_ffff_fff1n;
        const bytes = new Uint8Array(BigInt64Array.of(big, -big).buffer);
        writeFileSync(workplace.path("x.npy"), writeNpy({ type: "i64", shape: [2], bytes }));
        const copied = run(
            "kernels.soma",
            ["x=x.npy", "y=zeros(2)"],
            "--kernel",
            "copy_i64",
            "--print",
            "y",
            "--dump",
            "y=y.npy",
        );
        expect(copied).toMatchObject({ status: 0, stdout: `${big}, ${-big}\n` });
        expect(readNpy(readFileSync(workplace.path("y.npy")))).toMatchObject({ type: "i64", shape: [2] });
        expect(readFileSync(workplace.path("y.npy")).equals(readFileSync(workplace.path("x.npy")))).toBe(true);

        const scaled = run(
            "kernels.soma",
            ["k=255", "on=true", "big=0xffffffffffff0000", "x=range(3)", "y=zeros(3)"],
            "--kernel",
            "scale",
            "--print",
            "y",
        );
        const expected = [0n, 1n, 2n].map((x) => BigInt.asUintN(64, x * 255n + 0xffff_ffff_ffff_0000n));
        expect(scaled).toMatchObject({ status: 0, stdout: `${expected.join(", ")}\n` });
    });

    test("shows f16 and bool as they are", () => {
        const halves = run("kernels.soma", ["x=fill(0.1,2)", "y=zeros(2)"], "--kernel", "double_f16", "--print", "y");
        expect(halves).toMatchObject({ status: 0, stdout: "0.2, 0.2\n" });
        const bools = run(
            "kernels.soma",
            ["x=fill(true,2)", "y=fill(true,2)"],
            "--kernel",
            "invert",
            "--print",
            "x",
            "--print",
            "y",
        );
        expect(bools).toMatchObject({ status: 0, stdout: "# x\ntrue, true\n# y\nfalse, false\n" });
    });

    test("allocates an output that is not given, and prints and writes it", () => {
        const source = "kernel twice(x: f32[n], y: mut f32[n]) over i in n { y[i] = 2.0 * x[i] }\n";
        writeFileSync(workplace.path("twice.soma"), source);
        const { status, stdout, stderr } = run("twice.soma", ["x=range(3)"], "--print", "y", "--dump", "y=twice.npy");
        expect(stdout).toBe("0, 2, 4\n");
        expect(stderr).not.toContain("warning");
        expect(readNpy(readFileSync(workplace.path("twice.npy")))).toMatchObject({ type: "f32", shape: [3] });
        expect(status).toBe(0);
    });

    test("says before it runs that it can't write structures", () => {
        const source = "struct P { a: f32 }\nkernel k(x: f32[n], p: mut P[n]) over i in n { p[i] = P(a: x[i]) }\n";
        writeFileSync(workplace.path("structs.soma"), source);
        const { status, stderr } = run("structs.soma", ["x=range(3)"], "--print", "p");
        expect(stderr).toMatch(/^error: --print p: p is of the structure P, which the command line can't write/);
        expect(status).toBe(1);
    });

    test("prints rows as lines, and writes files that keep the shape", () => {
        const { status, stdout } = run(
            "kernels.soma",
            ["y=zeros(2x3)"],
            "--kernel",
            "table",
            "--print",
            "y",
            "--dump",
            "y=t.npy",
        );
        expect(stdout).toBe("0, 1, 2\n10, 11, 12\n");
        expect(readNpy(readFileSync(workplace.path("t.npy")))).toMatchObject({ type: "i32", shape: [2, 3] });
        expect(status).toBe(0);
    });

    test("takes a dimension that no view binds by its name", () => {
        const { status, stdout } = run("kernels.soma", ["y=zeros(64)", "g=2"], "--kernel", "groups_of", "--print", "y");
        expect(stdout).toBe(`${Array(64).fill(2).join(", ")}\n`);
        expect(status).toBe(0);
    });

    test("of nothing is fine", () => {
        const { status, stdout } = run(SAXPY, ["a=2", "x=zeros(0)", "y=zeros(0)"], "--print", "y");
        expect(stdout).toBe("(empty)\n");
        expect(status).toBe(0);
    });
});

describe("a mistake is exit code 1, with its cause and nothing on standard output", () => {
    const saxpy = (...args: readonly string[]) => [SAXPY, args] as const;
    const of = (kernel: string, ...args: readonly string[]) => ["kernels.soma", args, "--kernel", kernel] as const;
    test.each([
        [
            "a missing argument",
            saxpy("a=2", "y=zeros(10)"),
            /missing the argument x.*saxpy\(a: f32, x: f32\[n\], y: mut f32\[n\]\)/,
        ],
        ["an unknown argument", saxpy("a=2", "x=range(10)", "y=zeros(10)", "z=1"), /saxpy has no argument z/],
        ["unequal shapes", saxpy("a=2", "x=range(10)", "y=zeros(11)"), /n is 10 in x .*11 in y/],
        ["a wrong rank", saxpy("a=2", "x=range(10)", "y=zeros(2x5)"), /y is mut f32\[n\].*\[2, 5\]/],
        ["a scalar for a view", saxpy("a=2", "x=3", "y=zeros(10)"), /--arg x: x is a view, f32\[n\]/],
        ["a view for a scalar", saxpy("a=zeros(2)", "x=range(2)", "y=zeros(2)"), /--arg a: a is a scalar of type f32/],
        ["a bool for a number", saxpy("a=true", "x=range(2)", "y=zeros(2)"), /--arg a: `true` is not a number/],
        [
            "a number beyond its type",
            saxpy("a=1e39", "x=range(2)", "y=zeros(2)"),
            /--arg a: 1e39 is beyond the largest f32/,
        ],
        [
            "a missing .npy file",
            saxpy("a=1", "x=none.npy", "y=zeros(2)"),
            /cannot read none\.npy: there is no such file/,
        ],
        ["a .npy of another type", saxpy("a=1", "x=x.npy", "y=zeros(2)"), /x\.npy holds i64, and x is f32\[n\]/],
        ["an integer out of range", of("scale", "k=256", "on=true", "big=0", "x=range(1)", "y=zeros(1)"), /k.*u8.*256/],
        ["an unknown kernel", [SAXPY, SAXPY_ARGS, "--kernel", "saxpi"], /has no kernel saxpi.*did you mean saxpy/],
        ["an unknown view", [SAXPY, SAXPY_ARGS, "--print", "a"], /--print a: saxpy has no view a/],
        ["an unknown dump", [SAXPY, SAXPY_ARGS, "--dump", "q=q.npy"], /--dump q: saxpy has no view q/],
        ["an unwritable dump", [SAXPY, SAXPY_ARGS, "--dump", "y=no/such.npy"], /cannot write no\/such\.npy/],
        ["a source with mistakes", ["bad.soma", ["y=zeros(2)"]], /bad\.soma:2:12/],
        ["a missing source", ["none.soma", []], /none\.soma.*there is no such file/],
        ["reading out of bounds", of("past_the_end", "y=zeros(16)"), /past_the_end[\s\S]*kernels\.soma:\d+/],
        ["an endless loop", [...of("forever", "y=zeros(16)"), "--limit", "100000"], /forever/],
        [
            "a launch larger than the device",
            of("groups_of", "y=zeros(1)", "g=9000000000"),
            /groups_of.*9000000000.*device/,
        ],
    ] as const)("%s", (_, [file, args, ...rest], reason) => {
        const { status, stdout, stderr } = run(file, args, ...rest);
        expect(stderr).toMatch(reason);
        expect(stderr).not.toMatch(STACK);
        expect(stdout).toBe("");
        expect(status).toBe(1);
    });

    test("a code object for another target", () => {
        workplace.soma(["build", SAXPY, "--target", "gfx90a", "-o", "other.hsaco"]);
        const { status, stderr } = run("other.hsaco", SAXPY_ARGS);
        expect(stderr).toMatch(/other\.hsaco is compiled for gfx90a.*gfx1100/);
        expect(status).toBe(1);
    });

    test("a device that does not exist", () => {
        const { status, stderr } = workplace.soma(["run", SAXPY, "--device", "gtx"]);
        expect(stderr).toMatch(/no device "gtx"/);
        expect(status).toBe(1);
    });
});

test("several kernels and no --kernel is wrong usage that lists them", () => {
    const { status, stderr } = run("kernels.soma", []);
    expect(stderr).toMatch(/several kernels[\s\S]*--kernel: copy_i64, double_f16/);
    expect(status).toBe(2);
});

test("devices lists the virtual GPU", () => {
    const { status, stdout } = workplace.soma(["devices"]);
    expect(stdout).toMatch(/^vgpu:gfx1100 +gfx1100 +\S/m);
    expect(stdout).toMatch(/^hip/m);
    expect(status).toBe(0);
});
