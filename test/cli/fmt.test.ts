// soma fmt: files in place, standard input, --check, and what is not touched.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { Workplace } from "./soma.js";

const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

const UGLY = "kernel zero( y:mut f32[n] )over i in n{y[i]=0.0} // all\n";
const PRETTY = "kernel zero(y: mut f32[n]) over i in n { y[i] = 0.0 } // all\n";

function write(name: string, text: string): string {
    writeFileSync(workplace.path(name), text);
    return name;
}

const read = (name: string) => readFileSync(workplace.path(name), "utf8");

describe("soma fmt", () => {
    test("formats files in place, and leaves formatted ones alone", () => {
        const [ugly, pretty] = [write("ugly.soma", UGLY), write("pretty.soma", PRETTY)];
        const before = statSync(workplace.path(pretty)).ino;
        expect(workplace.soma(["fmt", ugly, pretty])).toMatchObject({ status: 0, stdout: "", stderr: "" });
        expect(read(ugly)).toBe(PRETTY);
        expect(statSync(workplace.path(pretty)).ino).toBe(before);
    });

    test("--check names the files that are not formatted and writes nothing", () => {
        const [ugly, pretty] = [write("ugly.soma", UGLY), write("pretty.soma", PRETTY)];
        expect(workplace.soma(["fmt", "--check", pretty])).toMatchObject({ status: 0, stdout: "" });
        expect(workplace.soma(["fmt", "--check", pretty, ugly])).toMatchObject({ status: 1, stdout: "ugly.soma\n" });
        expect(read(ugly)).toBe(UGLY);
    });

    test("formats standard input to standard output", () => {
        expect(workplace.soma(["fmt", "-"], {}, UGLY)).toMatchObject({ status: 0, stdout: PRETTY, stderr: "" });
        expect(workplace.soma(["fmt", "-"], {}, "kernel (")).toMatchObject({ status: 1, stdout: "" });
    });

    test("doesn't touch a file with syntax errors, and goes on with the others", () => {
        const [broken, ugly] = [write("broken.soma", "kernel  zero(\n"), write("ugly.soma", UGLY)];
        const { status, stderr } = workplace.soma(["fmt", broken, "missing.soma", ugly]);
        expect(status).toBe(1);
        expect(stderr).toContain("broken.soma has syntax errors and stays as it is");
        expect(stderr).toContain("cannot read missing.soma");
        expect(stderr).toMatch(/broken\.soma:1:\d+/);
        expect(read(broken)).toBe("kernel  zero(\n");
        expect(read(ugly)).toBe(PRETTY);
    });
});
