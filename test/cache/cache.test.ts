import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cachedCodegen } from "../../compiler/cache/codegen.js";
import { DiskStore } from "../../compiler/cache/disk.js";
import { cacheFolder } from "../../compiler/cache/index.js";
import type { Codegen, CodegenOptions, CodegenResult } from "../../compiler/codegen.js";

const OPTIONS: CodegenOptions = { target: "gfx1100", optimisation: 3, output: "hsaco" };

/** Gives the bytes of what it is asked, and counts how often it is. */
class CountingCodegen implements Codegen {
    calls = 0;

    constructor(readonly version = "22.1.8") {}

    async generate(ir: string, { target, optimisation, output }: CodegenOptions): Promise<CodegenResult> {
        this.calls++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        const messages = [{ severity: "warning", message: "slow", file: "a.soma", line: 3, column: 7 }] as const;
        if (ir === "wrong") return { output: null, messages };
        return { output: Buffer.from(`${ir} ${target} ${optimisation} ${output}`), messages };
    }
}

let folder: string;

beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "soma-cache-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process of its own, as far as the cache is concerned. */
function start(codegen: Codegen, limit = 1e6, build = "1"): Codegen {
    return cachedCodegen(codegen, { store: new DiskStore(join(folder, "entries"), limit), build });
}

function entries(): string[] {
    return readdirSync(join(folder, "entries"));
}

async function text(result: Promise<CodegenResult>): Promise<string> {
    return Buffer.from((await result).output ?? []).toString();
}

describe("a cached code generator", () => {
    it("generates once, for this process and the next, and gives the messages again", async () => {
        const codegen = new CountingCodegen();
        const first = start(codegen);
        const result = await first.generate("ir", OPTIONS);
        expect(result.cached).toBeUndefined();
        await expect(first.generate("ir", OPTIONS)).resolves.toEqual({ ...result, cached: "memory" });
        const again = await start(codegen).generate("ir", OPTIONS);
        expect(again.cached).toBe("disk");
        expect(again.messages).toEqual(result.messages);
        expect(Buffer.from(again.output ?? []).toString()).toBe("ir gfx1100 3 hsaco");
        expect(codegen.calls).toBe(1);
        expect(entries()).toHaveLength(1);
    });

    it("makes one of equal requests at once, and gives each its own bytes", async () => {
        const codegen = new CountingCodegen();
        const cached = start(codegen);
        const results = await Promise.all(Array.from({ length: 8 }, () => cached.generate("ir", OPTIONS)));
        expect(codegen.calls).toBe(1);
        results[0]?.output?.fill(0);
        expect(Buffer.from(results[1]?.output ?? []).toString()).toBe("ir gfx1100 3 hsaco");
        await expect(text(cached.generate("ir", OPTIONS))).resolves.toBe("ir gfx1100 3 hsaco");
    });

    it("tells apart whatever changes the result", async () => {
        const codegen = new CountingCodegen();
        const cached = start(codegen);
        await cached.generate("ir", OPTIONS);
        await cached.generate("ir2", OPTIONS);
        await cached.generate("ir", { ...OPTIONS, target: "gfx942" });
        await cached.generate("ir", { ...OPTIONS, optimisation: 2 });
        await cached.generate("ir", { ...OPTIONS, output: "asm" });
        expect(codegen.calls).toBe(5);
        await start(codegen, 1e6, "another build").generate("ir", OPTIONS);
        expect(codegen.calls).toBe(6);
        const newer = new CountingCodegen("22.1.9");
        await start(newer).generate("ir", OPTIONS);
        expect(newer.calls).toBe(1);
    });

    it("does not keep a failure", async () => {
        const codegen = new CountingCodegen();
        const cached = start(codegen);
        await expect(cached.generate("wrong", OPTIONS)).resolves.toMatchObject({ output: null });
        await expect(cached.generate("wrong", OPTIONS)).resolves.toMatchObject({ output: null });
        expect(codegen.calls).toBe(2);
    });

    it.each([
        ["cut short", (path: string) => truncateSync(path, statSync(path).size - 1)],
        ["empty", (path: string) => truncateSync(path, 0)],
        ["with a bit changed", (path: string) => flipBit(path, 60)],
        ["with its length changed", (path: string) => flipBit(path, 33)],
        ["of another key", (path: string) => writeFileSync(path, readFileSync(join(folder, "entries", other(path))))],
    ])("rebuilds an entry that is %s", async (_, damage) => {
        const codegen = new CountingCodegen();
        await start(codegen).generate("ir", OPTIONS);
        const [name = ""] = entries();
        await start(codegen).generate("other ir", OPTIONS);
        damage(join(folder, "entries", name));
        await expect(text(start(codegen).generate("ir", OPTIONS))).resolves.toBe("ir gfx1100 3 hsaco");
        expect(codegen.calls).toBe(3);
        await start(codegen).generate("ir", OPTIONS);
        expect(codegen.calls).toBe(3);
    });

    it("works without a folder that can be written", async () => {
        writeFileSync(join(folder, "entries"), "a file where the folder should be");
        const codegen = new CountingCodegen();
        await expect(text(start(codegen).generate("ir", OPTIONS))).resolves.toBe("ir gfx1100 3 hsaco");
    });

    it("stays within its limit: the entries that were not used for longest go, and nothing else", async () => {
        const codegen = new CountingCodegen();
        mkdirSync(join(folder, "entries"));
        writeFileSync(join(folder, "entries", "notes.txt"), "x".repeat(5000));
        const abandoned = `.${"0".repeat(64)}.${"0".repeat(12)}.tmp`;
        writeFileSync(join(folder, "entries", abandoned), "half an entry");
        const longAgo = new Date(Date.now() - 10 * 3_600_000);
        utimesSync(join(folder, "entries", abandoned), longAgo, longAgo);

        await start(codegen).generate("used", OPTIONS);
        const [used = ""] = entries().filter((name) => /^[0-9a-f]{64}$/.test(name));
        const size = statSync(join(folder, "entries", used)).size;
        expect(entries()).not.toContain(abandoned);
        const cached = start(codegen, size * 10);
        for (let index = 0; index < 40; index++) {
            await cached.generate(`ir${index}`, OPTIONS);
            for (const name of entries().filter((each) => each !== used)) {
                utimesSync(join(folder, "entries", name), longAgo, longAgo);
            }
            await start(codegen).generate("used", OPTIONS);
        }
        const kept = entries();
        expect(kept).toContain(used);
        expect(kept).toContain("notes.txt");
        expect(kept.length - 1).toBeLessThanOrEqual(11);
        expect(codegen.calls).toBe(41);
    });

    it("forgets the least recently used beyond its capacity", async () => {
        const codegen = new CountingCodegen();
        const cached = cachedCodegen(codegen, { store: undefined, build: "1", capacity: 2 });
        for (const ir of ["a", "b", "a", "c", "a"]) await cached.generate(ir, OPTIONS);
        expect(codegen.calls).toBe(3);
        await cached.generate("b", OPTIONS);
        expect(codegen.calls).toBe(4);
    });
});

describe("the cache's folder", () => {
    it("is SOMA_CACHE, else soma in the user's cache, and may be off", () => {
        expect(cacheFolder({ SOMA_CACHE: "/somewhere", XDG_CACHE_HOME: "/cache" })).toBe("/somewhere");
        expect(cacheFolder({ SOMA_CACHE: "off" })).toBeUndefined();
        expect(cacheFolder({ XDG_CACHE_HOME: "/cache" })).toBe("/cache/soma");
        expect(cacheFolder({ XDG_CACHE_HOME: "relative" })).toMatch(/\.cache.soma$/);
    });
});

function flipBit(path: string, at: number): void {
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
}

function other(path: string): string {
    return entries().find((name) => !path.endsWith(name)) ?? "";
}
