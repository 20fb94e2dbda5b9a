// Small floats, which the IR has as the unsigned integers of their bits: what is computed with them is computed in f32.
// Conversions are integer arithmetic here, so that the interpreter and every target agree to the bit; each rounds once,
// to nearest even, as codeobject/small-floats.ts says. An f32 holds every value of these formats exactly.

import { encodeSmallFloat, isSmallFloat, SMALL_FORMATS, type SmallFloat } from "../../codeobject/small-floats.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { ConstantValue, ValueId } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { IrScalar } from "../ir/types.js";
import { SCALAR_INFO } from "../sema/scalars.js";
import type { ScalarName } from "../sema/types.js";
import type { Context } from "./context.js";
import { storedAs } from "./layout.js";

const SINGLE_BIAS = 127;
const SINGLE_FRACTION = 23;
const SINGLE_NAN = 0x7fc00000;
const SINGLE_INFINITY = 0x7f800000;
const MAGNITUDE = 0x7fffffff;
/** An f64 has 11 bits less than an integer of 64. */
const SURPLUS = 11;

/** Makes the operations of one expression. */
class Maker {
    constructor(
        private readonly context: Pick<Context, "builder">,
        private readonly span: Span,
    ) {}

    op(name: OpName, operands: readonly ValueId[], result?: IrScalar): ValueId {
        return this.context.builder.value(name, operands, this.span, {}, result);
    }

    constant(value: ConstantValue, type: IrScalar): ValueId {
        return this.context.builder.constant(value, type, this.span);
    }

    word(value: number): ValueId {
        return this.constant(BigInt(value), "u32");
    }

    /** An operation on a u32 and a number. */
    onWord(name: OpName, left: ValueId, right: number): ValueId {
        return this.op(name, [left, this.word(right)]);
    }
}

/** A literal of any scalar type. */
export function lowerLiteral(context: Context, value: ConstantValue, type: ScalarName, span: Span): ValueId {
    if (!isSmallFloat(type)) return context.builder.constant(value, storedAs(type), span);
    return context.builder.constant(BigInt(encodeSmallFloat(type, Number(value))), storedAs(type), span);
}

/** An operation on operands of one type: of small floats it is f32's, its result rounded where it is such a float. */
export function operate(context: Context, op: OpName, type: ScalarName, operands: ValueId[], span: Span): ValueId {
    if (!isSmallFloat(type)) return context.builder.value(op, operands, span);
    const make = new Maker(context, span);
    if (op === "neg") return make.op("xor", [...operands, make.constant(0x8000n, storedAs(type))]);
    const wide = operands.map((operand) => widened(make, operand, type));
    const result = make.op(op, wide);
    return COMPARISONS.has(op) ? result : narrowed(make, result, type);
}

const COMPARISONS: ReadonlySet<OpName> = new Set(["eq", "ne", "lt", "le", "gt", "ge"]);

/** The value of one scalar type in another. */
export function convertScalar(
    context: Pick<Context, "builder">,
    value: ValueId,
    from: ScalarName,
    to: ScalarName,
    span: Span,
): ValueId {
    if (from === to) return value;
    const make = new Maker(context, span);
    if (isSmallFloat(to)) {
        const single = isSmallFloat(from) ? widened(make, value, from) : toSingle(make, value, storedAs(from));
        return narrowed(make, single, to);
    }
    if (!isSmallFloat(from)) return make.op("convert", [value], storedAs(to));
    const single = widened(make, value, from);
    return to === "f32" ? single : make.op("convert", [single], storedAs(to));
}

/** The f32 of the same value. */
function widened(make: Maker, value: ValueId, type: SmallFloat): ValueId {
    const { bits, fractionBits, bias, beyond, nan, isUnsignedZero } = SMALL_FORMATS[type];
    const code = make.op("convert", [value], "u32");
    const bitsOf = (word: ValueId) => make.op("bitcast", [word], "f32");
    if (bits === 16) return bitsOf(make.onWord("shl", code, 16));
    const magnitude = make.onWord("and", code, 0x7f);
    const sign = make.onWord("shl", make.onWord("and", code, 0x80), 24);
    const normal = make.onWord(
        "add",
        make.onWord("shl", magnitude, SINGLE_FRACTION - fractionBits),
        (SINGLE_BIAS - bias) << SINGLE_FRACTION,
    );
    const step = make.constant(2 ** (1 - bias - fractionBits), "f32");
    const subnormal = make.op("mul", [make.op("convert", [magnitude], "f32"), step]);
    const isSubnormal = make.onWord("lt", magnitude, 1 << fractionBits);
    const finite = make.op("select", [isSubnormal, make.op("bitcast", [subnormal], "u32"), normal]);
    const signed = make.op("or", [finite, sign]);
    const notNumber = make.word(SINGLE_NAN);
    if (isUnsignedZero) return bitsOf(make.op("select", [make.onWord("eq", code, nan), notNumber, signed]));
    const special =
        beyond === nan
            ? notNumber
            : make.op("select", [
                  make.onWord("eq", magnitude, beyond),
                  make.onWord("or", sign, SINGLE_INFINITY),
                  notNumber,
              ]);
    return bitsOf(make.op("select", [make.onWord("ge", magnitude, beyond), special, signed]));
}

/** The nearest value to an f32, ties to even. */
function narrowed(make: Maker, single: ValueId, type: SmallFloat): ValueId {
    const { bits: width, fractionBits, bias, beyond, nan, isUnsignedZero } = SMALL_FORMATS[type];
    const bits = make.op("bitcast", [single], "u32");
    const orNan = (code: ValueId) => {
        const checked = make.op("select", [make.op("is_nan", [single]), make.word(nan), code]);
        return make.op("convert", [checked], storedAs(type));
    };
    if (width === 16) return orNan(roundedShift(make, bits, SINGLE_FRACTION - fractionBits));
    const magnitude = make.onWord("and", bits, MAGNITUDE);
    const sign = make.onWord("and", make.onWord("shr", bits, 24), 0x80);
    const rebased = make.onWord("sub", magnitude, (SINGLE_BIAS - bias) << SINGLE_FRACTION);
    const normal = roundedShift(make, rebased, SINGLE_FRACTION - fractionBits);
    // In the sum with this number the last place is the step of subnormals, so that its bits count steps.
    const exponent = 1 - bias - fractionBits + SINGLE_FRACTION;
    const aligned = make.op("add", [make.op("bitcast", [magnitude], "f32"), make.constant(2 ** exponent, "f32")]);
    const origin = (SINGLE_BIAS + exponent) * 2 ** SINGLE_FRACTION;
    const subnormal = make.onWord("sub", make.op("bitcast", [aligned], "u32"), origin);
    const isSubnormal = make.onWord("lt", magnitude, (SINGLE_BIAS + 1 - bias) << SINGLE_FRACTION);
    const code = make.op("select", [isSubnormal, subnormal, normal]);
    const isWithin = make.onWord("lt", code, beyond);
    if (beyond !== nan) {
        const capped = make.op("select", [isWithin, code, make.word(beyond)]);
        return orNan(make.op("or", [capped, sign]));
    }
    // NaN and infinity have the greatest magnitudes, so that they are beyond the format too.
    const signed = make.op("or", [code, sign]);
    const finite = isUnsignedZero ? make.op("select", [make.onWord("eq", code, 0), make.word(0), signed]) : signed;
    return make.op("convert", [make.op("select", [isWithin, finite, make.word(nan)])], storedAs(type));
}

/** A u32 divided by a power of two, to nearest even. */
function roundedShift(make: Maker, value: ValueId, by: number): ValueId {
    const odd = make.onWord("and", make.onWord("shr", value, by), 1);
    const half = make.onWord("add", value, 2 ** (by - 1) - 1);
    return make.onWord("shr", make.op("add", [half, odd]), by);
}

/**
 * An f32 that rounds to a small float as the value does: where f32 hasn't the value, its odd neighbour, which is no tie
 * of a narrower format and lies on the value's side of each (S. Boldo, G. Melquiond, "Emulation of FMA and correctly
 * rounded sums: proved algorithms using rounding to odd", IEEE Transactions on Computers 57, 2008).
 */
function toSingle(make: Maker, value: ValueId, from: IrScalar): ValueId {
    if (from === "f32") return value;
    const { family, bits } = SCALAR_INFO[from];
    if (bits <= 16) return make.op("convert", [value], "f32");
    const exact = from === "f64" ? value : bits === 32 ? value : oddInteger(make, value, from, family === "signed");
    const double = from === "f64" ? exact : make.op("convert", [exact], "f64");
    const single = make.op("convert", [double], "f32");
    const [found, wanted] = [make.op("convert", [single], "f64"), double].map((each) => make.op("abs", [each]));
    const isAbove = make.op("gt", [found as ValueId, wanted as ValueId]);
    const isBelow = make.op("lt", [found as ValueId, wanted as ValueId]);
    const word = make.op("bitcast", [single], "u32");
    const truncated = make.op("select", [isAbove, make.onWord("sub", word, 1), word]);
    const odd = make.onWord("or", truncated, 1);
    return make.op("bitcast", [make.op("select", [make.op("or", [isAbove, isBelow]), odd, word])], "f32");
}

/** An integer of 64 bits that f64 has: where f64 hasn't the value, its neighbour that is odd in f64's last place. */
function oddInteger(make: Maker, value: ValueId, type: IrScalar, isSigned: boolean): ValueId {
    const constant = (number: bigint) => make.constant(number, type);
    const most = 2n ** BigInt(64 - SURPLUS);
    const isLost = make.op("ne", [make.op("and", [value, constant(2n ** BigInt(SURPLUS) - 1n)]), constant(0n)]);
    const kept = make.op("shr", [value, constant(BigInt(SURPLUS))]);
    const odd = make.op("or", [kept, make.op("convert", [isLost], type)]);
    const rounded = make.op("shl", [odd, constant(BigInt(SURPLUS))]);
    const isSmall = make.op("le", [value, constant(most)]);
    const isExact = isSigned ? make.op("and", [isSmall, make.op("ge", [value, constant(-most)])]) : isSmall;
    return make.op("select", [isExact, value, rounded]);
}
