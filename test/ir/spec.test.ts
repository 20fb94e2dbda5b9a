// spec/ir.md has the op table as it is. `SOMA_BLESS=1` writes it anew.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentOps } from "../../compiler/ir/document.js";
import { packageRoot } from "../../compiler/shell/package-root.js";

const FILE = join(packageRoot(), "spec", "ir.md");
const GENERATED = /(<!-- generated [^\n]* -->\n)[\s\S]*(<!-- end -->)/;

test("the specification lists the operations of the table", () => {
    const text = readFileSync(FILE, "utf8");
    const current = text.replace(GENERATED, (_all, start: string, end: string) => `${start}\n${documentOps()}\n${end}`);
    if (process.env.SOMA_BLESS) writeFileSync(FILE, current);
    else expect(text).toBe(current);
});
