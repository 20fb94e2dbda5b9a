// The editor's grammar: it is what the table of tokens makes, and gives the design's programs the right scopes.
// SOMA_BLESS=1 rewrites it.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lex } from "../../compiler/syntax/lexer.js";
import { CONTEXTUAL_WORDS, RESERVED_WORDS } from "../../compiler/syntax/tokens.js";
import { grammarText, type TextMateGrammar } from "../../tools/editor/grammar.js";

const FILE = new URL("../../tools/editor/syntaxes/soma.tmLanguage.json", import.meta.url);
const DESIGN = new URL("../design/", import.meta.url);
const PROGRAMS = readdirSync(DESIGN).map((name) => [name, readFileSync(new URL(name, DESIGN), "utf8")] as const);

test("it is current", () => {
    if (process.env.SOMA_BLESS === "1") writeFileSync(FILE, grammarText());
    else expect(readFileSync(FILE, "utf8")).toBe(grammarText());
});

const { patterns } = JSON.parse(grammarText()) as TextMateGrammar;
const RULES = patterns.map((rule) => ({ ...rule, expression: new RegExp(rule.match, "dgm") }));

interface Scoped {
    readonly text: string;
    readonly scope: string;
}

/** The pieces of a text with their scopes, as a TextMate engine gives them: the earliest match, the first rule of several. */
function scopesOf(text: string): Scoped[] {
    return text.split("\n").flatMap((line) => {
        const pieces: Scoped[] = [];
        for (let at = 0; at < line.length; ) {
            let best: { match: RegExpExecArray; rule: (typeof RULES)[number] } | null = null;
            for (const rule of RULES) {
                rule.expression.lastIndex = at;
                const match = rule.expression.exec(line);
                if (match !== null && (best === null || match.index < best.match.index)) best = { match, rule };
            }
            if (best === null) break;
            const { match, rule } = best;
            if (rule.name !== undefined) pieces.push({ text: match[0], scope: rule.name });
            for (const [group, { name }] of Object.entries(rule.captures ?? {})) {
                if (match[Number(group)] !== undefined)
                    pieces.push({ text: match[Number(group)] as string, scope: name });
            }
            at = match.index + match[0].length;
        }
        return pieces;
    });
}

/** `word/scope` for each piece, scopes without their last part. */
function shown(text: string): string[] {
    return scopesOf(text).map(({ text: piece, scope }) => `${piece}/${scope.replace(/\.soma$/, "")}`);
}

describe.each(PROGRAMS)("%s", (_name, text) => {
    test("is scoped in full", () => {
        const pieces = scopesOf(text).map((piece) => piece.text);
        expect(pieces.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    });

    test("has every reserved word and number as such, and no name", () => {
        const scopes = scopesOf(text).filter(({ scope }) => !scope.startsWith("comment"));
        const reserved = new Set(RESERVED_WORDS);
        for (const { text: piece, scope } of scopes) {
            if (reserved.has(piece)) expect(scope, piece).toMatch(/^(keyword|storage|constant\.language)/);
        }
        const words = lex(text)
            .tokens.map(({ image }) => image)
            .filter((image) => reserved.has(image));
        expect(scopes.map((piece) => piece.text).filter((piece) => reserved.has(piece))).toEqual(words);
        const numbers = lex(text)
            .tokens.map(({ image }) => image)
            .filter((image) => /^\d/.test(image));
        const scoped = scopes.filter(({ scope }) => scope.startsWith("constant.numeric")).map((piece) => piece.text);
        expect(scoped).toEqual(numbers);
    });
});

test("every contextual word of the design's programs is one where it stands", () => {
    const used = new Set(
        PROGRAMS.flatMap(([, text]) => scopesOf(text))
            .filter(({ scope }) => /^keyword\.(other|declaration)\.soma$/.test(scope))
            .map(({ text }) => text),
    );
    const inDesign =
        "over groups workgroup by matrix tile neuron synapse plasticity network port state param trace spike when on refractory bound output population layer connect record of".split(
            " ",
        );
    for (const word of inDesign) expect(used, word).toContain(word);
});

test.each([...CONTEXTUAL_WORDS])("%s as a name is no keyword", (word) => {
    const text = `let ${word} = ${word} + ${word}[1]\n${word} += 2\nf(${word}, ${word})\n`;
    const keywords = scopesOf(text).filter(({ text: piece, scope }) => piece === word && scope.startsWith("keyword"));
    expect(keywords).toEqual([]);
});

describe("a line", () => {
    test.each([
        [
            "v' = (v_rest - v) / 20 ms // decay",
            "v/variable.other '/keyword.operator.derivative =/keyword.operator (/punctuation v_rest/variable.other -/keyword.operator v/variable.other )/punctuation //keyword.operator 20/constant.numeric ms/keyword.other.unit // decay/comment.line.double-slash",
        ],
        [
            "matrix kernel f<T: Float>(a: mut T[n]) over i in n {",
            "matrix/keyword.other kernel/keyword.declaration f/entity.name.function </keyword.operator T/variable.parameter :/punctuation Float/entity.name.type >/keyword.operator (/punctuation a/variable.parameter :/punctuation mut/storage.modifier T/entity.name.type [/punctuation n/variable.other ]/punctuation )/punctuation over/keyword.other i/variable.other in/keyword.other n/variable.other {/punctuation",
        ],
        [
            "spike when v >= v_th { refractory t_ref }",
            "spike/keyword.other when/keyword.other v/variable.other >=/keyword.operator v_th/variable.other {/punctuation refractory/keyword.other t_ref/variable.other }/punctuation",
        ],
        ["#unroll(4)", "#unroll/entity.other.attribute-name (/punctuation 4/constant.numeric )/punctuation"],
        ["let s = 1", "let/storage.type s/variable.other =/keyword.operator 1/constant.numeric"],
    ])("%s", (line, expected) => {
        expect(shown(line).join(" ")).toBe(expected);
    });
});
