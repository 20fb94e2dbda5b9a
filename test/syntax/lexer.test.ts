// The lexer reads what chevrotain's own makes of the same table, for every file of the language here and for cut-up ones.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lexer } from "#chevrotain";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { lex } from "../../compiler/syntax/lexer.js";
import { TOKENS } from "../../compiler/syntax/tokens.js";

const reference = new Lexer(TOKENS, { positionTracking: "onlyOffset", ensureOptimizations: true });

const shown = (
    tokens: readonly { readonly image: string; readonly startOffset: number; tokenType: { name: string } }[],
) => tokens.map(({ image, startOffset, tokenType }) => `${startOffset} ${tokenType.name} ${image}`);

function expectSame(text: string): void {
    const { tokens, groups } = reference.tokenize(text);
    const own = lex(text);
    expect(shown(own.tokens)).toEqual(shown(tokens));
    for (const group of ["docs", "foreign", "blockComments"] as const) {
        expect(shown(own[group])).toEqual(shown(groups[group] ?? []));
    }
}

const FILES = ["samples", "stdlib"].flatMap((folder) =>
    readdirSync(join(packageRoot(), folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".soma"))
        .map((file) => join(folder, file)),
);

test.each(FILES)("%s", (file) => {
    const text = readFileSync(join(packageRoot(), file), "utf8");
    expectSame(text);
    // Cut anywhere, comments, texts and numbers begin and end in odd places.
    for (let at = 1; at < text.length; at += 97)
        expectSame(`${text.slice(at, at + 60)}\r\n${text.slice(at - 1, at + 9)}`);
});

test.each([
    "",
    "\uFEFFlet x = 1",
    "a\u00a0b\u2028c π“d” \uFEFFe é\uFEFF",
    "/// doc\n//// no doc\n// plain\n/* block\n */ /* open",
    'v\' = 1; v\'= x; \'a\' "t\\"e" "open\nimport "./a.soma" { b } "c"',
    "0x1g 0b12 1_000 1.5e-3 1..2 1.x 12abc . .. ... -> - > >>= >> >= <<= :: : @#!~?$`\\\u0000\u007f",
    "inf infx in instance insta self_ forx for Over over",
    "\r\n\r\n\n\r\t \f x",
])("%j", expectSame);
