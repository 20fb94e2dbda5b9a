// Operations on scalars: constants, arithmetic, bits, comparison, conversion.

import * as fold from "../arithmetic.js";
import { type OpSpec, op, type TypeClass } from "./define.js";

const unary = (T: TypeClass, doc: string, fold: OpSpec["fold"] = null) =>
    op({ operands: ["T"], result: "T", where: { T }, doc, fold });
const binary = (T: TypeClass, doc: string, fold: OpSpec["fold"] = null) =>
    op({ operands: ["T", "T"], result: "T", where: { T }, doc, fold });
const approximation = (doc: string, approximates: OpSpec["approximates"]) =>
    op({ operands: ["T"], result: "T", where: { T: "float" }, doc, approximates });
const compare = (T: TypeClass, doc: string, fold: OpSpec["fold"]) =>
    op({ operands: ["T", "T"], result: "bool", where: { T }, doc, fold });

export const ARITHMETIC = {
    const: op({ operands: [], result: "T", where: { T: "scalar" }, attributes: ["value"], doc: "A constant." }),

    add: binary("number", "Sum. Integers wrap; floats round to nearest even, as all float operations do.", fold.add),
    sub: binary("number", "Difference.", fold.sub),
    mul: binary("number", "Product. Never contracted with a later sum: `fma` says so where that is meant.", fold.mul),
    div: binary(
        "number",
        "Quotient. Of integers truncated towards zero, a zero divisor counting as one, and the lowest value divided by " +
            "-1 wrapping to itself. Of floats correctly rounded.",
        fold.div,
    ),
    rem: binary(
        "integer",
        "Remainder of `div`, with the sign of the dividend: `a - (a div b) * b`, a zero divisor counting as one.",
        fold.rem,
    ),
    neg: unary("number", "Negation. Integers wrap; floats flip the sign, of NaN too.", fold.neg),
    abs: unary("number", "Absolute value. The lowest integer wraps to itself.", fold.abs),
    min: binary(
        "number",
        "The lesser. Of floats as IEEE 754-2019 minimumNumber: a NaN loses, -0 is below +0.",
        fold.min,
    ),
    max: binary("number", "The greater. Of floats as IEEE 754-2019 maximumNumber.", fold.max),
    fma: op({
        operands: ["T", "T", "T"],
        result: "T",
        where: { T: "float" },
        doc: "`a * b + c`, rounded once.",
        fold: fold.fma,
    }),
    sqrt: unary("float", "Square root, correctly rounded.", fold.sqrt),
    floor: unary("float", "The greatest integral value not above.", fold.floor),
    ceil: unary("float", "The least integral value not below.", fold.ceil),
    trunc: unary("float", "The integral part.", fold.trunc),
    round: unary("float", "The nearest integral value, halves to even.", fold.round),
    copysign: binary("float", "The magnitude of the first with the sign of the second.", fold.copysign),
    exp2: approximation(
        "2 to the operand; f16 and f32 only. The hardware's approximation, denormals included.",
        fold.exp2,
    ),
    log2: approximation(
        "Logarithm to base 2; f16 and f32 only. An approximation to 1 ULP, denormals included.",
        fold.log2,
    ),
    ldexp: op({
        operands: ["T", "i32"],
        result: "T",
        where: { T: "float" },
        doc: "The first times 2 to the second, rounded once.",
        fold: fold.ldexp,
    }),
    is_nan: op({ operands: ["T"], result: "bool", where: { T: "float" }, doc: "Whether it is NaN.", fold: fold.isNan }),
    is_inf: op({
        operands: ["T"],
        result: "bool",
        where: { T: "float" },
        doc: "Whether it is infinite.",
        fold: fold.isInfinite,
    }),

    and: binary("integer or bool", "Bitwise and.", fold.and),
    or: binary("integer or bool", "Bitwise or.", fold.or),
    xor: binary("integer or bool", "Bitwise exclusive or.", fold.xor),
    not: unary("integer or bool", "Bitwise complement.", fold.not),
    shl: binary("integer", "Shift to the left; the count is taken modulo the width.", fold.shl),
    shr: binary(
        "integer",
        "Shift to the right, copies of the sign entering a signed one; count as in `shl`.",
        fold.shr,
    ),
    mul_high: binary("integer", "The upper half of the product in twice the width.", fold.mulHigh),
    count_ones: unary("integer", "How many bits are set.", fold.countOnes),
    leading_zeros: unary(
        "integer",
        "Zero bits above the highest set one; the width if there is none.",
        fold.leadingZeros,
    ),
    trailing_zeros: unary(
        "integer",
        "Zero bits below the lowest set one; the width if there is none.",
        fold.trailingZeros,
    ),
    reverse_bits: unary("integer", "The bits in reverse order.", fold.reverseBits),

    eq: compare("scalar", "Equal; false with a NaN.", fold.eq),
    ne: compare("scalar", "Not equal; true with a NaN.", fold.ne),
    lt: compare("number", "Less; false with a NaN, as the three below.", fold.lt),
    le: compare("number", "Less or equal.", fold.le),
    gt: compare("number", "Greater.", fold.gt),
    ge: compare("number", "Greater or equal.", fold.ge),
    select: op({
        operands: ["bool", "T", "T"],
        result: "T",
        where: { T: "scalar" },
        doc: "The second where the first is true, else the third; both are evaluated.",
        fold: fold.select,
    }),

    convert: op({
        operands: ["T"],
        result: "U",
        where: { T: "scalar", U: "number" },
        doc:
            "The value in another type. Integers wrap; floats round to nearest even; float to integer truncates, " +
            "saturates, and takes NaN to 0; from bool is 0 or 1.",
        fold: fold.convert,
    }),
    bitcast: op({
        operands: ["T"],
        result: "U",
        where: { T: "scalar", U: "scalar" },
        doc: "The same bits in another type of the same width.",
        fold: fold.bitcast,
    }),
} satisfies Record<string, OpSpec>;
