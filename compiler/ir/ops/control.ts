// Structured control flow. An `if` or loop has results; the terminators that leave its regions give their values.

import { type OpSpec, op } from "./define.js";

const terminator = (doc: string, attributes: OpSpec["attributes"] = []) =>
    op({ operands: "variadic", result: null, effects: "control", terminator: true, attributes, doc });

export const CONTROL = {
    if: op({
        operands: "variadic",
        result: "variadic",
        effects: "control",
        regions: ["then", "else"],
        doc: "Runs one of two regions, as its bool operand says. `yield` in them gives the results.",
    }),
    for: op({
        operands: "variadic",
        result: "variadic",
        effects: "control",
        optional: ["nowrap", "unroll", "stages", "direct"],
        regions: ["body"],
        doc:
            "Operands start, end, step, then the carried values. The body's parameters are the counter and the carried " +
            "values; its `yield` gives them for the next round. Runs while the counter is below end (above it if step is " +
            "negative), and never wraps: it ends where the next counter would leave the type. A zero step runs no round. " +
            "The results are the carried values at the end. `nowrap` promises a step of at least 1 with which no " +
            "next counter leaves the type. `stages(n)` asks for n rounds of a loop of tiles to be under way at once.",
    }),
    while: op({
        operands: "variadic",
        result: "variadic",
        effects: "control",
        optional: ["unroll"],
        regions: ["condition", "body"],
        doc:
            "Operands are the carried values. The condition region takes them and yields a bool and their new values, which " +
            "are the body's parameters or, where the bool is false, the results. The body yields the next carried values.",
    }),
    yield: terminator("Ends a region of an `if` or loop with values for it."),
    break: terminator("Leaves an enclosing loop with its results.", ["target"]),
    continue: terminator("Goes to the next round of an enclosing loop with its carried values.", ["target"]),
    return: terminator("Leaves the function, with its results."),
    unreachable: terminator("Is never reached: what precedes it always leaves the region."),
} satisfies Record<string, OpSpec>;
