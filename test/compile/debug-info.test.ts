// DWARF, as LLVM's own tool reads it: lines and inlining at every level, variables where nothing is optimised.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";

const PROGRAM = `fn twice(v: f32) -> f32 {
    let double = v + v
    double
}
kernel sums(a: f32, flag: bool, x: f32[n], y: mut f32[n]) over i in n {
    let first = x[i]
    var total = first * a
    for k in 0 .. 4 {
        let part = total * (k as f32)
        total += twice(part)
    }
    var last: i32 = 3
    let zero = last - 3
    if flag { last = zero }
    y[i] = total + (last as f32)
}
`;

/** What llvm-dwarfdump prints of the program's code. */
async function dwarf(optimisation: 0 | 1 | 2 | 3, ...args: readonly string[]): Promise<string> {
    const options = { target: "gfx1100", optimisation };
    const source = { path: "sums.soma", text: PROGRAM };
    const { output, diagnostics } = await compile(source, () => undefined, loadCodegen(), options);
    expect(diagnostics).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), "soma-dwarf-"));
    try {
        writeFileSync(join(folder, "sums.hsaco"), output ?? new Uint8Array());
        return execFileSync(llvmTool("llvm-dwarfdump"), [...args, join(folder, "sums.hsaco")]).toString();
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const LEVELS = [0, 1, 2, 3] as const;

it.each(LEVELS)("verifies, with lines and what was inlined where, at level %d", async (level) => {
    expect(await dwarf(level, "--verify")).toContain("No errors.");
    const text = await dwarf(level, "--debug-info", "--debug-line");
    expect(text).toMatch(/version = 0x0005/);
    const [, inlined = ""] = text.split("DW_TAG_inlined_subroutine");
    expect(inlined).toMatch(/DW_AT_abstract_origin\s+\(0x[0-9a-f]+ "twice"\)/);
    expect(inlined).toMatch(/DW_AT_call_file\s+\(".*sums\.soma"\)\s+DW_AT_call_line\s+\(10\)/);
});

/** Lines of an entry that was looked up by a variable's name. */
const entry = (text: string, tag: string) => text.split(/\n\n/).find((part) => part.includes(tag)) ?? "";
const PLACE = /DW_AT_location\s+\(DW_OP_fbreg \+\d+, DW_OP_lit1, DW_OP_swap, DW_OP_xderef\)/;

it.each([
    ["a", "DW_TAG_formal_parameter", 5, "f32"],
    ["flag", "DW_TAG_formal_parameter", 5, "bool"],
    ["x", "DW_TAG_formal_parameter", 5, "f32 *"],
    ["n", "DW_TAG_formal_parameter", 5, "index"],
    ["i", "DW_TAG_variable", 5, "index"],
    ["first", "DW_TAG_variable", 6, "f32"],
    ["total", "DW_TAG_variable", 7, "f32"],
    ["part", "DW_TAG_variable", 9, "f32"],
])("finds %s at level 0, with its place, line and type", async (name, tag, line, type) => {
    const found = entry(await dwarf(0, `--name=${name}`), tag);
    expect(found).toMatch(PLACE);
    expect(found).toMatch(new RegExp(`DW_AT_decl_line\\s+\\(${line}\\)`));
    expect(found).toContain(`"${type}")`);
});

it("tells of no variable that may have a value which was computed for another, and of none in optimised code", async () => {
    expect(entry(await dwarf(0, "--name=last"), "DW_TAG_variable")).toBe("");
    expect(await dwarf(3, "--debug-info")).not.toMatch(/DW_TAG_(?:variable|formal_parameter)/);
});
