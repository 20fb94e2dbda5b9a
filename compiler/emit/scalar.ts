// Scalar operations as LLVM instructions and intrinsics. Without `#fast` there are no fast-math flags: LLVM changes no
// result.

import { attribute, type Operation, type ValueId } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { bitsOf, type IrScalar, isFloat, isInteger, isSigned } from "../ir/types.js";
import type { EmitScalar as Emit } from "./backend.js";
import { isConstant, llvmConstant, llvmType, suffix } from "./text.js";
import type { FunctionWriter } from "./writer.js";

/** An instruction by kind of type: floats, signed and unsigned integers (and bool). */
const instruction =
    (float: string, signed: string, unsigned = signed): Emit =>
    (writer, [a, b], type) => {
        const name = isFloat(type) ? `${float}${writer.liberties}` : isSigned(type) ? signed : unsigned;
        return writer.assign(`${name} ${llvmType(type)} ${a}, ${b}`);
    };

/** An intrinsic by kind of type, of operands of one type. */
const intrinsic =
    (float: string, signed = float, unsigned = signed): Emit =>
    (writer, operands, type) => {
        const name = isFloat(type) ? float : isSigned(type) ? signed : unsigned;
        const llvm = llvmType(type);
        return writer.intrinsic(
            `${name}.${suffix(type)}`,
            llvm,
            operands.map((operand) => [llvm, operand]),
            isFloat(type) ? writer.liberties.trimStart() : "",
        );
    };

/** Bit counts have a flag that says whether zero is undefined: it never is. */
const definedAtZero =
    (name: string): Emit =>
    (writer, [a = ""], type) =>
        writer.intrinsic(`${name}.${suffix(type)}`, llvmType(type), [
            [llvmType(type), a],
            ["i1", "false"],
        ]);

const comparison =
    (float: string, signed: string, unsigned: string): Emit =>
    (writer, [a, b], type) => {
        const name = isFloat(type) ? `fcmp ${float}` : `icmp ${isSigned(type) ? signed : unsigned}`;
        return writer.assign(`${name} ${llvmType(type)} ${a}, ${b}`);
    };

/** LLVM's "is.fpclass" bits: signalling and quiet NaN are 1 and 2, negative and positive infinity 4 and 512. */
const classTest =
    (mask: number): Emit =>
    (writer, [a = ""], type) =>
        writer.intrinsic(`is.fpclass.${suffix(type)}`, "i1", [
            [llvmType(type), a],
            ["i32", String(mask)],
        ]);

/** LLVM leaves a count of the width or more undefined; here it counts modulo the width. */
const shift =
    (signed: string, unsigned: string): Emit =>
    (writer, [a, count = ""], type) => {
        const llvm = llvmType(type);
        const most = bitsOf(type) - 1;
        const masked = isConstant(count)
            ? String(BigInt(count) & BigInt(most))
            : writer.assign(`and ${llvm} ${count}, ${most}`);
        return writer.assign(`${isSigned(type) ? signed : unsigned} ${llvm} ${a}, ${masked}`);
    };

/**
 * LLVM leaves a zero divisor, and the lowest value by -1, undefined; here the divisor then counts as one. Whatever is
 * divided by -1 is negated: so what LLVM divides by depends on the divisor alone, and where that stays the same in a loop,
 * its reciprocal is computed before it. Narrow integers divide in 32 bits: at -O0 LLVM 22.1.8 cannot select a 16-bit
 * quotient and remainder of the same operands.
 */
const division =
    (float: string, signed: string, unsigned: string): Emit =>
    (writer, [a, b], type) => {
        const llvm = llvmType(type);
        if (isFloat(type)) return writer.assign(`${float}${writer.liberties} ${llvm} ${a}, ${b}`);
        const isZero = writer.assign(`icmp eq ${llvm} ${b}, 0`);
        const minusOne = isSigned(type) ? writer.assign(`icmp eq ${llvm} ${b}, -1`) : "false";
        const unusable = isSigned(type) ? writer.assign(`or i1 ${isZero}, ${minusOne}`) : isZero;
        const divisor = writer.assign(`select i1 ${unusable}, ${llvm} 1, ${llvm} ${b}`);
        const result = divided(writer, isSigned(type) ? signed : unsigned, a ?? "", divisor, type);
        if (signed !== "sdiv" || !isSigned(type)) return result;
        const negated = writer.assign(`sub ${llvm} 0, ${a}`);
        return writer.assign(`select i1 ${minusOne}, ${llvm} ${negated}, ${llvm} ${result}`);
    };

function divided(writer: FunctionWriter, name: string, a: string, divisor: string, type: IrScalar): string {
    const llvm = llvmType(type);
    if (bitsOf(type) >= 32) return writer.assign(`${name} ${llvm} ${a}, ${divisor}`);
    const extend = isSigned(type) ? "sext" : "zext";
    const [left, right] = [a, divisor].map((value) => writer.assign(`${extend} ${llvm} ${value} to i32`));
    return writer.assign(`trunc i32 ${writer.assign(`${name} i32 ${left}, ${right}`)} to ${llvm}`);
}

const EMITTERS: Readonly<Partial<Record<Operation["op"], Emit>>> = {
    add: instruction("fadd", "add"),
    sub: instruction("fsub", "sub"),
    mul: instruction("fmul", "mul"),
    div: division("fdiv", "sdiv", "udiv"),
    rem: division("frem", "srem", "urem"),
    neg: (writer, [a], type) =>
        writer.assign(isFloat(type) ? `fneg ${llvmType(type)} ${a}` : `sub ${llvmType(type)} 0, ${a}`),
    abs: (writer, operands, type) =>
        isFloat(type)
            ? intrinsic("fabs")(writer, operands, type, type)
            : isSigned(type)
              ? definedAtZero("abs")(writer, operands, type, type)
              : (operands[0] ?? ""),
    min: intrinsic("minimumnum", "smin", "umin"),
    max: intrinsic("maximumnum", "smax", "umax"),
    fma: intrinsic("fma"),
    sqrt: intrinsic("sqrt"),
    floor: intrinsic("floor"),
    ceil: intrinsic("ceil"),
    trunc: intrinsic("trunc"),
    round: intrinsic("roundeven"),
    copysign: intrinsic("copysign"),
    exp2: intrinsic("exp2"),
    log2: intrinsic("log2"),
    ldexp: (writer, [a = "", exponent = ""], type) =>
        writer.intrinsic(`ldexp.${suffix(type)}.i32`, llvmType(type), [
            [llvmType(type), a],
            ["i32", exponent],
        ]),
    is_nan: classTest(1 | 2),
    is_inf: classTest(4 | 512),
    and: instruction("", "and"),
    or: instruction("", "or"),
    xor: instruction("", "xor"),
    not: (writer, [a], type) => writer.assign(`xor ${llvmType(type)} ${a}, ${type === "bool" ? "true" : "-1"}`),
    shl: shift("shl", "shl"),
    shr: shift("ashr", "lshr"),
    mul_high: (writer, [a, b], type) => {
        const bits = bitsOf(type);
        const [narrow, wide, extend] = [`i${bits}`, `i${2 * bits}`, isSigned(type) ? "sext" : "zext"];
        const left = writer.assign(`${extend} ${narrow} ${a} to ${wide}`);
        const right = writer.assign(`${extend} ${narrow} ${b} to ${wide}`);
        const product = writer.assign(`mul ${wide} ${left}, ${right}`);
        const high = writer.assign(`lshr ${wide} ${product}, ${bits}`);
        return writer.assign(`trunc ${wide} ${high} to ${narrow}`);
    },
    count_ones: intrinsic("ctpop"),
    leading_zeros: definedAtZero("ctlz"),
    trailing_zeros: definedAtZero("cttz"),
    reverse_bits: intrinsic("bitreverse"),
    eq: comparison("oeq", "eq", "eq"),
    ne: comparison("une", "ne", "ne"),
    lt: comparison("olt", "slt", "ult"),
    le: comparison("ole", "sle", "ule"),
    gt: comparison("ogt", "sgt", "ugt"),
    ge: comparison("oge", "sge", "uge"),
    select: (writer, [condition, a, b], _type, result) => {
        const llvm = llvmType(result);
        return writer.assign(`select i1 ${condition}, ${llvm} ${a}, ${llvm} ${b}`);
    },
    convert: (writer, [a = ""], type, result) => convert(writer, a, type, result),
    bitcast: (writer, [a], type, result) => {
        const [from, to] = [llvmType(type), llvmType(result)];
        return from === to ? (a ?? "") : writer.assign(`bitcast ${from} ${a} to ${to}`);
    },
};

/** Emits a scalar operation; false where the operation is of another family. */
export function emitScalar(writer: FunctionWriter, op: Operation): boolean {
    const [result] = op.results;
    if (result === undefined) return false;
    if (op.op === "const") {
        writer.define(result, llvmConstant(attribute(op, "value"), writer.scalarOf(result)));
        return true;
    }
    const [first] = op.operands;
    const own = writer.module.backend.scalar[op.op];
    const emit = EMITTERS[op.op];
    if (first === undefined || (own === undefined && emit === undefined)) return false;
    const from = writer.scalarOf(first);
    const to = writer.scalarOf(result);
    const operands = writer.uses(op.operands);
    if (op.op === "ldexp" && isScaled(writer, first)) operands[0] = writer.hidden(llvmType(from), writer.use(first));
    const name = own?.(writer, operands, from, to) ?? emit?.(writer, operands, from, to);
    if (name === undefined) return false;
    writer.define(result, name);
    return true;
}

/**
 * Whether a value may be that of another `ldexp`. LLVM 22.1.8 adds the exponents of two where it knows that they have one sign,
 * and lets the sum wrap; it sees through signs, selections, memory, calls and loops. The inner one is hidden from it;
 * `llvm.arithmetic.fence` would be meant for that, but its result is put into a scalar register
 * where all lanes have the same value, and `ldexp` leaves it in a vector register: a copy that there is no instruction for.
 */
function isScaled(writer: FunctionWriter, value: ValueId): boolean {
    const op = writer.definitions.get(value)?.op;
    return op === undefined || !UNSCALED.has(op);
}

/** What never gives its operand's value, where passes have folded what does nothing. */
const UNSCALED: ReadonlySet<OpName> = new Set([
    ...(["const", "convert", "add", "sub", "mul", "div", "rem", "fma", "sqrt", "exp2", "log2"] as const),
    ...(["floor", "ceil", "trunc", "round"] as const),
]);

function convert(writer: FunctionWriter, a: string, from: IrScalar, to: IrScalar): string {
    const [source, target] = [llvmType(from), llvmType(to)];
    const cast = (name: string) => writer.assign(`${name} ${source} ${a} to ${target}`);
    if (isFloat(from) && isInteger(to)) {
        const name = `${isSigned(to) ? "fptosi" : "fptoui"}.sat.${suffix(to)}.${suffix(from)}`;
        return writer.intrinsic(name, target, [[source, a]]);
    }
    if (isFloat(to)) {
        if (!isFloat(from)) return cast(isSigned(from) ? "sitofp" : "uitofp");
        if (from === to) return a;
        return cast(bitsOf(to) > bitsOf(from) ? "fpext" : "fptrunc");
    }
    if (bitsOf(to) === bitsOf(from)) return a;
    if (bitsOf(to) < bitsOf(from)) return cast("trunc");
    return cast(isSigned(from) ? "sext" : "zext");
}
