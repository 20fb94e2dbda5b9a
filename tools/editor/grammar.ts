// The editor's grammar (TextMate), made from the compiler's table of tokens: what is a word is said there alone. Its
// expressions mean the same to Oniguruma and to JavaScript: no lookbehind, no flags.

import { CONTEXTUAL_WORDS, RESERVED_WORDS } from "../../compiler/syntax/tokens.js";
import { UNITS } from "../../compiler/syntax/units.js";

interface Rule {
    readonly match: string;
    readonly name?: string;
    readonly captures?: Readonly<Record<string, { readonly name: string }>>;
}

export interface TextMateGrammar {
    readonly name: string;
    readonly scopeName: string;
    readonly fileTypes: readonly string[];
    readonly patterns: readonly Rule[];
}

const NAME = "[A-Za-z_][A-Za-z0-9_]*";

/** What reserved words are beside plain keywords. */
const RESERVED_SCOPES: readonly (readonly [scope: string, words: readonly string[]])[] = [
    ["keyword.control", ["break", "continue", "else", "for", "if", "return", "while"]],
    ["storage.type", ["const", "let", "shared", "var"]],
    ["storage.modifier", ["mut", "pub"]],
    ["constant.language", ["false", "inf", "nan", "true"]],
];

/** What tells a contextual word from a name, where more than a name behind it is needed. */
const CONTEXTS: Readonly<Record<string, string>> = {
    by: `(?=[ \\t]+[^ \\t=+*/%&|^<>.,;:)\\]}!-])`,
    clamp: `(?=[ \\t]+${NAME}[ \\t]+in\\b)`,
    bound: `(?=[ \\t]+${NAME}[ \\t]+in\\b)`,
    connect: `(?=[ \\t]+[^=\\n]*->)`,
    groups: `(?=[ \\t]+[^=\\n]*workgroup)`,
    of: `(?=[ \\t]+${NAME})`,
    on: `(?=[ \\t]+${NAME})`,
    output: `(?=[ \\t]+(?:-[ \\t]*)?[A-Za-z0-9_(])`,
    over: `(?=[ \\t]*\\(|[ \\t]+${NAME})`,
    param: `(?=[ \\t]+${NAME}[ \\t]*:)`,
    port: `(?=[ \\t]+${NAME}[ \\t]*:)`,
    refractory: `(?=[ \\t]+[A-Za-z0-9_])`,
    spike: `(?=[ \\t]+when\\b)|\\bspike(?=[ \\t]*\\{)`,
    state: `(?=[ \\t]+${NAME}[ \\t]*:)`,
    step: `(?=[ \\t]*\\{)`,
    substeps: `(?=[ \\t]+[A-Za-z0-9_])`,
    tile: `(?=[ \\t]+(?!by\\b)${NAME})`,
    when: `(?=[ \\t]+[A-Za-z0-9_(-])`,
    workgroup: `(?=[ \\t]*\\()`,
};

/** Words with the name that they declare, and the scope of the name. */
const DECLARATIONS: readonly (readonly [words: readonly string[], scope: string])[] = [
    [["fn", "instance", "kernel"], "entity.name.function"],
    [["enum", "network", "neuron", "plasticity", "struct", "synapse", "type"], "entity.name.type"],
    [["layer", "population", "stimulus"], "variable.other.declaration"],
];

export function grammarOf(): TextMateGrammar {
    return {
        name: "Soma",
        scopeName: "source.soma",
        fileTypes: ["soma"],
        patterns: [
            { match: "///(?!/).*$", name: "comment.line.documentation.soma" },
            { match: "//.*$", name: "comment.line.double-slash.soma" },
            { match: '"[^"\\n]*"', name: "string.quoted.double.soma" },
            { match: `#[ \\t]*${NAME}`, name: "entity.other.attribute-name.soma" },
            numbers(),
            derivative(),
            ...DECLARATIONS.map(([words, scope]) => declaration(words, scope)),
            { match: `\\b(?:import)\\b`, name: "keyword.control.import.soma" },
            ...RESERVED_SCOPES.map(([scope, words]) => plain(words, scope)),
            plain(RESERVED_WORDS, "keyword.other"),
            ...CONTEXTUAL_WORDS.map((word) => contextual(word)),
            {
                match: "\\b(?:bool|index|[iu](?:8|16|32|64)|bf16|f16|f32|f64|f8e4m3(?:fnuz)?|f8e5m2(?:fnuz)?)(?:x[0-9]+)?\\b",
                name: "support.type.soma",
            },
            {
                match: "\\b(?:time|frequency|voltage|current|capacitance|conductance|resistance)\\b(?=[ \\t]*(?:[=,)]|$))",
                name: "support.type.soma",
            },
            { match: `\\b(${NAME})(?=[ \\t]*:(?!:))`, captures: { 1: { name: "variable.parameter.soma" } } },
            {
                match: `\\b${NAME}(?=[ \\t]*(?:::[ \\t]*<[^>\\n]*>)?[ \\t]*\\()`,
                name: "entity.name.function.call.soma",
            },
            { match: "\\b[A-Z][A-Za-z0-9_]*\\b", name: "entity.name.type.soma" },
            { match: `\\b${NAME}\\b`, name: "variable.other.soma" },
            {
                match: "->|\\.\\.|<<=|>>=|[-+*/%&|^<>=!]=|&&|\\|\\||<<|>>|[-+*/%&|^<>=!~@]",
                name: "keyword.operator.soma",
            },
            { match: "[()\\[\\]{},:;.]", name: "punctuation.soma" },
        ],
    };
}

/** The file that editors read. */
export function grammarText(): string {
    return `${JSON.stringify(grammarOf(), null, 2)}\n`;
}

function numbers(): Rule {
    const units = Object.values(UNITS).flat();
    const number = "0[xXbB][0-9a-fA-F_]+|[0-9][0-9_]*(?:\\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9]+)?";
    return {
        match: `\\b(${number})(?:[ \\t]+(${units.join("|")})\\b)?`,
        captures: { 1: { name: "constant.numeric.soma" }, 2: { name: "keyword.other.unit.soma" } },
    };
}

function derivative(): Rule {
    return {
        match: `\\b(${NAME})(')(?=[ \\t]*=)`,
        captures: { 1: { name: "variable.other.soma" }, 2: { name: "keyword.operator.derivative.soma" } },
    };
}

function declaration(words: readonly string[], scope: string): Rule {
    return {
        match: `\\b(${words.join("|")})[ \\t]+(${NAME})(?=[ \\t]*(?:[(<{=]|on\\b|$))`,
        captures: { 1: { name: "keyword.declaration.soma" }, 2: { name: `${scope}.soma` } },
    };
}

function plain(words: readonly string[], scope: string): Rule {
    return { match: `\\b(?:${words.join("|")})\\b`, name: `${scope}.soma` };
}

/** Without a context of its own, a word is one where a name follows. */
function contextual(word: string): Rule {
    return { match: `\\b${word}${CONTEXTS[word] ?? `(?=[ \\t]+${NAME})`}`, name: "keyword.other.soma" };
}
