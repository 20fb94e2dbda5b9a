// Every broken program in diagnostics/ has one mistake, and gets exactly one error, in the words and at the place that
// its annotations say. SOMA_BLESS=1 rewrites the annotations.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { computeCall } from "../../compiler/constant-calls.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { annotate, withoutAnnotations } from "./annotate.js";

const FOLDER = new URL("./diagnostics/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".soma"));
const BLESS = process.env.SOMA_BLESS === "1";

describe("broken programs", () => {
    test("there are enough of them", () => {
        expect(FILES.length).toBeGreaterThanOrEqual(60);
    });

    test.each(FILES)("%s", (name) => {
        const file = new URL(name, FOLDER);
        const golden = readFileSync(file, "utf8");
        const text = withoutAnnotations(golden);
        const { diagnostics, program } = checkProgram({ path: name, text }, loadModule, DEFAULT_TARGET, computeCall);
        const annotated = annotate(text, diagnostics);
        if (BLESS) writeFileSync(file, annotated);
        else expect(annotated).toBe(golden);
        expect(diagnostics).toHaveLength(1);
        expect(program === null).toBe(diagnostics[0]?.severity === "error");
    });
});
