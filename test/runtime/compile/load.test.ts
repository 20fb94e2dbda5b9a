import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import {
    ArgumentError,
    CompileError,
    type Gpu,
    keepCompiled,
    open,
    ShapeError,
    type Subscription,
    telemetry,
} from "../../../runtime/index.js";

const folder = mkdtempSync(join(tmpdir(), "soma-load-"));
const told: string[] = [];
let gpu: Gpu;
let subscription: Subscription;

beforeEach(async () => {
    gpu = await open("vgpu:gfx1100");
    told.length = 0;
    subscription = telemetry.subscribe((event) => {
        if (event.kind === "compile") told.push("compile");
        if (event.kind === "cache-hit") told.push(event.where);
    });
    keepCompiled(1000);
});
afterEach(() => {
    subscription.stop();
    gpu.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
}

const SOURCE = `
const ROUNDS: index = 1
kernel fill_with<const STEP: index = 10>(x: mut f32[n, k]) over i in n {
    for j in 0 .. k { x[i, j] = (i * STEP + j * ROUNDS) as f32 }
}`;

describe("loading source at run time", () => {
    it("compiles for the constants and dimensions that are given, and for those alone", async () => {
        const path = write("fill.soma", SOURCE);
        const x = gpu.tensor("f32", [2, 3]);
        const { fill_with } = await gpu.load<"fill_with">(path);
        await fill_with({ x });
        expect([...(await x.read())]).toEqual([0, 1, 2, 10, 11, 12]);

        const special = await gpu.load<"fill_with">(path, { const: { STEP: 100, ROUNDS: 2n }, dims: { k: 3 } });
        await special.fill_with({ x });
        expect([...(await x.read())]).toEqual([0, 2, 4, 100, 102, 104]);
        expect(special.manifest.kernels[0]?.dims).toEqual(["n"]);
        const narrow = gpu.tensor("f32", [2, 2]);
        await expect(special.fill_with({ x: narrow })).rejects.toThrow(ShapeError);
        await expect(special.fill_with({ x: narrow })).rejects.toThrow(/must have 3 elements along axis 1, not 2/);
        await fill_with({ x: narrow });
    });

    it("refuses values for what isn't there, and values that are none", async () => {
        const source = { source: SOURCE };
        await expect(gpu.load(source, { const: { STEPS: 1 } })).rejects.toThrow(CompileError);
        await expect(gpu.load(source, { dims: { m: 1 } })).rejects.toThrow(
            /no kernel of the module has a dimension `m`/,
        );
        await expect(gpu.load(source, { const: { STEP: "1" as never } })).rejects.toThrow(ArgumentError);
        await expect(gpu.load(source, { const: 7 as never })).rejects.toThrow(/takes values by name/);
    });

    it("compiles once what is asked for twice at once, or again", async () => {
        const source = { source: `${SOURCE}\n// ${Math.random()}` };
        await Promise.all([gpu.load(source), gpu.load(source), gpu.load(source)]);
        expect(told.filter((where) => where === "compile")).toHaveLength(1);
        told.length = 0;
        await gpu.load(source);
        await gpu.load(source, { const: { STEP: 11 } });
        await gpu.load(source, { const: { STEP: 11 } });
        expect(told).toEqual(["module", "compile", "module"]);
    });

    it("keeps the most recently used", async () => {
        keepCompiled(2);
        const load = (step: number) => gpu.load({ source: SOURCE }, { const: { STEP: step } });
        for (const step of [1, 2, 1, 3, 1, 2]) await load(step);
        expect(told.map((where) => where === "module")).toEqual([false, false, true, false, true, false]);
        expect(() => keepCompiled(-1)).toThrow(ArgumentError);
    });

    it("compiles anew when an import has changed", async () => {
        const library = write("library.soma", "pub fn value() -> f32 { 1.0 }\n");
        const main = write(
            "main.soma",
            'import "./library.soma" { value }\nkernel set(x: mut f32[n]) over i in n { x[i] = value() }\n',
        );
        const x = gpu.tensor("f32", [1]);
        const run = async () => {
            const { set } = await gpu.load<"set">(main);
            await set({ x });
            return (await x.read())[0];
        };
        expect(await run()).toBe(1);
        expect(await run()).toBe(1);
        writeFileSync(library, "pub fn value() -> f32 { 2.0 }\n");
        expect(await run()).toBe(2);
        expect(told).toEqual(["compile", "module", "compile"]);
    });

    it("gives code that the caller may change", async () => {
        const first = await gpu.load({ source: SOURCE });
        first.codeObject.fill(0);
        await gpu.load({ source: SOURCE });
    });
});
