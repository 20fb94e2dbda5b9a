// Programs and the IR they become, in one file: the program, then a comment that holds the text of `--emit ir`.
// Those whose names end in `_checked` are compiled with checks of bounds. `npm run bless` writes the comments anew.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";

const FOLDER = join(packageRoot(), "test", "golden", "ir");
const HEADING = "// IR:\n";

test.each(readdirSync(FOLDER))("%s", async (file) => {
    const path = join(FOLDER, file);
    const whole = readFileSync(path, "utf8");
    const [program = ""] = whole.split(HEADING);
    const bounds = /_checked\.soma$/.test(file) ? "checked" : "unchecked";
    const options = { target: "gfx1100", emit: "ir", verify: true, bounds } as const;
    const { output, diagnostics } = await compile({ path: file, text: program }, loadModule, loadCodegen(), options);
    expect(diagnostics).toEqual([]);
    const lines = Buffer.from(output ?? [])
        .toString()
        .trimEnd()
        .split("\n");
    const current = `${program}${HEADING}${lines.map((line) => `// ${line}`.trimEnd()).join("\n")}\n`;
    if (process.env.SOMA_BLESS) writeFileSync(path, current);
    else expect(whole).toBe(current);
});
