// The sweep over all of f32 counts its arguments, goes on where it stopped, and forgets what another code object gave.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../cli/soma.js";

const SLICE = 2 ** 24;
const folder = mkdtempSync(join(tmpdir(), "soma-whole-"));
const results = join(folder, "results.txt");

beforeAll(() => {
    execFileSync(process.execPath, [join(ROOT, "dist/test/stdlib/whole/pack.js"), "--out", folder, "rsqrt"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sweep(...args: readonly string[]) {
    const { status, stdout } = spawnSync("bash", [join(folder, "run.sh"), "--jobs", "1", ...args], {
        encoding: "utf8",
    });
    return { status, words: stdout.trim().split(",") };
}

it("goes on where it stopped", () => {
    expect(sweep("--minutes", "0.0001", "rsqrt")).toMatchObject({
        status: 3,
        words: ["rsqrt", expect.stringMatching(/^\d\.\d{3}$/), String(SLICE)],
    });
    expect(sweep("--minutes", "0.0001")).toMatchObject({
        status: 3,
        words: ["rsqrt", expect.stringMatching(/^\d\.\d{3}$/), String(2 * SLICE)],
    });
    const lines = readFileSync(results, "utf8").trim().split("\n");
    expect(lines.map((line) => line.split(" ")[2])).toEqual(["0", "1"]);
});

it("tells an error beyond the bound, and one of another code object", () => {
    const [, code] = readFileSync(results, "utf8").split(" ");
    const slices = Array.from({ length: 256 }, (_, slice) => slice);
    const write = (hash: string | undefined) =>
        writeFileSync(
            results,
            slices.map((slice) => `rsqrt ${hash} ${slice} ${slice === 7 ? "inf" : 0.5} 3f800000\n`).join(""),
        );
    write(code);
    expect(sweep()).toEqual({ status: 1, words: ["rsqrt", "inf", String(2 ** 32)] });
    write("0123456789abcdef");
    expect(sweep("--minutes", "0.0001")).toMatchObject({
        status: 3,
        words: ["rsqrt", expect.stringMatching(/^\d\.\d{3}$/), String(SLICE)],
    });
});

it("refuses what it doesn't know", () => {
    expect(sweep("sine").status).toBe(2);
    expect(sweep("--minutes", "-1").status).toBe(2);
});
