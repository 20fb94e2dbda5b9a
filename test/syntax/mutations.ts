// Broken texts made of good ones, the same for the same seed: bytes and tokens dropped, doubled, swapped or replaced,
// lines cut off, brackets turned.

/** A small generator of reproducible numbers (mulberry32, public domain, Tommy Ettinger). */
export function random(seed: number): (below: number) => number {
    let state = seed >>> 0;
    return (below) => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
}

const INSERTIONS = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    "\n",
    ",",
    ":",
    "..",
    ".",
    "->",
    "=",
    "==",
    "+",
    "-",
    "@",
    "#",
    "'",
    "$",
    "\0",
    "if",
    "else",
    "for",
    "while",
    "kernel",
    "fn",
    "return",
    "shared",
    "let",
    "in",
    "by",
    "over",
    "0x",
    "1e",
    "barrier()",
    "\ufeff",
    "é",
    "\u{1f600}",
    "/*",
    "//",
    "\r",
    "::<",
    "struct X {",
    "mut",
    "as",
    "9".repeat(30),
];

export function mutate(text: string, seed: number): string {
    const below = random(seed);
    let result = text;
    for (let i = below(3); i >= 0; i--) result = mutateOnce(result, below);
    return result;
}

function mutateOnce(text: string, below: (n: number) => number): string {
    const tokens = text.split(/(\w+|\s+|[^\w\s])/).filter((part) => part !== "");
    if (tokens.length === 0) return text;
    const at = below(tokens.length);
    const other = below(tokens.length);
    const insertion = INSERTIONS[below(INSERTIONS.length)] as string;
    const token = tokens[at] as string;
    switch (below(7)) {
        case 0:
            tokens[at] = "";
            break;
        case 1:
            tokens[at] = `${token} ${token}`;
            break;
        case 2:
            tokens[at] = insertion;
            break;
        case 3:
            tokens[at] = `${token}${insertion}`;
            break;
        case 4:
            [tokens[at], tokens[other]] = [tokens[other] as string, token];
            break;
        case 5:
            tokens.splice(Math.min(at, other), Math.abs(at - other));
            break;
        default:
            tokens.length = at;
    }
    return tokens.join("");
}
