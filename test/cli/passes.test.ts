// soma build: looking at the passes over the IR, and leaving one out.

import { afterAll, expect, test } from "vitest";
import { sample, Workplace } from "./soma.js";

const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

function build(...flags: readonly string[]) {
    return workplace.soma(["build", sample("saxpy.soma"), "--target", "gfx1100", "--emit", "ir", "-o", "-", ...flags]);
}

test("a pass can be left out", () => {
    expect(build("--verify")).toMatchObject({ status: 0, stdout: expect.stringContaining(": u32 = add") });
    expect(build("--verify", "--disable", "narrow")).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(": index = add"),
    });
});

test("the IR after a pass and the time of all go to standard error", () => {
    const { status, stdout, stderr } = build("--print-after", "narrow", "--time-passes");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^kernel @saxpy/);
    expect(stderr).toMatch(/\/\/ after narrow\nkernel @saxpy/);
    expect(stderr).toMatch(/ ms {2}pass dead-code\n/);
});

test.each(["--disable", "--print-after"])("%s of an unknown pass names those there are", (flag) => {
    expect(build(flag, "speed")).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/no pass speed(?:.|\n)*fold, bounds, coarsen, .*narrow, .*dead-code/),
    });
});
