// `--source-map`: read back by the reference implementation of source maps.

import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { SourceMapConsumer } from "source-map";
import { expect, it } from "vitest";
import { sourceMap } from "../../compiler/cli/source-map.js";
import { sample, Workplace } from "./soma.js";

/** saxpy.soma's line `y[i] = a * x[i] + y[i]`. */
const LINE =
    readFileSync(sample("saxpy.soma"), "utf8")
        .split("\n")
        .findIndex((line) => line.includes("y[i] = a")) + 1;

it.each([
    ["asm", "gfx1100", "saxpy.s", /v_(?:dual_)?fma/],
    ["llvm", "gfx1100", "saxpy.ll", /call .*@llvm\.fma/],
    ["ptx", "sm_90", "saxpy.ptx", /fma\.rn/],
])("leads from lines of %s for %s to the source's", async (emit, target, file, multiplies) => {
    using place = new Workplace();
    mkdirSync(place.path("src"));
    copyFileSync(sample("saxpy.soma"), place.path("src/saxpy.soma"));
    const { status, stderr } = place.soma([
        ...["build", "src/saxpy.soma", "--target", target, "--emit", emit],
        ...["-o", file, "--source-map", "maps.json"],
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    const lines = readFileSync(place.path(file), "utf8").split("\n");
    const at = lines.findIndex((line) => multiplies.test(line)) + 1;
    expect(at).toBeGreaterThan(0);
    await SourceMapConsumer.with(readFileSync(place.path("maps.json"), "utf8"), null, (map) => {
        const found = map.originalPositionFor({ line: at, column: 0 });
        expect(found).toMatchObject({ source: "src/saxpy.soma", line: LINE });
        // Every place is one of the source, and every mapped line has an instruction.
        const text = map.sourceContentFor("src/saxpy.soma")?.split("\n") ?? [];
        map.eachMapping(({ originalLine, originalColumn, generatedLine }) => {
            expect(text[(originalLine ?? 0) - 1]?.length).toBeGreaterThan(originalColumn ?? 0);
            expect(lines[generatedLine - 1]).toMatch(/^\s+\S/);
        });
        // And back.
        const back = map.allGeneratedPositionsFor({ source: "src/saxpy.soma", line: LINE, column: found.column ?? 0 });
        expect(back.map(({ line }) => line)).toContain(at);
    });
});

it("names sources by their URLs, whatever is in their names", async () => {
    const assembly = '\t.file\t0 "." "a \\"b\\" \\303\\244.soma"\n\t.loc\t0 7 3\n\ts_endpgm\n.Lfunc_end0:\n\ts_nop 0\n';
    const ir =
        ' ret void, !dbg !1\n!1 = !DILocation(line: 7, column: 3, scope: !2)\n!2 = distinct !DISubprogram(name: "k", file: !3)\n!3 = !DIFile(filename: "a \\22b\\22 \\C3\\A4.soma", directory: ".")\n';
    for (const [text, kind, line] of [
        [assembly, "asm", 3],
        [ir, "llvm", 1],
    ] as const) {
        await SourceMapConsumer.with(
            sourceMap(text, kind, "x", (path) => path),
            null,
            (map) => {
                const mapped: unknown[] = [];
                map.eachMapping((each) =>
                    mapped.push([
                        each.generatedLine,
                        decodeURI(each.source ?? ""),
                        each.originalLine,
                        each.originalColumn,
                    ]),
                );
                expect(mapped).toEqual([[line, 'a "b" ä.soma', 7, 2]]);
            },
        );
    }
});

it.each([
    [["--source-map"], "--source-map is for text"],
    [["--source-map", "--emit", "asm", "-o", "-"], "--source-map needs the name of a file"],
])("refuses %j", (args, message) => {
    using place = new Workplace();
    copyFileSync(sample("saxpy.soma"), place.path("saxpy.soma"));
    const { status, stderr } = place.soma(["build", "saxpy.soma", "--target", "gfx1100", ...args]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});
