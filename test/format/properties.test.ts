// Properties over all programs at hand and what seeded mutations make of them: formatting twice changes nothing, and the
// syntax tree and the comments are the ones there were.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { format } from "../../compiler/format/format.js";
import { lex } from "../../compiler/syntax/lexer.js";
import { parse } from "../../compiler/syntax/parse.js";
import { withoutAnnotations } from "../golden/annotate.js";
import { mutate, random } from "../syntax/mutations.js";
import { shapeOf } from "../syntax/trees.js";

const ROOT = new URL("../../", import.meta.url);

function programsIn(folder: string): (readonly [string, string])[] {
    return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".soma"))
        .map((name) => [`${folder}${name}`, readFileSync(new URL(folder + name, ROOT), "utf8")] as const);
}

const OURS = ["samples/", "stdlib/", "test/golden/ir/"].flatMap(programsIn);
const BROKEN = programsIn("test/golden/diagnostics/").map(([name, text]) => [name, withoutAnnotations(text)] as const);

function commentsOf(text: string): string[] {
    return [...text.matchAll(/\/\/.*/g)].map(([comment]) => comment.trimEnd());
}

/** Whether it was formatted at all: what has syntax errors is not. */
function expectFaithful(text: string): boolean {
    const once = format({ path: "test.soma", text });
    if (once.kind === "refused") return false;
    expect(format({ path: "test.soma", text: once.text })).toEqual(once);
    expect(shapeOf(once.text)).toBe(shapeOf(text));
    expect(commentsOf(once.text)).toEqual(commentsOf(text));
    expect(once.text).not.toMatch(/[ \t\r]\n|\n\n\n|^\n|[^\n]$/);
    return true;
}

describe("our own programs are formatted", () => {
    test.each(OURS)("%s", (_name, text) => {
        expect(format({ path: "test.soma", text })).toEqual({ kind: "text", text });
    });
});

test("programs with errors behind the syntax are formatted faithfully", () => {
    const formatted = BROKEN.filter(([, text]) => expectFaithful(text));
    expect(formatted.length).toBeGreaterThan(BROKEN.length / 2);
});

test("whatever spaces there are, the same comes out", () => {
    const pick = random(1);
    for (const [, text] of OURS) {
        const plain = text.replace(/\/\/.*/g, "");
        // Spaces in texts are theirs.
        const scrambled = plain.replace(/"[^"\n]*"| +/g, (all) =>
            all.startsWith(" ") ? " ".repeat(1 + pick(4)) : all,
        );
        const unspaced = plain
            .replace(/("[^"\n]*")| *([-+*/<>=,;:()[\]{}]+) */g, (_all, quoted, sign) => quoted ?? sign)
            .replace(/^ +/gm, "");
        const expected = format({ path: "test.soma", text: plain });
        expect(format({ path: "test.soma", text: scrambled })).toEqual(expected);
        if (shapeOf(unspaced) === shapeOf(plain))
            expect(format({ path: "test.soma", text: unspaced })).toEqual(expected);
    }
});

test("comments and empty lines may stand wherever a line may end", () => {
    const pick = random(2);
    const small = OURS.map(([, text]) => text.replace(/\/\/.*/g, "")).filter((text) => text.length < 4000);
    let inserted = 0;
    for (let round = 0; round < 150; round++) {
        let text = small[pick(small.length)] as string;
        const shape = shapeOf(text);
        const ends = lex(text).tokens.map(({ endOffset = 0 }) => endOffset + 1);
        const places = Array.from({ length: 1 + pick(12) }, () => ends[pick(ends.length)] as number);
        for (const at of places.sort((a, b) => b - a)) {
            const added = [` // note ${at}\n`, `//${at}\n\n// more\n`, "\n\n\n"][pick(3)];
            const next = `${text.slice(0, at)}${added}${text.slice(at)}`;
            const isSame = parse({ path: "test.soma", text: next }).diagnostics.length === 0 && shapeOf(next) === shape;
            if (isSame) [text, inserted] = [next, inserted + 1];
        }
        expect(expectFaithful(text)).toBe(true);
    }
    expect(inserted).toBeGreaterThan(300);
});

test("mutated programs are formatted faithfully", () => {
    const small = OURS.filter(([, text]) => text.length < 4000).map(([, text]) => text);
    let formatted = 0;
    for (let seed = 0; seed < 600; seed++) {
        if (expectFaithful(mutate(small[seed % small.length] as string, seed))) formatted++;
    }
    expect(formatted).toBeGreaterThan(40);
});
