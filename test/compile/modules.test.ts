// Where imported modules come from: the package's library, and files beside the importing one.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { check } from "../../compiler/driver.js";
import { loadModule } from "../../compiler/shell/modules.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "soma-modules-")));

function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
}

beforeAll(() => {
    mkdirSync(join(folder, "lib"));
    mkdirSync(join(folder, "folder.soma"));
    writeFileSync(join(folder, "lib", "shapes.soma"), 'import "../sides.soma" { SIDES }\npub const CORNERS = SIDES\n');
    writeFileSync(join(folder, "sides.soma"), "pub const SIDES = 4\n");
    // A store as pnpm makes it: `shapes` is a link, and what `shapes` imports lies beside where it really is.
    write(
        "store/shapes/lib/area.soma",
        'import "@house/units/units.soma" { UNIT }\npub fn area(x: f32) -> f32 { x * UNIT }\n',
    );
    write("store/node_modules/@house/units/units.soma", "pub const UNIT: f32 = 3.0\n");
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(folder, "store", "shapes"), join(folder, "node_modules", "shapes"));
    write("app/node_modules/near/near.soma", "pub const N = 1\n");
    write("node_modules/near/near.soma", "pub const N = 2\n");
    write("node_modules/near/far.soma", "pub const N = 3\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const importer = (text: string) => ({ path: join(folder, "main.soma"), text });

describe("imports", () => {
    test("of files are relative to the importing file", () => {
        const text = 'import "./lib/shapes.soma" { CORNERS }\nkernel k(y: mut i32[n]) over i in n { y[i] = CORNERS }\n';
        expect(check(importer(text), loadModule)).toEqual([]);
    });

    test("of packages are found in the node_modules of the importing file's folder and of those above", () => {
        const main = { path: join(folder, "app", "src", "main.soma"), text: "" };
        const text =
            'import "shapes/lib/area.soma" { area }\nkernel k(y: mut f32[n]) over i in n { y[i] = area(y[i]) }\n';
        expect(check({ ...main, text }, loadModule)).toEqual([]);
        expect(loadModule("near/near.soma", main)?.text).toBe("pub const N = 1\n");
        expect(loadModule("near/far.soma", main)?.text).toBe("pub const N = 3\n");
        expect(loadModule("shapes/lib/area.soma", main)?.path).toBe(join(folder, "store/shapes/lib/area.soma"));
    });

    test("of packages are named from the working directory where the importing file is", () => {
        const path = relative(process.cwd(), join(folder, "app", "main.soma"));
        const module = loadModule("near/near.soma", { path, text: "" });
        expect(module?.path).toBe(relative(process.cwd(), join(folder, "app/node_modules/near/near.soma")));
    });

    test.each([
        "shapes/none.soma",
        "none/area.soma",
        "shapes",
        "shapes/../near/near.soma",
        "@house/units/units.soma",
        "shapes/\0.soma",
    ])("%s is no module of an installed package", (name) => expect(loadModule(name, importer(""))).toBeUndefined());

    test.each([
        "./missing.soma",
        "./\0.soma",
        "./folder.soma",
        "./sides.soma/x.soma",
        "sides.soma",
        "/etc/hostname",
        "std.missing",
    ])("%s is no module", (name) => {
        expect(loadModule(name, importer(""))).toBeUndefined();
    });
});
