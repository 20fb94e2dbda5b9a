// What a kernel tells the host while it runs: see spec/manifest.md for how it gets there.

import { type OpSpec, op } from "./define.js";

export const REPORTS = {
    print: op({
        operands: "variadic",
        result: null,
        effects: "write",
        attributes: ["text"],
        doc: "Sends its operands, scalars, to the host: one for each `{}` of the text. A work-item's arrive in order.",
    }),
    fail: op({
        operands: "variadic",
        result: null,
        effects: "control",
        terminator: true,
        attributes: ["text"],
        doc: "An assertion that doesn't hold: sends its operands to the host and ends the wave. The launch fails.",
    }),
    check: op({
        operands: ["T", "T"],
        result: null,
        where: { T: "integer" },
        effects: "write",
        attributes: ["name", "access", "dimension"],
        doc:
            "Where the first is not at least 0 and below the second, sends both to the host and ends the wave. An *element* is " +
            "an index and its extent; an *end* is a slice's end and one more than the extent; a *start* is a slice's start " +
            "and one more than its end.",
    }),
} satisfies Record<string, OpSpec>;
