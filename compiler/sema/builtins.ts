// The built-in functions: name, signature, meaning, and for each type how it is realised. Checker, specification and
// hover all come from this table.

import { SMALL_FLOATS } from "../../codeobject/small-floats.js";
import { SCALARS, type ScalarName } from "./types.js";

/** Written in signatures for the one type that a call is about. */
export type Slot = "T" | ScalarName | "bits" | "text";

/**
 * How a call becomes part of the typed program:
 * `core` stays a `builtin` node, for the lowering; `library` is a call of the function that `libraryHome` tells;
 * `viaF32` converts what is of type T to f32, does what is done there, and converts back; `expand` is written in other built-ins by the checker.
 */
export type Realisation = "core" | "library" | "viaF32" | "expand";

export interface Builtin {
    readonly name: string;
    /** `math` works on vectors lane by lane; `vector` takes vectors of T only. */
    readonly kind: "math" | "vector" | "atomic" | "index" | "wave" | "lanes" | "fence" | "barrier" | "report";
    /** Names of the parameters, and their types in terms of T. */
    readonly params: readonly (readonly [name: string, type: Slot])[];
    /** Null for no result. `bits` is the unsigned integer as wide as T. */
    readonly result: Slot | null;
    /** The types that T may be. */
    readonly types: Readonly<Partial<Record<ScalarName, Realisation>>>;
    readonly doc: string;
}

type Types = Builtin["types"];

function each(names: readonly ScalarName[], realisation: Realisation): Types {
    return Object.fromEntries(names.map((name) => [name, realisation]));
}

const SIGNED: readonly ScalarName[] = ["i8", "i16", "i32", "i64", "index"];
const UNSIGNED: readonly ScalarName[] = ["u8", "u16", "u32", "u64"];
const FLOATS: readonly ScalarName[] = ["f16", "f32", "f64"];
const WORDS: readonly ScalarName[] = ["i32", "u32", "i64", "u64"];

/** bf16 computes in f32, and rounds once. */
const VIA_F32: Types = { bf16: "viaF32" };
const NUMBER_CORE: Types = {
    ...each([...FLOATS, "i32", "u32", "index", "i64", "u64", "i8", "i16", "u8", "u16"], "core"),
    ...VIA_F32,
};
const SIGNED_CORE: Types = { ...each([...FLOATS, ...SIGNED], "core"), ...VIA_F32 };
const FLOAT_CORE: Types = { ...each(FLOATS, "core"), ...VIA_F32 };
const WORD_CORE = each(WORDS, "core");
const LIBRARY: Types = { f32: "library", f64: "library", f16: "viaF32", ...VIA_F32 };
/** The hardware has it for the narrower types. */
const FAST_SINGLE: Types = { f32: "core", f16: "core", f64: "library", ...VIA_F32 };
const ATOMIC_ALL = { ...each(WORDS, "core"), f32: "core", f64: "core" } as const;

const TABLE: Builtin[] = [];
const FAMILIES = new Map<string, string>();

function math(
    name: string,
    params: string,
    types: Types,
    doc: string,
    result: Slot = "T",
    kind: Builtin["kind"] = "math",
): void {
    const list = params.split(" ").map((text) => {
        const [name, type] = text.split(":");
        return [name as string, (type ?? "T") as Slot] as const;
    });
    TABLE.push({ name, kind, params: list, result, types, doc });
}

/** A function that `std.math.FAMILY_f32` and `std.math.FAMILY_f64` have for their types. */
function library(family: string, name: string, params: string, doc: string, types: Types = LIBRARY): void {
    math(name, params, types, doc);
    FAMILIES.set(name, family);
}

math("where", "c:bool a b", NUMBER_CORE, "a where c is true, else b; both are evaluated.");
math("abs", "x", SIGNED_CORE, "The magnitude of x. The least signed integer is its own magnitude.");
math("min", "a b", NUMBER_CORE, "The smaller of two; of a number and NaN the number (IEEE 754 minimumNumber).");
math("max", "a b", NUMBER_CORE, "The larger of two; of a number and NaN the number (IEEE 754 maximumNumber).");
math("clamp", "x lo hi", { ...each([...FLOATS, ...SIGNED, ...UNSIGNED], "expand"), ...VIA_F32 }, "min(max(x, lo), hi)");
math(
    "sign",
    "x",
    { ...each([...FLOATS, ...SIGNED], "expand"), ...VIA_F32 },
    "-1, 0 or 1 as x is below, equal to or above 0; x itself for zeros and NaN.",
);
math("floor", "x", FLOAT_CORE, "The greatest integer not above x.");
math("ceil", "x", FLOAT_CORE, "The least integer not below x.");
math("trunc", "x", FLOAT_CORE, "x without its fraction.");
math("round", "x", FLOAT_CORE, "The nearest integer, ties to the even one.");
math("sqrt", "x", FLOAT_CORE, "The square root, correctly rounded.");
library("root", "rsqrt", "x", "1 / sqrt(x)");
math("fma", "a b c", FLOAT_CORE, "a·b + c with one rounding.");
math("copysign", "x s", FLOAT_CORE, "The magnitude of x with the sign of s.");
math("ldexp", "x e:i32", FLOAT_CORE, "x·2^e");
library("remainder", "fmod", "x y", "The remainder of x / y truncated; it has the sign of x.");

library("exponential", "exp2", "x", "2^x", FAST_SINGLE);
library("logarithm", "log2", "x", "The logarithm to base 2.", FAST_SINGLE);
library("exponential", "exp", "x", "e^x");
library("exponential", "exp10", "x", "10^x");
library("exponential", "expm1", "x", "e^x - 1, exact near 0.");
library("logarithm", "log", "x", "The natural logarithm.");
library("logarithm", "log10", "x", "The logarithm to base 10.");
library("logarithm", "log1p", "x", "log(1 + x), exact near 0.");
library("power", "pow", "x y", "x^y");
library("root", "cbrt", "x", "The cube root.");
library("root", "hypot", "x y", "sqrt(x² + y²) without overflow in between.");
library("trigonometric", "sin", "x", "The sine of x radians.");
library("trigonometric", "cos", "x", "The cosine of x radians.");
library("trigonometric", "tan", "x", "The tangent of x radians.");
library("trigonometric", "sinpi", "x", "The sine of π·x, exact at multiples of ½.");
library("trigonometric", "cospi", "x", "The cosine of π·x, exact at multiples of ½.");
library("arc", "asin", "x", "The arc sine, from -π/2 to π/2.");
library("arc", "acos", "x", "The arc cosine, from 0 to π.");
library("arc", "atan", "x", "The arc tangent, from -π/2 to π/2.");
library("arc", "atan2", "y x", "The angle of the point (x, y), from -π to π.");
library("hyperbolic", "sinh", "x", "The hyperbolic sine.");
library("hyperbolic", "cosh", "x", "The hyperbolic cosine.");
library("hyperbolic", "tanh", "x", "The hyperbolic tangent.");
library("hyperbolic", "asinh", "x", "The inverse hyperbolic sine.");
library("hyperbolic", "acosh", "x", "The inverse hyperbolic cosine, from 0 on.");
library("hyperbolic", "atanh", "x", "The inverse hyperbolic tangent.");
library("error", "erf", "x", "The error function.");
library("error", "erfc", "x", "1 - erf(x), without cancellation for large x.");

math("is_nan", "x", FLOAT_CORE, "Whether x is NaN.", "bool");
math("is_inf", "x", FLOAT_CORE, "Whether x is infinite.", "bool");
math(
    "to_bits",
    "x",
    each([...FLOATS, ...SMALL_FLOATS, "i4x2"], "core"),
    "The bits of x, as the unsigned integer of the same width.",
    "bits",
);
math("f16_from_bits", "x", { u16: "core" }, "The f16 that has these bits.", "f16");
math("f32_from_bits", "x", { u32: "core" }, "The f32 that has these bits.", "f32");
math("f64_from_bits", "x", { u64: "core" }, "The f64 that has these bits.", "f64");
math("bf16_from_bits", "x", { u16: "core" }, "The bf16 that has these bits.", "bf16");
math("f8e4m3_from_bits", "x", { u8: "core" }, "The f8e4m3 that has these bits.", "f8e4m3");
math("f8e5m2_from_bits", "x", { u8: "core" }, "The f8e5m2 that has these bits.", "f8e5m2");
math("f8e4m3fnuz_from_bits", "x", { u8: "core" }, "The f8e4m3fnuz that has these bits.", "f8e4m3fnuz");
math("f8e5m2fnuz_from_bits", "x", { u8: "core" }, "The f8e5m2fnuz that has these bits.", "f8e5m2fnuz");
math("i4x2_from_bits", "x", { u8: "core" }, "The two integers of 4 bits in a byte, the first in its low half.", "i4x2");
math("count_ones", "x", WORD_CORE, "The number of bits that are 1.");
math("leading_zeros", "x", WORD_CORE, "The number of 0 bits above the highest 1; the width for 0.");
math("trailing_zeros", "x", WORD_CORE, "The number of 0 bits below the lowest 1; the width for 0.");
math("reverse_bits", "x", WORD_CORE, "The bits in opposite order.");
math("mul_high", "a b", WORD_CORE, "The upper half of the product of twice the width.");

math(
    "select",
    "c:bool a b",
    each(SCALARS, "core"),
    "a where c holds, else b; both are evaluated. Of vectors lane by lane.",
);

function whole(name: string, params: string, types: Types, doc: string, result: Slot): void {
    const list = params.split(" ").map((param) => [param, "T"] as const);
    TABLE.push({ name, kind: "vector", params: list, result, types, doc });
}

const BOOL_EXPAND = each(["bool"], "expand");
const FLOAT_EXPAND = each([...FLOATS, "bf16"], "expand");

whole("dot", "a b", FLOAT_EXPAND, "a.x·b.x + a.y·b.y + …, of two vectors of T; from left to right, contracted.", "T");
whole("length", "v", FLOAT_EXPAND, "sqrt(dot(v, v)) of a vector of T.", "T");
whole("distance", "a b", FLOAT_EXPAND, "length(a - b) of two vectors of T.", "T");
whole("normalize", "v", FLOAT_EXPAND, "v / length(v): the vector of length 1 in its direction.", "T");
whole("cross", "a b", FLOAT_EXPAND, "The cross product of two vectors of three T.", "T");
whole("any", "v", BOOL_EXPAND, "Whether any lane of a vector of bools is true.", "bool");
whole("all", "v", BOOL_EXPAND, "Whether all lanes of a vector of bools are true.", "bool");

function atomic(name: string, values: readonly string[], types: Types, doc: string, result: Slot | null = "T"): void {
    const params = [["place", "T"] as const, ...values.map((value) => [value, "T"] as const)];
    TABLE.push({ name: `atomic_${name}`, kind: "atomic", params, result, types, doc });
}

atomic("load", [], ATOMIC_ALL, "What the place has.");
atomic("store", ["value"], ATOMIC_ALL, "Sets the place to the value.", null);
atomic("add", ["value"], ATOMIC_ALL, "Adds to the place; gives its old value.");
atomic("sub", ["value"], ATOMIC_ALL, "Subtracts from the place; gives its old value.");
atomic("min", ["value"], ATOMIC_ALL, "Sets the place to the smaller of it and the value; gives its old value.");
atomic("max", ["value"], ATOMIC_ALL, "Sets the place to the larger of it and the value; gives its old value.");
atomic("and", ["value"], WORD_CORE, "Clears the bits that the value has not; gives the old value.");
atomic("or", ["value"], WORD_CORE, "Sets the bits that the value has; gives the old value.");
atomic("xor", ["value"], WORD_CORE, "Flips the bits that the value has; gives the old value.");
atomic("exchange", ["value"], ATOMIC_ALL, "Sets the place to the value; gives its old value.");
atomic(
    "compare_exchange",
    ["expected", "desired"],
    WORD_CORE,
    "Sets the place to `desired` if it is `expected`; gives its old value.",
);

function indexFunction(name: string, doc: string): void {
    TABLE.push({ name, kind: "index", params: [["axis", "index"]], result: "index", types: {}, doc });
}

indexFunction("global_id", "The work-item's position in the whole grid: group_id · local_size + local_id.");
indexFunction("local_id", "The work-item's position in its workgroup.");
indexFunction("group_id", "The workgroup's position in the grid.");
indexFunction("global_size", "The number of work-items of the whole grid.");
indexFunction("local_size", "The number of work-items of a workgroup.");
indexFunction("group_count", "The number of workgroups.");

/** `lanes` are numbers of the wave itself; the others meet the wave's active lanes, and take T like mathematics. */
function wave(name: string, params: string, types: Types, doc: string, result: Slot = "T"): void {
    math(`wave_${name}`, params, types, doc, result, "wave");
}

const INTEGER_CORE = each([...SIGNED, ...UNSIGNED], "core");
const SCALAR_CORE: Types = { ...NUMBER_CORE, bool: "core" };
const BOOL_CORE: Types = { bool: "core" };

function lanes(name: string, result: ScalarName, doc: string): void {
    TABLE.push({ name, kind: "lanes", params: [], result, types: {}, doc });
}

lanes("lane_id", "index", "The work-item's lane in its wave, from 0.");
lanes("wave_size", "index", "The lanes of a wave: 32 or 64.");
lanes("wave_is_first", "bool", "Whether this is the first active lane.");
for (const [name, types, what] of [
    ["sum", NUMBER_CORE, "sum"],
    ["min", NUMBER_CORE, "least"],
    ["max", NUMBER_CORE, "greatest"],
    ["and", INTEGER_CORE, "bitwise and"],
    ["or", INTEGER_CORE, "bitwise or"],
    ["xor", INTEGER_CORE, "bitwise exclusive or"],
] as const) {
    wave(name, "x", types, `The ${what} of the active lanes' x.`);
    wave(`inclusive_${name}`, "x", types, `The ${what} of the active lanes' x up to this lane.`);
    wave(`exclusive_${name}`, "x", types, `The ${what} of the active lanes' x below this lane.`);
}
wave("shuffle", "x lane:index", SCALAR_CORE, "x of a lane, modulo wave_size(); 0 where that isn't active.");
wave("shuffle_xor", "x mask:index", SCALAR_CORE, "As wave_shuffle(x, lane_id() ^ mask).");
wave("shuffle_up", "x by:index", SCALAR_CORE, "x of the lane that many below; its own where there is no such lane.");
wave("shuffle_down", "x by:index", SCALAR_CORE, "x of the lane that many above; its own where there is no such lane.");
wave("broadcast", "x lane:index", SCALAR_CORE, "As wave_shuffle, from the lane that the first active lane names.");
wave("first", "x", SCALAR_CORE, "x of the first active lane.");
wave("ballot", "condition", BOOL_CORE, "Bit i: whether lane i is active and its condition true.", "u64");
wave("any", "condition", BOOL_CORE, "Whether the condition is true in an active lane.");
wave("all", "condition", BOOL_CORE, "Whether the condition is true in all active lanes.");

TABLE.push({
    name: "fence",
    kind: "fence",
    params: [],
    result: null,
    types: {},
    doc: "Orders the work-item's accesses before it and after it, as its `order` says, for all within its `scope`.",
});

TABLE.push({
    name: "barrier",
    kind: "barrier",
    params: [],
    result: null,
    types: {},
    doc: "Waits until all work-items of the workgroup are here; what they wrote before is seen by all after it.",
});

/** After `params` come values of any scalar types. */
function report(name: string, params: Builtin["params"], doc: string): void {
    TABLE.push({ name, kind: "report", params, result: null, types: {}, doc });
}

report(
    "print",
    [["text", "text"]],
    "Sends a line to the host: the text with its `{}` filled by the values that follow.",
);
report(
    "assert",
    [
        ["condition", "bool"],
        ["text", "text"],
    ],
    "Where the condition is false, ends the wave, and the launch fails with the text; text and values may be left out.",
);

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(TABLE.map((builtin) => [builtin.name, builtin]));

/** The module from which the names of mathematical built-ins can be imported. */
export const MATH_MODULE = "std.math";

/** Where the function of a `library` realisation is. */
export function libraryHome({ name }: Builtin, type: ScalarName): { readonly module: string; readonly fn: string } {
    return { module: `${MATH_MODULE}.${FAMILIES.get(name)}_${type}`, fn: `${name}_${type}` };
}
