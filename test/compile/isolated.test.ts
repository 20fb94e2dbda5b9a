import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { readCodeObject } from "../../codeobject/codeobject.js";
import { compileIsolated } from "../../compiler/index.js";
import { Workplace } from "../cli/soma.js";

const SOURCE = 'import "./lib/shapes.soma" { one }\nkernel k(x: mut f32[n]) over i in n { x[i] = one() }\n';
const LIBRARY = { "lib/shapes.soma": "pub fn one() -> f32 { 1.0 }\n" };
const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

describe("an isolated compile", () => {
    it("gives what any other gives, of the modules it is given", async () => {
        const source = { path: "main.soma", text: SOURCE };
        const { output, manifest, diagnostics } = await compileIsolated(source, { target: "gfx1100" }, {}, LIBRARY);
        expect(diagnostics).toEqual([]);
        expect(readCodeObject(output as Uint8Array).manifest).toEqual(manifest);
        const without = await compileIsolated(source, { target: "gfx1100" });
        expect(without.diagnostics[0]?.message).toContain("lib/shapes.soma");
    });

    it("ends at its limits, with a diagnostic", async () => {
        const many = Array.from({ length: 4000 }, (_, i) => `fn f${i}(a: f32) -> f32 { a * ${i}.0 }\n`).join("");
        const source = { path: "main.soma", text: `${many}kernel k(x: mut f32[n]) over i in n { x[i] = f1(x[i]) }` };
        const outcome = async (limits: object) => {
            const { diagnostics, output } = await compileIsolated(source, { target: "gfx1100" }, limits);
            expect(output).toBeNull();
            return diagnostics.map(({ code, message }) => `${code} ${message}`).join();
        };
        expect(await outcome({ sourceLength: 1000 })).toMatch(/^E1010 .* characters, and 1000 are allowed$/);
        expect(await outcome({ milliseconds: 20 })).toBe("E1010 the compile was stopped: it took more than 20 ms");
        expect(await outcome({ memoryBytes: 2 ** 24 })).toMatch(/^E1010 .* more than 16 MiB of memory$/);
    });

    it("is `soma build --isolated`", () => {
        writeFileSync(workplace.path("k.soma"), "kernel k(x: mut f32[n]) over i in n { x[i] = 1.0 }\n");
        const build = ["build", "k.soma", "--target", "gfx1100", "--emit", "asm", "-o", "-"];
        const isolated = workplace.soma([...build, "--isolated"]);
        expect(isolated.status).toBe(0);
        expect(isolated.stdout).toBe(workplace.soma(build).stdout);
        expect(workplace.soma([...build, "--isolated", "--time-passes"]).stderr).toContain("--isolated goes without");
    });
});
