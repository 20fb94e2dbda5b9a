// How well the parser goes on behind a mistake: one slip, of a kind that people make, is put into our own right programs,
// and the share of them that gives exactly one error is printed.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lex } from "../../compiler/syntax/lexer.js";
import { check } from "../sema/programs.js";
import { random } from "./mutations.js";

const SAMPLES = new URL("../../samples/aura/", import.meta.url);
const TEXTS = readdirSync(SAMPLES)
    .filter((name) => name.endsWith(".soma"))
    .map((name) => readFileSync(new URL(name, SAMPLES), "utf8"));

/** A kind of slip: which tokens it can happen to, and what it makes of one. */
type Slip = readonly [name: string, at: RegExp, replacement: (image: string) => string];

const SLIPS: readonly Slip[] = [
    ["a bracket left out", /^[()[\]{}]$/, () => ""],
    ["a bracket too many", /^[()[\]{}]$/, (image) => image + image],
    ["a comma left out", /^,$/, () => ""],
    ["a colon left out", /^:$/, () => ""],
    ["a misspelt word", /^(kernel|fn|let|var|for|while|shared|return)$/, (image) => image.slice(0, -1)],
    ["a misspelt name", /^[a-z_]\w{3,}$/, (image) => `${image[1]}${image[0]}${image.slice(2)}`],
    ["an operator left out", /^([-+*/]|=|\+=)$/, () => ""],
    ["an operator too many", /^[*/]$/, (image) => `${image} ${image}`],
    ["a number with a suffix", /^\d+\.\d+$/, (image) => `${image}f`],
    ["a foreign character", /^;?[a-z]\w*$/, (image) => `${image}$`],
];

test("one slip is one error, nearly always", () => {
    const lines: string[] = [];
    let [all, single] = [0, 0];
    for (const [name, at, replacement] of SLIPS) {
        let [tried, one] = [0, 0];
        for (let seed = 0; tried < 60 && seed < 600; seed++) {
            const below = random(seed);
            const text = TEXTS[below(TEXTS.length)] as string;
            const places = lex(text).tokens.filter(({ image }) => at.test(image));
            const place = places[below(Math.max(places.length, 1))];
            if (place === undefined) continue;
            const { startOffset, image } = place;
            const slipped = text.slice(0, startOffset) + replacement(image) + text.slice(startOffset + image.length);
            const errors = check(slipped).diagnostics.filter(({ severity }) => severity === "error").length;
            // Some slips leave a right program, such as a name in a comment's place or one that is declared.
            if (errors === 0) continue;
            tried++;
            if (errors === 1) one++;
        }
        lines.push(`${name}: ${one} of ${tried}`);
        all += tried;
        single += one;
    }
    console.log(`exactly one error: ${single} of ${all} (${((100 * single) / all).toFixed(1)} %)\n${lines.join("\n")}`);
    expect(all).toBeGreaterThan(400);
    expect(single / all).toBeGreaterThan(0.99);
});
