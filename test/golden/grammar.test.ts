// The grammar in the specification is the parser's, and the parser takes whatever it derives. SOMA_BLESS=1 rewrites it.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { format } from "../../compiler/format/format.js";
import { parse } from "../../compiler/syntax/parse.js";
import { random } from "../syntax/mutations.js";
import { shapeOf } from "../syntax/trees.js";
import { type Node, renderGrammar, rulesOf, separatedBy } from "./ebnf.js";

const FILE = new URL("../../spec/language.md", import.meta.url);
const GRAMMAR =
    /(?<=<!-- generated from compiler\/syntax\/parser\.ts: .* -->\n\n```text\n).*?(?=\n```\n\n<!-- end -->)/s;

test("the specification's grammar is the parser's", () => {
    const text = readFileSync(FILE, "utf8");
    expect(text).toMatch(GRAMMAR);
    if (process.env.SOMA_BLESS === "1") {
        writeFileSync(
            FILE,
            text.replace(GRAMMAR, () => renderGrammar()),
        );
    } else expect(GRAMMAR.exec(text)?.[0]).toBe(renderGrammar());
});

const SAMPLES: Readonly<Record<string, readonly string[]>> = {
    Identifier: ["a", "b1", "_c", "layer", "over_", "none"],
    unit: ["ms", "pF"],
    Number: ["0", "1.5", "0xff", "1e-3", "1_000"],
    ModulePath: ['"./a.soma"'],
    Separator: [";", ";\n"],
    BinaryOperator: ["+", "-", "*", "@", "&&", "|", "<<"],
    AssignOperator: ["=", "+=", "<<="],
    PrefixOperator: ["-", "!", "~"],
};

/** A sentence that the grammar derives: choices at random, the fewest words where it is deep already. */
function derive(rules: ReadonlyMap<string, Node>, seed: number): string {
    const below = random(seed);
    const words: string[] = [];
    let budget = 150;
    const all = (nodes: readonly Node[] = [], depth: number) => {
        for (const node of nodes) one(node, depth);
    };
    const repeat = (node: Node, depth: number, least: number) => {
        const separated = separatedBy(node.definition);
        const times = budget < 0 || depth > 40 ? least : least + below(3);
        for (let i = 0; i < times; i++) {
            if (i > 0 && node.separator !== undefined) one(node.separator, depth);
            all(separated ?? node.definition, depth);
            if (separated !== undefined) words.push(";", below(2) === 0 ? ";" : "\n");
        }
    };
    const one = (node: Node, depth: number): void => {
        const { type, name = "", definition } = node;
        if (type === "Terminal") {
            const samples = SAMPLES[node.terminalLabel ?? name];
            const word = samples === undefined ? name.slice(1, -1) : (samples[below(samples.length)] as string);
            budget--;
            if (word === "'") words[words.length - 1] += word;
            else words.push(word);
            // It is a word before a name or a number only.
            if (word === "refractory") words.push("2 *");
        } else if (type === "NonTerminal") {
            // One that begins with `if` or a brace would end at its brace.
            if (name === "expressionStatement") words.push("a +");
            // Neither attributes nor `pub` stand before it.
            if (name === "import") words.length = 0;
            all(rules.get(name)?.definition, depth + 1);
        } else if (type === "Alternation") {
            const choices = (definition ?? []).filter((choice) => choice.definition?.[0]?.name !== "Anything");
            const simple = choices.find((choice) => choice.definition?.[0]?.type === "Terminal");
            const deep = (budget < 0 || depth > 40) && simple !== undefined;
            all((deep ? simple : (choices[below(choices.length)] as Node)).definition, depth);
        } else if (type === "Option") {
            if (below(2) === 1 && budget > 0) all(definition, depth);
        } else repeat(node, depth, type.startsWith("RepetitionMandatory") ? 1 : 0);
    };
    all(rules.get("item")?.definition, 0);
    return words.join(" ");
}

test("whatever the grammar derives is parsed, and printing it and parsing that is the same", () => {
    const rules = rulesOf();
    let parsed = 0;
    for (let seed = 0; seed < 2000; seed++) {
        const text = derive(rules, seed);
        const { diagnostics } = parse({ path: "derived.soma", text });
        // Brackets may be deeper than they may be.
        if (diagnostics.some(({ code }) => code === "E0108")) continue;
        expect(
            diagnostics.map(({ message }) => message),
            text,
        ).toEqual([]);
        // What the formatter prints is the same program, and formatted.
        const printed = format({ path: "derived.soma", text });
        if (printed.kind === "refused") throw new Error(text);
        expect(shapeOf(printed.text), text).toBe(shapeOf(text));
        expect(format({ path: "derived.soma", text: printed.text })).toEqual(printed);
        parsed++;
    }
    expect(parsed).toBeGreaterThan(1900);
});
