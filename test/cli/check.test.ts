// soma check: diagnostics as text and as JSON, of one file and several.

import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sample, Workplace } from "./soma.js";

const workplace = new Workplace();
beforeAll(() => {
    writeFileSync(workplace.path("good.soma"), "kernel zero(y: mut f32[n]) over i in n { y[i] = 0.0 }\n");
    writeFileSync(workplace.path("bad.soma"), "kernel zero(y: mut f32[n]) over i in n {\n    y[i] = nothing\n}\n");
    writeFileSync(workplace.path("binary.soma"), Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe]));
    mkdirSync(workplace.path("folder.soma"));
    linkSync(workplace.path("good.soma"), workplace.path("again.soma"));
});
afterAll(() => workplace[Symbol.dispose]());

describe("as text", () => {
    test("a file without mistakes says nothing", () => {
        expect(workplace.soma(["check", "good.soma"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
        expect(workplace.soma(["check", sample("saxpy.soma")])).toMatchObject({ status: 0, stdout: "", stderr: "" });
    });

    test("a mistake is shown where it is, without colour in a pipe", () => {
        const { status, stdout, stderr } = workplace.soma(["check", "good.soma", "bad.soma"]);
        expect(stderr).toMatch(/E\d{4}/);
        expect(stderr).toMatch(/bad\.soma:2:12/);
        expect(stderr).toMatch(/y\[i\] = nothing\n.*\^{7}/);
        expect(stderr).toMatch(/\n1 error\n$/);
        expect(stderr).not.toContain("\u001b");
        expect(stdout).toBe("");
        expect(status).toBe(1);
    });

    test.each([
        ["missing.soma", /cannot read missing.soma: there is no such file/],
        ["folder.soma", /cannot read folder.soma: it is a folder/],
        ["good.soma/x", /cannot read good.soma\/x: a part of its path is no folder/],
        ["binary.soma", /cannot read binary.soma: it is not UTF-8 text/],
    ])("%s cannot be read", (file, reason) => {
        const { status, stderr } = workplace.soma(["check", file]);
        expect(stderr).toMatch(reason);
        expect(status).toBe(1);
    });

    test("a target chooses what is checked; one that isn't there is said once", () => {
        const text =
            "kernel zero(y: mut f32[n]) over i in n { if const target.has_mfma { y[i] = nothing } else { y[i] = 0.0 } }\n";
        writeFileSync(workplace.path("mfma.soma"), text);
        expect(workplace.soma(["check", "mfma.soma"])).toMatchObject({ status: 0, stderr: "" });
        expect(workplace.soma(["check", "mfma.soma", "--target", "gfx1201"])).toMatchObject({ status: 0, stderr: "" });
        const { status, stderr } = workplace.soma(["check", "mfma.soma", "--target", "gfx942"]);
        expect(stderr).toMatch(/E0201.*`nothing`/);
        expect(status).toBe(1);
        const unknown = workplace.soma(["check", "good.soma", "mfma.soma", "--target", "gfx9999"]);
        expect(unknown.stderr).toMatch(/^error\[E1001\][^\n]*gfx9999[\s\S]*\n1 error\n$/);
        expect(unknown.stderr).not.toContain("-->");
        expect(unknown.status).toBe(1);
    });

    test("a file that cannot be read does not hide the others' mistakes", () => {
        const { status, stderr } = workplace.soma(["check", "missing.soma", "bad.soma"]);
        expect(stderr).toMatch(/there is no such file[\s\S]*bad\.soma:2:12/);
        expect(status).toBe(1);
    });
});

describe("as JSON", () => {
    test("nothing wrong is an empty array", () => {
        const { status, stdout, stderr } = workplace.soma(["check", "--json", "good.soma", "again.soma"]);
        expect(JSON.parse(stdout)).toEqual([]);
        expect(stderr).toBe("");
        expect(status).toBe(0);
    });

    test("every mistake of every file is an entry with its code and place", () => {
        const { status, stdout, stderr } = workplace.soma(["check", "--json", "bad.soma", "good.soma"]);
        const diagnostics: unknown = JSON.parse(stdout);
        expect(diagnostics).toHaveLength(1);
        expect(diagnostics).toMatchObject([{ code: expect.stringMatching(/^E\d{4}$/), severity: "error" }]);
        expect(stdout).toContain("bad.soma");
        expect(stderr).toBe("");
        expect(status).toBe(1);
    });
});
