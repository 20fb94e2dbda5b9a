// Where imported modules come from: the package's library, and files beside the importing one.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { check } from "../../compiler/driver.js";
import { loadModule } from "../../compiler/shell/modules.js";

const folder = mkdtempSync(join(tmpdir(), "soma-modules-"));
beforeAll(() => {
    mkdirSync(join(folder, "lib"));
    mkdirSync(join(folder, "folder.soma"));
    writeFileSync(join(folder, "lib", "shapes.soma"), 'import "../sides.soma" { SIDES }\npub const CORNERS = SIDES\n');
    writeFileSync(join(folder, "sides.soma"), "pub const SIDES = 4\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const importer = (text: string) => ({ path: join(folder, "main.soma"), text });

describe("imports", () => {
    test("of files are relative to the importing file", () => {
        const text = 'import "./lib/shapes.soma" { CORNERS }\nkernel k(y: mut i32[n]) over i in n { y[i] = CORNERS }\n';
        expect(check(importer(text), loadModule)).toEqual([]);
    });

    test.each(["./missing.soma", "./folder.soma", "./sides.soma/x.soma", "sides.soma", "/etc/hostname", "std.missing"])(
        "%s is no module",
        (name) => {
            expect(loadModule(name, importer(""))).toBeUndefined();
        },
    );
});
