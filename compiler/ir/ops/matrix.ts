// Operations that tiles become: matrix instructions of a wave, accesses of several words, and elements packed in words.

import { type OpSpec, op } from "./define.js";

export const MATRIX = {
    mma: op({
        operands: "variadic",
        result: "variadic",
        effects: "wave",
        attributes: ["format"],
        doc:
            "A matrix instruction of the table in targets/matrix.ts, by its name. Operands: the words of a, those of b, and the " +
            "elements of c that the lane holds; results: those of a·b + c. All lanes of the wave are at it together.",
    }),
    load_words: op({
        operands: "variadic",
        result: "variadic",
        effects: "read",
        attributes: ["align", "offset"],
        doc: "Operands: buffer, a u32 of bytes, to which the attribute offset is added. As many words of 32 bits one behind the other as there are results.",
    }),
    load_turned: op({
        operands: "variadic",
        result: "variadic",
        effects: "read",
        attributes: ["offset", "count"],
        doc:
            "As `load_words` of two words of LDS, of which 16 lanes read columns of a matrix row by row, or of eight elements of global memory, " +
            "of which 8 lanes do: each gets what its column has, elements of as many bits as the attribute count says. Only of targets that " +
            "have it. All lanes of the wave are at it together.",
    }),
    store_words: op({
        operands: "variadic",
        result: null,
        effects: "write",
        attributes: ["align", "offset"],
        doc: "Operands: buffer, a u32 of bytes, to which the attribute offset is added, words of 32 bits, which are stored one behind the other.",
    }),
    load_to_lds: op({
        operands: "variadic",
        result: null,
        effects: "write",
        attributes: ["offset", "count"],
        doc:
            "Global memory straight to LDS, only of targets that have it: buffer, a u32 of bytes, to which the attribute offset is " +
            "added; LDS, and a u32 of bytes that is the same in all lanes of the wave. Each lane brings as many bytes as the attribute " +
            "count says, and they lie there one lane behind the other. They are there after `wait_to_lds`, for other waves after " +
            "a barrier behind it.",
    }),
    at_multiple: op({
        operands: ["buffer<T>"],
        result: "bool",
        where: { T: "scalar" },
        attributes: ["align"],
        doc: "Whether a buffer's address is such a multiple, which `load_to_lds` needs of as many bytes as it brings.",
    }),
    wait_to_lds: op({
        operands: [],
        result: null,
        effects: "write",
        doc: "What the wave's `load_to_lds` before it bring is in LDS.",
    }),
    order_to_lds: op({
        operands: [],
        result: null,
        effects: "write",
        doc: "What reads or writes LDS behind it stays behind the `load_to_lds` before it, and these before that.",
    }),
    opaque: op({
        operands: ["T"],
        result: "T",
        where: { T: "integer" },
        approximates: ([value]) => value ?? null,
        doc:
            "The value, of which the code generator learns nothing: what a loop hands on by it stays in its register, and is " +
            "not made something larger in front of the loop.",
    }),
    anew: op({
        operands: ["T"],
        result: "T",
        where: { T: "integer" },
        effects: "read",
        approximates: ([value]) => value ?? null,
        doc:
            "The value, as one that is known only here: what is computed from it stays in the loop around, in front of which it " +
            "would take registers through all of the rounds.",
    }),
    bytes: op({
        operands: ["u32", "u32"],
        result: "u32",
        attributes: ["format"],
        doc:
            "Four bytes of two words, the lowest first: the attribute format names each by a digit, 0 to 3 in the first word " +
            "and 4 to 7 in the second.",
    }),
    pack: op({
        operands: "variadic",
        result: "u32",
        doc: "Scalars of 8 or 16 bits in one word, the first in its lowest bits.",
    }),
    unpack: op({
        operands: "variadic",
        result: "variadic",
        doc: "The scalars of 8 or 16 bits that a word consists of.",
    }),
    lds_barrier: op({
        operands: [],
        result: null,
        effects: "write",
        doc: "As `barrier`, for LDS alone: accesses of global memory may still be under way.",
    }),
    wave_barrier: op({
        operands: [],
        result: null,
        effects: "write",
        doc: "What lanes of the wave wrote to LDS before is seen by all lanes of it after.",
    }),
} satisfies Record<string, OpSpec>;
