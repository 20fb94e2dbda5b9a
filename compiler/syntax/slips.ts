// What to write instead of what stands where something else was expected: for frequent slips, and for the habits that
// authors bring from other languages.

import { type IToken, tokenMatcher } from "#chevrotain";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import { typeMeant } from "../diagnostics/habits.js";
import { nearest } from "../diagnostics/suggestions.js";
import * as t from "./tokens.js";
import { isUnit, UNITS } from "./units.js";

/** Characters before a token that are looked at, so that a huge line costs no more than others. */
export const NEARBY = 200;

/** What begins an item. */
export const ITEMS = "`kernel`, `fn`, `const`, `type`, `struct`, `enum`, `instance` or `import`";

/** What a statement must be followed by. */
export const NEXT_STATEMENT = "a new line or `;`";

/** A token that doesn't fit, and what is around it. */
export interface Slip {
    readonly wanted: string;
    readonly rule: string;
    readonly found: IToken;
    readonly previous: IToken | undefined;
    /** The line before it, without the space around it; at most so much as is looked at. */
    readonly before: string;
}

export function startsLine({ text }: SourceFile, { startOffset }: IToken): boolean {
    return /(?:^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, startOffset - NEARBY), startOffset));
}

/** The line before a token, without the space around it. */
function lineUpTo({ text }: SourceFile, { startOffset }: IToken): string {
    const end = Number.isNaN(startOffset) ? text.length : startOffset;
    const near = Math.max(0, end - NEARBY);
    return (/[^\r\n]*$/.exec(text.slice(near, end)) ?? [""])[0].trim();
}

/** What may begin an item, and a statement that has more than its word: a slip in one makes it a name. */
const ITEM_WORDS = [
    "kernel",
    "fn",
    "const",
    "type",
    "instance",
    "import",
    "pub",
    "matrix",
    "neuron",
    "synapse",
    "plasticity",
    "network",
];
const STATEMENT_WORDS = ["let", "var", "const", "shared", "for", "while", "if", "return"];

/** What stands between `mut` and a view's element. */
const VIEW_WORDS: ReadonlySet<string> = new Set(["alias", "large", "strided"]);

const NO_POINTERS = "there are no pointers: a view has its extents, such as `f32[n]`, or `mut f32[n]` to write to it";
const ARRAY_TYPE = "an array of three is `f32[3]`, and `x: f32[n]` a view of n";
const NO_CLOSURES = "there are no closures: write a `fn`";
const GOES_ON = "to go on with an expression, end the line before with the operator, or put all into parentheses";
const FUNCTION = "write `fn name(x: f32) -> f32 { … }`";
const IMPORT = 'write `import std.math { exp }`, or a path between quotes: `import "./file.soma" { name }`';
const CHOICE = "write `if a { … } else if b { … } else { … }`";

/** Words that begin items in other languages. */
const FOREIGN_ITEMS = new Map([
    ["__global__", "write `kernel name(x: mut f32[n]) over i in n { … }`"],
    ["__kernel", "write `kernel name(x: mut f32[n]) over i in n { … }`"],
    ["__device__", FUNCTION],
    ["static", FUNCTION],
    ["void", FUNCTION],
    ["def", FUNCTION],
    ["func", FUNCTION],
    ["function", FUNCTION],
    ["async", "the host awaits a launch: remove `async`"],
    ["extern", "all that a program calls is written in Soma"],
    ["export", "write `pub`"],
    ["public", "write `pub`"],
    ["inline", "write `#inline` before the function"],
    ["namespace", "a file is a module"],
    ["template", "write `fn name<T: Float>(x: T) -> T { … }`"],
    ["class", "write `struct Name { field: f32 }`"],
    ["typedef", "write `type Name = f32`"],
    ["impl", "methods stand in the structure: `struct Name { field: f32; fn method(self) -> f32 { … } }`"],
    ["trait", "the bounds of a type parameter are `Number`, `Float` and `Int`"],
    ["use", IMPORT],
    ["using", IMPORT],
    ["from", IMPORT],
    ["include", IMPORT],
    ["define", "write `const NAME = 16`"],
    ["let", "outside of functions there are constants: `const NAME = 4`"],
    ["var", "outside of functions there are constants: `const NAME = 4`"],
    ["for", "statements belong into a `kernel` or `fn`"],
    ["while", "statements belong into a `kernel` or `fn`"],
    ["if", "statements belong into a `kernel` or `fn`"],
]);

/** Words that begin or join statements in other languages. */
const FOREIGN_WORDS = new Map([
    ["and", "write `&&`"],
    ["or", "write `||`"],
    ["not", "write `!`"],
    ["elif", "write `else if`"],
    ["elseif", "write `else if`"],
    ["loop", "write `while true { … }`"],
    ["do", "write `while true { … }`, with `if !condition { break }` at its end"],
    ["match", CHOICE],
    ["switch", CHOICE],
    ["case", CHOICE],
    ["goto", "there are no jumps but `break`, `continue` and `return`"],
    ["step", "write `by`: `for i in 0 .. n by 2 { … }`"],
    ["assert", 'it is a function: `assert(x > 0, "x is {}", x)`'],
    ["print", 'it is a function: `print("x = {}", x)`'],
    ["println", 'write `print("x = {}", x)`'],
    ["defer", "there is no `defer`: write it where it is to happen"],
    ["unsafe", "nothing is marked as unsafe: remove the word"],
    ["try", 'there are no exceptions: `assert(x > 0, "x is {}", x)` ends a launch'],
    ["new", "a value is written without `new`: `Body(mass: 1.0)`"],
    ["static", "write `let` or `var`"],
    ["auto", "write `let` or `var`"],
    ["__shared__", "write `shared buf: f32[64]`"],
    ["break", "loops have no labels: `break` leaves the innermost one"],
    ["continue", "loops have no labels: `continue` goes on with the innermost one"],
]);

/** Two neighbouring tokens that are one operator in other languages. */
const FOREIGN_OPERATORS = new Map([
    ["+ +", "write `x += 1`"],
    ["<< <", "kernels are launched by the host"],
    ["== =", "write `==`"],
    ["!= =", "write `!=`"],
    [".. =", "a range ends before its second bound: write `0 .. n + 1`"],
    ["* *", "write `x * x`, or `pow(x, y)`"],
    ["[ ..", "write `:` for all of a dimension: `x[:]`"],
    [".. ]", "a slice has both ends: `x[1 .. n]`"],
    ["[ ]", "write what is in it: a view is `f32[n]`, an array `f32[3]`, a list `[1.0, 2.0]`"],
]);

export function remedyFor(source: SourceFile, slip: Omit<Slip, "before">): string | undefined {
    const { wanted, rule, found, previous } = slip;
    if (found.tokenType === t.Else) return "`else` belongs behind the `}` of an `if`";
    if ([t.Kernel, t.Fn, t.Import, t.Pub].includes(found.tokenType)) {
        return `\`${found.image}\` belongs outside of all braces`;
    }
    if (found.tokenType === t.Mut && previous !== undefined && VIEW_WORDS.has(previous.image)) {
        return `\`mut\` comes first: \`mut ${previous.image} f32[n]\``;
    }
    const operator = FOREIGN_OPERATORS.get(`${previous?.image} ${found.image}`);
    if (operator !== undefined && wanted !== ITEMS) return operator;
    const full = { ...slip, before: lineUpTo(source, found) };
    const next = source.text[(found.endOffset ?? 0) + 1];
    if (found.image === "=" && next === ">") return NO_CLOSURES;
    if (/^#\s/.test(full.before)) return "a comment begins with `//`";
    switch (wanted) {
        case ITEMS:
            return insteadOfItem(full);
        case NEXT_STATEMENT:
            return insteadOfNext(source, full);
        case "`{`":
            return insteadOfBlock(full);
        case "`over` or `groups`":
            return found.image === "workgroup"
                ? "say how many workgroups there are before: `groups n / 256 workgroup(256)`"
                : "say what the kernel runs over, such as `over i in n`";
        case "`in`":
            if (full.before.startsWith("for")) return "write `for i in 0 .. n { … }`";
            return found.image === ","
                ? "each variable has its extent: `over (i in m, j in n)`"
                : "name the variable: `over i in n`";
        case "`:`":
            return insteadOfType(full);
        case "`workgroup`":
            return found.image === ","
                ? "several stand in parentheses: `groups (gy, gx) workgroup(16, 16)`"
                : "give the size of a workgroup, such as `workgroup(256)`";
        case "`<`":
            if (previous?.image === "::") return "`::` stands before generic arguments; a member follows `.`";
            return full.before.startsWith("instance") ? "give its generic arguments, such as `<f32>`" : undefined;
        case "`>`":
            if (rule === "generics") return "a parameter has one bound: `Number`, `Float` or `Int`";
            return "a generic argument is a name or a number, or stands in parentheses: `f::<(2 * 3)>(x)`";
        case "`(`":
            return found.image === "[" ? "generic parameters stand between `<` and `>`" : undefined;
        case "`]`":
            if (found.image === ":") return "a slice is `x[a .. b]`, all of a dimension `x[:]`";
            return found.image === ";" ? "`var a: f32[3]` has three zeros; a list names each element" : undefined;
        case "`}`":
            return found.image === "as" ? "what is imported keeps its name" : undefined;
        case "`'`":
            return "a state has an equation, `v' = -v / tau`, and a formula gets a name by `let`";
        case "`)`":
            return insteadOfClosing(full);
        case "a module's name":
            return IMPORT;
        case "a name":
            if (rule === "forLoop") return "write `for i in 0 .. n { … }`";
            if (rule === "import") return "list the names: `import std.math { exp, sqrt }`";
            return insteadOfName(full);
        case "an expression":
        case "a statement":
            if (found.image === "." && wanted === "an expression")
                return "a number has a digit on both sides of its point: `0.5`";
            if (found.image === "|") return NO_CLOSURES;
            if (/^[+*/%&|^<>=]/.test(found.image) && startsLine(source, found) && next !== found.image) return GOES_ON;
            if (found.image === "+") return "write `x += 1`";
            return found.image === "*" || found.image === "&" ? NO_POINTERS : undefined;
    }
    return undefined;
}

function insteadOfItem({ found, before }: Slip): string | undefined {
    const directive = /^#(\w+)/.exec(before)?.[1];
    const word = FOREIGN_ITEMS.get(directive ?? found.image);
    if (word !== undefined) return word;
    if (found.image === "@") return "an attribute begins with `#`: `#inline`";
    if (typeMeant(found.image) !== undefined) return FUNCTION;
    if (!tokenMatcher(found, t.Identifier)) return undefined;
    const meant = nearest(found.image, ITEM_WORDS);
    return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}

function insteadOfNext(source: SourceFile, { found, previous, before }: Slip): string | undefined {
    const isName = tokenMatcher(found, t.Identifier);
    const word = FOREIGN_WORDS.get(found.image) ?? FOREIGN_WORDS.get(previous?.image ?? "");
    if (word !== undefined) return word;
    if (previous !== undefined && /^(?:struct|enum|type|instance)$/.test(previous.image)) {
        return `\`${previous.image}\` belongs outside of all braces`;
    }
    const type =
        typeMeant(previous?.image ?? "") ?? /^(?:u?i\d+|[bf]+\d+|index|bool)$/.exec(previous?.image ?? "")?.[0];
    if (isName && type !== undefined) {
        const declared = before.startsWith("shared") ? "shared" : "var";
        return `a name stands before its type: \`${declared} ${found.image}: ${type}\``;
    }
    const cast = typeMeant(/\((\w+)\)$/.exec(before)?.[1] ?? "");
    if (cast !== undefined) return `write \`… as ${cast}\``;
    switch (found.image) {
        case "if":
            return "write `if c { a } else { b }`";
        case "->":
            return "write `.`";
        case ":":
            return "to declare a variable, write `let a = …` or `var`";
        case "=":
            return "an assignment is a statement of its own, and fields have no values of their own";
        case ",":
            if (/^(?:let|var|const)\b/.test(before)) {
                return before.includes("{") ? "a list is written `[a, b]`" : "declare each name on a line of its own";
            }
            break;
        case "(":
            if (before.startsWith("enum")) return "an enum's names stand for integers";
            break;
        case "{":
            return previous !== undefined && /^[A-Z]/.test(previous.image)
                ? `a structure's value is written \`${previous.image}(field: …)\``
                : undefined;
    }
    if (previous === undefined || !tokenMatcher(previous, t.Identifier)) return undefined;
    const meant = startsLine(source, previous) ? nearest(previous.image, STATEMENT_WORDS) : undefined;
    if (meant !== undefined) return `did you mean \`${meant}\`?`;
    return isName ? `to declare a variable, write \`let ${found.image} = …\` or \`var\`` : undefined;
}

function insteadOfBlock({ found, before, rule }: Slip): string | undefined {
    if (rule === "import") return `list the names: \`${before} { … }\``;
    if (found.tokenType === t.Newline) return "the `{` stands on the same line";
    const word = FOREIGN_WORDS.get(found.image);
    if (word !== undefined) return word;
    const isFunction = /^(?:pub )?fn\b/.test(before);
    switch (found.image) {
        case "=":
            return "to compare, write `==`";
        case "+=":
        case "-=":
            return "an assignment is a statement of its own, and no condition";
        case ":":
            return isFunction && !before.includes("->")
                ? "a result is written `-> f32`"
                : "a block stands between `{` and `}`";
        case "where":
            return "a bound stands behind its parameter: `fn f<T: Float>(x: T) -> T`";
        case ",":
            return "several variables stand in parentheses: `over (i in m, j in n)`";
        case "..":
            return "a domain begins at 0: `over i in n`";
    }
    return isFunction ? undefined : "a block stands between `{` and `}`";
}

function insteadOfType({ found, previous, rule }: Slip): string | undefined {
    const type = typeMeant(previous?.image ?? "");
    if (type !== undefined && tokenMatcher(found, t.Identifier)) {
        return `a name stands before its type: \`${found.image}: ${type}\``;
    }
    return rule === "param" ? "a parameter is a name and a type, such as `x: f32[n]`" : undefined;
}

function insteadOfClosing({ found, before }: Slip): string | undefined {
    if (found.image.startsWith('"')) return 'a text has no prefix: `print("x = {}", x)` fills its `{}`';
    if (/\d$/.test(before.trimEnd()) && /^[a-zA-Zµ]+$/.test(found.image)) {
        const known = Object.values(UNITS).flat();
        const meant = known.find((unit) => unit.toLowerCase() === found.image.toLowerCase());
        return isUnit(found.image)
            ? "a unit stands on its number's line"
            : `there is no such unit${meant ? `: did you mean \`${meant}\`?` : `; units are ${known.join(", ")}`}`;
    }
    const isParameter = /\b(?:fn|kernel)\b/.test(before);
    switch (found.image) {
        case "mut":
            return "`mut` stands before the type, `x: mut f32[n]`, and `self` is a copy: a method gives back what it changes";
        case "&":
            return isParameter
                ? "there are no references: `self` is a copy"
                : "there are no pointers: name the element itself";
        case "=":
            return "a value is given to a name by `:`, as in `Body(mass: 1.0)`";
    }
    return undefined;
}

function insteadOfName({ found, before }: Slip): string | undefined {
    if (/\d\.$/.test(before)) return "a number has a digit on both sides of its point: `1.0`";
    if (found.image === "mut" && before.endsWith("let")) return "write `var`";
    if (found.image === "[") return before.endsWith("#") ? "write `#inline`" : ARRAY_TYPE;
    if (found.image === "*" || found.image === "&") return NO_POINTERS;
    if (found.image === "(") return "there are no tuples: give a structure; a function without a result has no `->`";
    if (found.image === "const") return "a view is read only unless it is `mut`: remove `const`";
    return /^[a-z]+$/.test(found.image) ? `\`${found.image}\` is a word of the language` : undefined;
}
