// soma explain, the specification's list of diagnostics, and --deny warnings.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { referenceDocument } from "../../compiler/cli/reference.js";
import { ENTRIES } from "../../compiler/diagnostics/catalogue/index.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { ROOT, Workplace } from "./soma.js";

const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

describe("soma explain", () => {
    test("of a code: title, explanation, an example, and what the compiler says about it", () => {
        const { status, stdout } = workplace.soma(["explain", "e0204"]);
        expect(status).toBe(0);
        expect(stdout).toMatch(/^error\[E0204\]: name declared twice\n/);
        expect(stdout).toContain("    fn f(a: f32, a: f32) -> f32 { a }\n");
        expect(stdout).toMatch(/help: rename one of the two/);
    });

    test("without a code: all of them", () => {
        const { status, stdout } = workplace.soma(["explain"]);
        expect(status).toBe(0);
        expect(stdout.trimEnd().split("\n")).toHaveLength(ENTRIES.length);
    });

    test("of an unknown code: which there are", () => {
        const { status, stderr } = workplace.soma(["explain", "E204"]);
        expect(status).toBe(1);
        expect(stderr).toContain("there is no diagnostic E204");
        expect(stderr).toContain("did you mean E0");
    });
});

test("the specification lists the catalogue as it is", () => {
    const file = join(ROOT, "spec", "diagnostics.md");
    const current = referenceDocument(loadModule);
    for (const { code } of ENTRIES) expect(current).toContain(`## ${code}: `);
    if (process.env.SOMA_BLESS) writeFileSync(file, current);
    else expect(readFileSync(file, "utf8")).toBe(current);
});

describe("--deny warnings", () => {
    const text = "kernel zero(y: mut f32[n]) over i in n {\n    let a = 1.0\n    y[i] = 0.0\n}\n";
    writeFileSync(workplace.path("warned.soma"), text);

    test("soma check fails on a warning", () => {
        expect(workplace.soma(["check", "warned.soma"]).status).toBe(0);
        const { status, stderr } = workplace.soma(["check", "--deny", "warnings", "warned.soma"]);
        expect(stderr).toContain("error[W0201]");
        expect(status).toBe(1);
    });

    test("soma build writes nothing", () => {
        const build = ["build", "warned.soma", "--target", "gfx1100", "--emit", "ir", "-o", "warned.ir"];
        expect(workplace.soma([...build, "--deny", "warnings"]).status).toBe(1);
        expect(existsSync(workplace.path("warned.ir"))).toBe(false);
        expect(workplace.soma(build).status).toBe(0);
        expect(existsSync(workplace.path("warned.ir"))).toBe(true);
    });
});
