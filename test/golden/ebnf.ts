// The parser's grammar, as chevrotain has it, in the notation of the specification. What is there for recovery is left
// out: alternatives that take anything, and the rules that go on behind a mistake.

import type { ISerializedGast } from "#chevrotain";
import { SomaParser } from "../../compiler/syntax/parser.js";
import { TOKENS } from "../../compiler/syntax/tokens.js";
import { UNITS } from "../../compiler/syntax/units.js";

/** chevrotain's serialised productions, as far as they matter here. */
export interface Node {
    readonly type: string;
    readonly name?: string;
    readonly terminalLabel?: string;
    readonly separator?: Node;
    readonly definition?: readonly Node[];
}

interface Rendered {
    readonly text: string;
    /** Whether it needs parentheses beside others, and under `%`. */
    readonly kind: "one" | "sequence" | "choice";
}

const WIDTH = 120;

const TERMINALS = new Map([
    ["Identifier", "name"],
    ["ModulePath", "quoted-path"],
    ["Separator", "separator"],
]);

/** Categories of tokens that the grammar asks for: their members are a production of their own. */
const CATEGORIES = ["BinaryOperator", "AssignOperator", "PrefixOperator"];

/** The productions by name. */
export function rulesOf(): ReadonlyMap<string, Node> {
    const productions: readonly ISerializedGast[] = new SomaParser({ validate: false }).getSerializedGastProductions();
    return new Map((productions as readonly Node[]).map((rule) => [rule.name as string, rule]));
}

export function renderGrammar(): string {
    const rules = rulesOf();
    const seen = new Set(["module"]);
    const productions: [string, string[]][] = [];
    for (const name of seen) {
        const { definition = [] } = rules.get(name) as Node;
        const used: string[] = [];
        const { text, kind } = sequence(definition, rules, used);
        for (const rule of used) seen.add(rule);
        productions.push([kebab(name), kind === "choice" ? choicesOf(definition, rules, text) : [text]]);
    }
    for (const category of CATEGORIES) {
        const members = TOKENS.filter(({ CATEGORIES }) => CATEGORIES?.some(({ name }) => name === category));
        productions.push([kebab(category), [members.map(({ name }) => name).join(" | ")]]);
    }
    const units = Object.values(UNITS).map((names) => names.map((name) => `"${name}"`).join(" | "));
    productions.push(["unit", units]);
    const column = Math.max(...productions.map(([name]) => name.length));
    return productions.map(([name, choices]) => production(name, choices, column)).join("\n");
}

/** On one line if it fits, else each choice on its own. */
function production(name: string, choices: readonly string[], column: number): string {
    const head = name.padEnd(column);
    const line = `${head} = ${choices.join(" | ")} ;`;
    if (line.length <= WIDTH) return line;
    if (choices.length > 1) return `${head} = ${choices.join(`\n${" ".repeat(column)} | `)} ;`;
    const words = (choices[0] as string).split(" ");
    const lines = [`${head} =`];
    for (const word of words) {
        const last = lines.at(-1) as string;
        if (`${last} ${word} ;`.length > WIDTH) lines.push(`${" ".repeat(column + 2)} ${word}`);
        else lines[lines.length - 1] = `${last} ${word}`;
    }
    return `${lines.join("\n")} ;`;
}

function choicesOf(definition: readonly Node[], rules: ReadonlyMap<string, Node>, text: string): string[] {
    const [only] = definition;
    if (definition.length !== 1 || only?.type !== "Alternation") return [text];
    return alternatives(only, rules, []).map((alternative) => alternative.text);
}

function sequence(nodes: readonly Node[], rules: ReadonlyMap<string, Node>, used: string[]): Rendered {
    const parts = nodes.map((node) => render(node, rules, used));
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    const text = parts.map((part) => (part.kind === "choice" ? `( ${part.text} )` : part.text)).join(" ");
    return { text, kind: "sequence" };
}

function alternatives(node: Node, rules: ReadonlyMap<string, Node>, used: string[]): Rendered[] {
    return (node.definition ?? [])
        .filter(({ definition = [] }) => definition[0]?.name !== "Anything")
        .map(({ definition = [] }) => sequence(definition, rules, used));
}

function render(node: Node, rules: ReadonlyMap<string, Node>, used: string[]): Rendered {
    const { type, name = "", definition = [] } = node;
    switch (type) {
        case "Terminal":
            return {
                text: node.terminalLabel ?? TERMINALS.get(name) ?? (name[0] === '"' ? name : kebab(name)),
                kind: "one",
            };
        case "NonTerminal": {
            if (name.startsWith("recovering")) return sequence(rules.get(name)?.definition ?? [], rules, used);
            used.push(name);
            return { text: kebab(name), kind: "one" };
        }
        case "Option":
            return { text: `[ ${sequence(definition, rules, used).text} ]`, kind: "one" };
        case "Repetition": {
            const separated = separatedBy(definition);
            if (separated === undefined) return { text: `{ ${sequence(definition, rules, used).text} }`, kind: "one" };
            return { text: `[ ${list(sequence(separated, rules, used))} % separator ]`, kind: "one" };
        }
        case "RepetitionMandatory": {
            const { text } = sequence(definition, rules, used);
            return { text: `${text} { ${text} }`, kind: "sequence" };
        }
        case "RepetitionWithSeparator":
        case "RepetitionMandatoryWithSeparator": {
            const inner = `${list(sequence(definition, rules, used))} % ${node.separator?.name}`;
            return type === "RepetitionWithSeparator"
                ? { text: `[ ${inner} ]`, kind: "one" }
                : { text: inner, kind: "sequence" };
        }
        case "Alternation": {
            const choices = alternatives(node, rules, used);
            const [only] = choices;
            if (choices.length === 1 && only !== undefined) return only;
            return { text: choices.map(({ text }) => text).join(" | "), kind: "choice" };
        }
        default:
            throw new Error(`a production of another kind: ${type}`);
    }
}

function list({ text, kind }: Rendered): string {
    return kind === "one" ? text : `( ${text} )`;
}

/** What separators stand between, where a repetition is of that and separators. */
export function separatedBy(definition: readonly Node[] = []): readonly Node[] | undefined {
    const [choice] = definition;
    if (choice?.type !== "Alternation" || choice.definition?.length !== 2) return undefined;
    const [first, second] = choice.definition;
    return first?.definition?.[0]?.name === "Separator" ? second?.definition : undefined;
}

function kebab(name: string): string {
    return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
