// The cache as processes share it: `soma build` with one folder of entries.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { MAIN, sample } from "../cli/soma.js";

const folder = mkdtempSync(join(tmpdir(), "soma-cache-processes-"));
const cache = join(folder, "cache");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function build(output: string): Promise<Buffer> {
    const path = join(folder, output);
    const child = spawn(process.execPath, [MAIN, "build", sample("saxpy.soma"), "--target", "gfx1100", "-o", path], {
        env: { ...process.env, SOMA_CACHE: cache },
        stdio: "inherit",
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(0);
    return readFileSync(path);
}

it("gives the same bytes to processes at once, to later ones, and after damage", async () => {
    const [first, ...others] = await Promise.all(["a", "b", "c"].map(build));
    const entries = readdirSync(cache);
    expect(entries).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const entry = join(cache, entries[0] ?? "");
    const stored = readFileSync(entry);
    for (const other of others) expect(other).toEqual(first);

    await expect(build("d")).resolves.toEqual(first);
    expect(readFileSync(entry)).toEqual(stored);

    writeFileSync(entry, stored.subarray(0, 1000));
    await expect(build("e")).resolves.toEqual(first);
    expect(readFileSync(entry)).toEqual(stored);
});
