// Every program of the documents that is said to be right becomes a code object.

import { expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { EXAMPLES } from "../sema/documents.js";

test.each(EXAMPLES.filter(({ expected }) => expected.length === 0))("$document: $text", async ({ text, load }) => {
    const options = { target: "gfx1100", verify: true } as const;
    const result = await compile({ path: "example.soma", text }, load, loadCodegen(), options);
    expect(result.diagnostics).toEqual([]);
    expect(result.output?.length).toBeGreaterThan(0);
});
