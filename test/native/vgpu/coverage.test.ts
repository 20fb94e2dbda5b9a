// What the virtual GPU implements of each target's instructions and of HIP's functions: the tables of spec/vgpu.md, asked of
// LLVM's encoder and disassembler (coverage.cpp) and of the header. SOMA_BLESS=1 rewrites them.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../compiler/shell/package-root.js";

const ROOT = packageRoot();
const PAGE = join(ROOT, "spec/vgpu.md");
/** One for each instruction set; the others are siblings with the same instructions. */
const TARGETS = ["gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1151", "gfx1201"] as const;

interface Coverage {
    readonly implemented: number;
    readonly missing: number;
    readonly example: string;
}

function coverageOf(target: string): Map<string, Coverage> {
    const program = join(ROOT, "build/native/vgpu_test");
    const lines = execFileSync(program, ["coverage", target], { encoding: "utf8", maxBuffer: 1 << 24 })
        .trim()
        .split("\n");
    return new Map(
        lines.map((line) => {
            const [mnemonic = "", implemented, missing, example = ""] = line.split("\t");
            return [mnemonic, { implemented: Number(implemented), missing: Number(missing), example }];
        }),
    );
}

const KINDS: readonly (readonly [string, RegExp])[] = [
    ["Scalar", /^s_/],
    ["Compares", /^v_cmpx?_/],
    ["Matrix", /^v_(s?mfma|smfmac|wmma|swmmac)/],
    ["Vector", /^v_/],
    ["LDS", /^ds_/],
    ["Global, flat, scratch and buffer memory", /^(global|flat|scratch|buffer)_/],
];

/** Of a target: how many mnemonics run in all their encodings, and which don't. */
function instructionTables(): string {
    const all = TARGETS.map((target) => [target, coverageOf(target)] as const);
    const of = (coverage: Map<string, Coverage>, pattern: RegExp) =>
        [...coverage].filter(([name]) => KINDS.find(([, kind]) => kind.test(name))?.[1] === pattern);
    const head = `| | ${TARGETS.join(" | ")} |\n|${" --- |".repeat(TARGETS.length + 1)}`;
    const rows = KINDS.map(([title, pattern]) => {
        const cells = all.map(([, coverage]) => {
            const entries = of(coverage, pattern);
            return `${entries.filter(([, { missing }]) => missing === 0).length} of ${entries.length}`;
        });
        return `| ${title} | ${cells.join(" | ")} |`;
    });
    const missing = all.map(([target, coverage]) => {
        const names = [...coverage].filter(([, entry]) => entry.missing > 0);
        const text = names.map(([name, entry]) =>
            entry.implemented === 0 ? `\`${name}\`` : `\`${name}\` (some forms)`,
        );
        return `- **${target}**: ${text.length === 0 ? "nothing" : text.join(", ")}`;
    });
    return [head, ...rows, "", "What is missing:", "", ...missing].join("\n");
}

function functionList(): string {
    const headers = ["hip_abi.h", "hip_programs.h", "hip_pools.h", "hip_graphs.h", "hip_textures.h", "hip_optional.h"];
    const names = headers.flatMap((header) =>
        [
            ...readFileSync(join(ROOT, "native/hip_abi", header), "utf8").matchAll(/^ {4}X\((_{0,2}hip\w+), (?!\d)/gm),
        ].map(([, name]) => `\`${name}\``),
    );
    const variants = readFileSync(join(ROOT, "native/hip_abi/hip_per_thread.h"), "utf8").matchAll(
        /^ {4}X\((\w+), \d/gm,
    );
    for (const [, name] of variants) names.push(`\`${name}_spt\``);
    return [...new Set(names)].sort().join(", ");
}

function expectPart(name: string, text: string): void {
    const page = readFileSync(PAGE, "utf8");
    const begin = `<!-- ${name} -->\n`;
    const end = `<!-- end of ${name} -->`;
    const [before = "", rest = ""] = page.split(begin);
    const [current = "", after = ""] = rest.split(end);
    if (process.env.SOMA_BLESS) writeFileSync(PAGE, `${before}${begin}${text}\n${end}${after}`);
    else expect(current).toBe(`${text}\n`);
}

describe("spec/vgpu.md", () => {
    it("says which instructions are implemented", () => expectPart("instructions", instructionTables()));

    it("says which functions of HIP are there", () => {
        const list = functionList();
        expect(list).toContain("`hipMalloc`");
        expect(list).toContain("`__hipRegisterFatBinary`");
        expect(list).toContain("`hipMemcpy_spt`");
        expectPart("functions", list);
    });
});
