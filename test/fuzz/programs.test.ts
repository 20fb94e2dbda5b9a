// A small fixed part of what `npm run fuzz:programs` searches.

import { expect, test } from "vitest";
import { parseModule } from "../../compiler/ir/parse.js";
import { printModule } from "../../compiler/ir/print.js";
import { lowered } from "../ir/programs.js";
import { testGpu } from "../run/harness.js";
import { sourceOf } from "./compare.js";
import { generate } from "./programs.js";
import { search, tapeOf } from "./search.js";

test("generated programs do on the device what the interpreter does", async () => {
    const { ran, findings } = await search(await testGpu(), { seed: 1, count: 150, batch: 25 });
    expect(findings.map(({ message, source }) => `${message}\n${source}`)).toEqual([]);
    expect(ran).toBeGreaterThan(100);
});

test("the text of generated programs' IR is read back", () => {
    const programs = Array.from({ length: 100 }, (_, at) => generate(tapeOf(1000 + at), `k${at}`));
    const text = printModule(lowered(sourceOf(programs)));
    const { module } = parseModule({ path: "generated.ir", text });
    expect(module && printModule(module)).toBe(text);
});
