// The generated C header: a HIP C++ program compiled against it launches the kernel; C compilers take it as well.

import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, Workplace } from "../cli/soma.js";

const workplace = new Workplace();
const soma = workplace.soma.bind(workplace);
afterAll(() => workplace[Symbol.dispose]());

const SOURCE = `/// Scales each row by its weight; a comment that ends */ here.
kernel scale(float: f32, v: f32x3, x: mut f32[rows + 1, n], weights: f32[rows], count: u8) over (j in rows, i in n) {
    if count > 0 { x[j, i] = x[j, i] * float * weights[j] + v.x }
}

kernel told(x: mut f16[n * 2 / 2], n_plain: f32[n]) over i in n {
    assert(n_plain[i] >= 0.0, "negative at {}", i)
    x[i] = 0.0
}

struct Inner { a: u8, b: f64 }
struct Body { pos: f32x3, mass: f32, v: f32x4, inner: Inner, t: u16[3] }

kernel weigh(bodies: mut Body[n]) groups g workgroup(64) {
    shared masses: f32[n]
    shared counts: u32[g, 2]
    masses[local_id() % n] = bodies[0].mass
    counts[0, 1] = 1
    barrier()
    bodies[group_id()].mass = masses[0] + counts[0, 1] as f32
}

kernel nothing(x: mut u8[4]) over i in 4 {
    x[i] = 1
}
`;

function compile(compiler: string, ...options: readonly string[]): void {
    execFileSync(compiler, ["-Wall", "-Wextra", "-Werror", ...options], { cwd: workplace.folder, encoding: "utf8" });
}

describe("the C header", () => {
    beforeAll(() => {
        writeFileSync(workplace.path("scale.soma"), SOURCE);
        // The code object is one of a bundle, for the library to find.
        for (const [emit, target] of [
            ["header", "gfx1100"],
            ["hsaco", "gfx942,gfx1100"],
        ] as const) {
            const built = soma(["build", "scale.soma", "--target", target, "--emit", emit]);
            expect(built).toMatchObject({ status: 0, stderr: "" });
        }
    });

    it("is C11 and C++17, alone and included twice", () => {
        writeFileSync(
            workplace.path("twice.c"),
            '#include "scale.h"\n#include "scale.h"\nint main(void) { return 0; }\n',
        );
        copyFileSync(workplace.path("twice.c"), workplace.path("twice.cpp"));
        compile("cc", "-std=c11", "-pedantic", "-Wno-unused-function", "twice.c", "-o", "twice");
        compile("c++", "-std=c++17", "-Wno-unused-function", "twice.cpp", "-o", "twice");
    });

    it("lets a HIP program launch the kernel", () => {
        const abi = ["-I", join(ROOT, "native/vgpu/hip"), "-I", workplace.folder];
        const library = join(ROOT, "build/native");
        const source = join(ROOT, "test/hosts/header.cpp");
        compile(
            "c++",
            "-std=c++20",
            "-Wno-unused-function",
            ...abi,
            source,
            "-o",
            "program",
            `-L${library}`,
            "-lsoma_vgpu",
            `-Wl,-rpath,${library}`,
        );
        const output = execFileSync(workplace.path("program"), {
            cwd: workplace.folder,
            encoding: "utf8",
            env: { ...process.env, SOMA_VGPU: "gfx1100" },
        });
        // x·2·weight + 0.5 in rows 0 to 2; the last row is none of the kernel's.
        expect(output.split("\n")).toEqual([
            "empty 0, negative -1",
            "launch 1",
            "2.5 78.5",
            "820.5 1580.5",
            "16200.5 23800.5",
            "121 159",
            // Five masses of 4 bytes up to 32, and 3 · 2 counts.
            "shared 56",
            "",
        ]);
    });

    it("says what the kernel takes, and where a report buffer goes", () => {
        const text = readFileSync(workplace.path("scale.h"), "utf8");
        expect(text).toContain("const float *weights; /* f32[rows] */");
        expect(text).toContain("float v[3];");
        expect(text).toMatch(/struct soma_told_args \{[^}]*uint16_t \*x;[^}]*void \*soma_reports;/);
        expect(text).not.toContain("ends */ here");
        expect(text).toMatch(
            /struct soma_Body \{\s+float pos\[3\];\s+float mass;\s+float v\[4\];\s+struct soma_Inner inner;/,
        );
    });
});
