// Builds of the code generator are told apart by their content.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { buildId } from "../../compiler/cache/build-id.js";
import { codegenPath } from "../../compiler/shell/codegen.js";

const folder = mkdtempSync(join(tmpdir(), "soma-build-id-"));
const path = join(folder, "addon.node");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As npm does it: all files of all packages have one time. */
function install(bytes: Uint8Array): void {
    const time = new Date("1985-10-26T08:15:00Z");
    writeFileSync(path, bytes);
    utimesSync(path, time, time);
}

it("is the linker's id", () => {
    const { stdout } = spawnSync(llvmTool("llvm-readelf"), ["--notes", codegenPath()]);
    expect(buildId(codegenPath())).toBe(/Build ID: ([0-9a-f]+)/.exec(stdout.toString())?.[1]);
});

it("tells apart what differs in nothing but its id", () => {
    const first = readFileSync(codegenPath()).subarray(0, 8192);
    install(first);
    const id = buildId(path);
    expect(id).toMatch(/^[0-9a-f]{40}$/);
    const second = Buffer.from(first);
    const at = second.indexOf(Buffer.from(id, "hex"));
    second[at] = (second[at] ?? 0) ^ 1;
    install(second);
    expect(buildId(path)).not.toBe(id);
    install(first);
    expect(buildId(path)).toBe(id);
});

it.each([
    ["a file of another kind", Buffer.from("no ELF file")],
    ["an ELF file that is cut short", readFileSync(codegenPath()).subarray(0, 100)],
    ["nothing", Buffer.alloc(0)],
])("is size and time of %s", (_, bytes) => {
    install(bytes);
    expect(buildId(path)).toBe(`${bytes.length} bytes of ${Date.parse("1985-10-26T08:15:00Z")}`);
});
