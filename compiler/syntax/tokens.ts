// The vocabulary: every token, and the categories that the grammar and the layout pass ask about.
// Contextual words (`over`, `groups` …) are names everywhere but in the place that gives them their meaning.

import { createToken, type IToken, Lexer, type TokenType, tokenMatcher } from "#chevrotain";

/** Operators between two expressions. */
export const BinaryOperator = createToken({ name: "BinaryOperator", pattern: Lexer.NA, label: "an operator" });
/** `=`, `+=` and their like. */
export const AssignOperator = createToken({ name: "AssignOperator", pattern: Lexer.NA, label: "`=`" });
/** `-`, `!`, `~` before an expression. */
export const PrefixOperator = createToken({ name: "PrefixOperator", pattern: Lexer.NA, label: "an operator" });
/** What goes on behind an operand: `[`, `(`, `.`, `::`. */
export const PostfixOpener = createToken({ name: "PostfixOpener", pattern: Lexer.NA, label: "`[`, `(` or `.`" });
/** A newline that counts, or `;`. */
export const Separator = createToken({ name: "Separator", pattern: Lexer.NA, label: "a new line" });
/** All but `}`: what begins no statement is taken as a faulty one, so that recovery stays inside its block. */
export const Anything = createToken({ name: "Anything", pattern: Lexer.NA, label: "anything" });

/** Any name; contextual words are in it. */
export const Identifier = createToken({
    name: "Identifier",
    pattern: /[A-Za-z_][A-Za-z0-9_]*/,
    label: "a name",
    categories: Anything,
});

function word(text: string, ...categories: TokenType[]): TokenType {
    return createToken({
        name: `"${text}"`,
        pattern: text,
        longer_alt: Identifier,
        label: `\`${text}\``,
        categories: [Anything, ...categories],
    });
}

function sign(text: string, ...categories: TokenType[]): TokenType {
    const all = text === "}" ? categories : [Anything, ...categories];
    return createToken({ name: `"${text}"`, pattern: text, label: `\`${text}\``, categories: all });
}

export const Kernel = word("kernel");
export const Fn = word("fn");
export const Pub = word("pub");
export const Import = word("import");
export const Const = word("const");
export const Let = word("let");
export const Var = word("var");
export const Shared = word("shared");
export const Mut = word("mut");
export const If = word("if");
export const Else = word("else");
export const For = word("for");
export const In = word("in");
export const While = word("while");
export const Break = word("break");
export const Continue = word("continue");
export const Return = word("return");
export const As = word("as");
export const True = word("true");
export const False = word("false");
export const Inf = word("inf");
export const Nan = word("nan");

export const Over = word("over", Identifier);
export const Groups = word("groups", Identifier);
export const Workgroup = word("workgroup", Identifier);
export const By = word("by", Identifier);
export const Instance = word("instance", Identifier);
export const Type = word("type", Identifier);
export const Struct = word("struct", Identifier);
export const Enum = word("enum", Identifier);
export const Self = word("self", Identifier);
export const Matrix = word("matrix", Identifier);
export const Tile = word("tile", Identifier);
export const Alias = word("alias", Identifier);
export const Large = word("large", Identifier);
export const Strided = word("strided", Identifier);

export const Neuron = word("neuron", Identifier);
export const Synapse = word("synapse", Identifier);
export const Plasticity = word("plasticity", Identifier);
export const Network = word("network", Identifier);
export const Port = word("port", Identifier);
export const State = word("state", Identifier);
export const Param = word("param", Identifier);
export const Trace = word("trace", Identifier);
export const Spike = word("spike", Identifier);
export const When = word("when", Identifier);
export const On = word("on", Identifier);
export const Refractory = word("refractory", Identifier);
export const Bound = word("bound", Identifier);
export const Clamp = word("clamp", Identifier);
export const Output = word("output", Identifier);
export const Substeps = word("substeps", Identifier);
export const Pairing = word("pairing", Identifier);
export const Population = word("population", Identifier);
export const Layer = word("layer", Identifier);
export const Stimulus = word("stimulus", Identifier);
export const Connect = word("connect", Identifier);
export const Record = word("record", Identifier);
export const Of = word("of", Identifier);
export const Step = word("step", Identifier);

/** Digits with whatever letters cling to them: the parser judges them, so that `12abc` is one error. */
export const NumberToken = createToken({
    name: "Number",
    pattern: /0[xXbBoO]\w*|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d[\d_]*)?\w*/,
    label: "a number",
    categories: Anything,
});

/** `"./shapes.soma"` after `import`: not a text, but a path as it is. */
export const ModulePath = createToken({
    name: "ModulePath",
    pattern: (text: string, offset: number, before: IToken[]) => {
        if (before.at(-1)?.tokenType !== Import) return null;
        const end = text.indexOf('"', offset + 1);
        const path = text.slice(offset, end + 1);
        return end < 0 || /[\r\n]/.test(path) ? null : ([path] as [string]);
    },
    start_chars_hint: ['"'],
    line_breaks: false,
    label: "a module's path",
    categories: Anything,
});

/** `'` behind the name of a state whose derivative is given: `v' = …`. Elsewhere there is no such sign. */
export const Prime = createToken({
    name: '"\'"',
    pattern: (text: string, offset: number, before: IToken[]) => {
        const name = before.at(-1);
        if (name === undefined || !tokenMatcher(name, Identifier)) return null;
        if (name.startOffset + name.image.length !== offset) return null;
        return /^'[ \t]*=/.test(text.slice(offset, offset + 64)) ? ["'"] : null;
    },
    start_chars_hint: ["'"],
    line_breaks: false,
    label: "`'`",
    categories: Anything,
});

/** `"x = {}"`, on one line. */
export const TextToken = createToken({
    name: "Text",
    // Not `(?:[^"\\]|\\.)*`: V8 keeps a place for each turn of that, and overflows on a line of millions.
    pattern: /"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"/,
    start_chars_hint: ['"'],
    label: "a text",
    categories: Anything,
});

export const LeftParen = sign("(", PostfixOpener);
export const RightParen = sign(")");
export const LeftBracket = sign("[", PostfixOpener);
export const RightBracket = sign("]");
export const LeftBrace = sign("{");
export const RightBrace = sign("}");
export const Comma = sign(",");
export const PathColon = sign("::", PostfixOpener);
export const Colon = sign(":");
export const Semicolon = sign(";", Separator);
export const Arrow = sign("->");
export const DotDot = sign("..");
export const Dot = sign(".", PostfixOpener);
export const Hash = sign("#");

export const Assign = sign("=", AssignOperator);
const compoundAssignments = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="].map((text) =>
    sign(text, AssignOperator),
);

export const Less = sign("<", BinaryOperator);
export const Greater = sign(">", BinaryOperator);
export const Minus = sign("-", BinaryOperator, PrefixOperator);
const prefixOnly = ["!", "~"].map((text) => sign(text, PrefixOperator));
const operators = ["<<", ">>", "==", "!=", "<=", ">=", "&&", "||", "+", "*", "/", "%", "&", "|", "^", "@"].map((text) =>
    sign(text, BinaryOperator),
);

export const Newline = createToken({
    name: "Newline",
    pattern: /\r\n?|\n/,
    line_breaks: true,
    label: "a new line",
    categories: Separator,
});
const Space = createToken({ name: "Space", pattern: /[ \t\f\uFEFF]+/, group: Lexer.SKIPPED });
/** `/// text` documents the item below it; four slashes are an ordinary comment. */
export const DocComment = createToken({
    name: "DocComment",
    pattern: /\/\/\/(?!\/)[^\r\n]*/,
    start_chars_hint: ["/"],
    group: "docs",
});
const Comment = createToken({
    name: "Comment",
    pattern: /\/\/[^\r\n]*/,
    start_chars_hint: ["/"],
    group: Lexer.SKIPPED,
});
/** Characters that no token has, in runs: with this no text is unreadable to the lexer. */
export const Foreign = createToken({
    name: "Foreign",
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
    pattern: /[\u0000-\u0008\u000b\u000e-\u001f"$'?\\`\u007f-\uffff]+/,
    line_breaks: false,
    group: "foreign",
});

/** C's comments: not in the language, but taken whole so that they are one clear error. */
export const BlockComment = createToken({
    name: "BlockComment",
    pattern: (text: string, offset: number) => {
        if (!text.startsWith("/*", offset)) return null;
        const end = text.indexOf("*/", offset + 2);
        return [text.slice(offset, end < 0 ? text.length : end + 2)] as [string];
    },
    start_chars_hint: ["/"],
    line_breaks: true,
    group: "blockComments",
});

/** `->` and `..` before their parts, longer operators and words before their beginnings, words before names. */
export const TOKENS: TokenType[] = [
    Space,
    Newline,
    DocComment,
    Comment,
    BlockComment,
    ModulePath,
    Prime,
    TextToken,
    Foreign,
    Kernel,
    Fn,
    Pub,
    Import,
    Const,
    Let,
    Var,
    Shared,
    Mut,
    If,
    Else,
    For,
    Inf,
    Instance,
    Type,
    Struct,
    Enum,
    Self,
    In,
    While,
    Break,
    Continue,
    Return,
    As,
    True,
    False,
    Nan,
    Over,
    Groups,
    Workgroup,
    By,
    Matrix,
    Tile,
    Alias,
    Large,
    Strided,
    Neuron,
    Synapse,
    Plasticity,
    Network,
    Port,
    State,
    Param,
    Trace,
    Spike,
    When,
    On,
    Refractory,
    Bound,
    Clamp,
    Output,
    Substeps,
    Pairing,
    Population,
    Layer,
    Stimulus,
    Connect,
    Record,
    Of,
    Step,
    Identifier,
    NumberToken,
    Arrow,
    ...compoundAssignments,
    ...operators.filter((token) => token.name.length === 4),
    Assign,
    Less,
    Greater,
    Minus,
    ...prefixOnly,
    ...operators.filter((token) => token.name.length === 3),
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    Comma,
    PathColon,
    Colon,
    Semicolon,
    DotDot,
    Dot,
    Hash,
    BinaryOperator,
    AssignOperator,
    PrefixOperator,
    PostfixOpener,
    Separator,
    Anything,
];

/** The words of the language, from the table: those that are always words, and those that are names elsewhere. */
export const RESERVED_WORDS: readonly string[] = wordsOf((categories) => !categories.includes(Identifier));
export const CONTEXTUAL_WORDS: readonly string[] = wordsOf((categories) => categories.includes(Identifier));

function wordsOf(belongs: (categories: readonly TokenType[]) => boolean): string[] {
    const words = TOKENS.filter(({ PATTERN, CATEGORIES }) => {
        return typeof PATTERN === "string" && /^[a-z]/.test(PATTERN) && belongs(CATEGORIES ?? []);
    });
    return words.map(({ PATTERN }) => PATTERN as string).sort();
}
