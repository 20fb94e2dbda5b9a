// The verifier's rules for operations whose operands and results the op table gives as patterns.

import type { Operation } from "../module.js";
import type { TypeClass, TypePattern } from "../ops/define.js";
import { OPS } from "../ops.js";
import { bitsOf, type IrScalar, type IrType, isBuffer, isFloat, isInteger, isScalar, typeText } from "../types.js";
import { type Context, listTypes } from "./context.js";

type Bindings = Partial<Record<"T" | "U", IrScalar>>;

/** Operands and results match the table, and one variable stands for one type. */
export function checkTypes(context: Context, op: Operation): void {
    const spec = OPS[op.op];
    if (spec.operands === "variadic" || spec.result === "variadic") return;
    const operands = op.operands.map((operand) => context.typeOf(operand));
    const results = op.results.map((result) => context.typeOf(result));
    const wanted = spec.result === null ? [] : [spec.result];
    const bindings: Bindings = {};
    const fits = matchAll(spec.operands, operands, bindings) && matchAll(wanted, results, bindings);
    if (!fits) {
        const pattern = `(${spec.operands.join(", ")}) -> (${wanted.join(", ")})`;
        context.report(`${op.op} is ${pattern}, not ${listTypes(operands)} -> ${listTypes(results)}`);
        return;
    }
    for (const variable of ["T", "U"] as const) {
        const type = bindings[variable];
        const wantedClass = spec.where[variable];
        if (type !== undefined && wantedClass !== undefined && !belongs(type, wantedClass)) {
            context.report(`${op.op} takes a type of class ${wantedClass}, not ${type}`);
        }
    }
    checkOwnRules(context, op, bindings);
}

function matchAll(patterns: readonly TypePattern[], types: readonly IrType[], bindings: Bindings): boolean {
    return patterns.length === types.length && patterns.every((pattern, at) => match(pattern, types[at], bindings));
}

function match(pattern: TypePattern, type: IrType | undefined, bindings: Bindings): boolean {
    if (type === undefined) return false;
    if (pattern === "buffer<T>")
        return isBuffer(type) && (type.element === "bytes" || match("T", type.element, bindings));
    if (!isScalar(type)) return false;
    if (pattern !== "T" && pattern !== "U") return pattern === type;
    bindings[pattern] ??= type;
    return bindings[pattern] === type;
}

function belongs(type: IrScalar, wanted: TypeClass): boolean {
    switch (wanted) {
        case "integer":
            return isInteger(type);
        case "float":
            return isFloat(type);
        case "number":
            return type !== "bool";
        case "integer or bool":
            return !isFloat(type);
        case "scalar":
            return true;
    }
}

/** Rules that no pattern says. */
function checkOwnRules(context: Context, op: Operation, { T, U }: Bindings): void {
    const buffer = op.operands[0];
    const type = buffer === undefined ? null : context.typeOf(buffer);
    switch (op.op) {
        case "bitcast":
            if (T && U && bitsOf(T) !== bitsOf(U)) context.report(`bitcast from ${T} to ${U}: the widths differ`);
            break;
        case "exp2":
        case "log2":
            if (T === "f64") context.report(`${op.op} of f64 is library code, no operation`);
            break;
        case "wave_reduce":
        case "wave_inclusive":
        case "wave_exclusive": {
            const { combine = "add" } = op.attributes;
            if (T && isFloat(T) && ["and", "or", "xor"].includes(combine))
                context.report(`${op.op} ${combine} of ${T}`);
            break;
        }
        case "store":
        case "atomic_rmw":
        case "atomic_cas":
        case "atomic_store":
            if (
                type &&
                isBuffer(type) &&
                type.space === "global" &&
                buffer !== undefined &&
                !context.mutable.has(buffer)
            ) {
                context.report(`${op.op} writes to a buffer that isn't mutable`);
            }
            break;
        case "zero":
            if (type && isBuffer(type) && type.space !== "private") {
                context.report(`zero is for private arrays, not for ${typeText(type)}`);
            }
            break;
        case "alloc": {
            const result = op.results[0] === undefined ? null : context.typeOf(op.results[0]);
            if (!result || !isBuffer(result)) break;
            if (result.space === "global") context.report("alloc makes no global memory");
            if (result.space === "shared" && !context.fn.kernel) context.report("only a kernel has shared arrays");
            break;
        }
        default:
    }
}
