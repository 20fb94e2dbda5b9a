// What operators and conversions are by the language's specification, computed independently of the compiler: integers
// as bigints, floats in double precision rounded once.

export const WIDTHS = { i8: 8, i16: 16, i32: 32, i64: 64, u8: 8, u16: 16, u32: 32, u64: 64, index: 64 } as const;
export type Integer = keyof typeof WIDTHS;
export type Float = "f16" | "f32" | "f64";

export const INTEGERS = Object.keys(WIDTHS) as Integer[];
export const FLOATS: readonly Float[] = ["f16", "f32", "f64"];

export function isUnsigned(type: Integer): boolean {
    return type.startsWith("u");
}

export function wrap(value: bigint, type: Integer): bigint {
    return isUnsigned(type) ? BigInt.asUintN(WIDTHS[type], value) : BigInt.asIntN(WIDTHS[type], value);
}

/** Limits, values near them and near zero, patterns, and some that no one thought of. */
export function integerSamples(type: Integer): bigint[] {
    const width = BigInt(WIDTHS[type]);
    const edges = [
        0n,
        1n,
        -1n,
        2n,
        3n,
        7n,
        -7n,
        1n << (width - 1n),
        (1n << (width - 1n)) - 1n,
        (1n << (width - 1n)) + 1n,
    ];
    const patterns = [0x5555_5555_5555_5555n, 0x1234_5678_9abc_def0n, 0xf0e1_d2c3_b4a5_9687n, width, width + 3n, 100n];
    return [...new Set([...edges, ...patterns].map((value) => wrap(value, type)))];
}

export function floatSamples(type: Float): number[] {
    const limits = {
        f16: [65504, 2 ** -14, 2 ** -24],
        f32: [3.4028234663852886e38, 2 ** -126, 2 ** -149],
        f64: [Number.MAX_VALUE, 2 ** -1022, 2 ** -1074],
    };
    const plain = [0, 1, 0.5, 1.5, 2.5, 3, 7.25, 100, 1000.5, 0.1, 1 / 3];
    const all = [...plain, ...limits[type], Number.POSITIVE_INFINITY].flatMap((value) => [value, -value]);
    return [...all.map((value) => roundTo(value, type)), Number.NaN];
}

const shiftCount = (b: bigint, type: Integer) => BigInt.asUintN(64, b) % BigInt(WIDTHS[type]);

/** By operator; a zero divisor counts as one. */
export const INTEGER_OPERATORS: Readonly<Record<string, (a: bigint, b: bigint, type: Integer) => bigint>> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / (b || 1n),
    "%": (a, b) => a % (b || 1n),
    "&": (a, b) => a & b,
    "|": (a, b) => a | b,
    "^": (a, b) => a ^ b,
    "<<": (a, b, type) => a << shiftCount(b, type),
    ">>": (a, b, type) => a >> shiftCount(b, type),
};

export const FLOAT_OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
};

export const COMPARISONS: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
    "==": (a, b) => a === b,
    "!=": (a, b) => a !== b,
    "<": (a, b) => a < b,
    "<=": (a, b) => a <= b,
    ">": (a, b) => a > b,
    ">=": (a, b) => a >= b,
};

/** A double rounded to a float type; for results of one operation on such numbers that is the right rounding. */
export function roundTo(value: number, type: Float): number {
    return type === "f64" ? value : type === "f32" ? Math.fround(value) : nearestHalf(value);
}

/** IEEE 754 binary16 by its definition: all its non-negative finite values in order, of which the even one wins a tie. */
const HALVES = Array.from({ length: 0x7c00 }, (_, bits) => {
    const [exponent, fraction] = [bits >> 10, bits & 0x3ff];
    return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
});

function nearestHalf(value: number): number {
    const magnitude = Math.abs(value);
    if (Number.isNaN(value) || magnitude === Number.POSITIVE_INFINITY) return value;
    if (magnitude >= 65520) return Math.sign(value) * Number.POSITIVE_INFINITY;
    let low = 0;
    let high = HALVES.length - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((HALVES[middle] as number) <= magnitude) low = middle;
        else high = middle - 1;
    }
    const [below, above] = [HALVES[low] as number, HALVES[low + 1] ?? 65536];
    const up = magnitude - below > above - magnitude || (magnitude - below === above - magnitude && low % 2 === 1);
    const nearest = up ? above : below;
    return value < 0 || Object.is(value, -0) ? -nearest : nearest;
}

/** Truncated, saturated, NaN as 0. */
export function floatToInteger(value: number, type: Integer): bigint {
    if (Number.isNaN(value)) return 0n;
    const width = BigInt(WIDTHS[type]);
    const [low, high] = isUnsigned(type)
        ? [0n, (1n << width) - 1n]
        : [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n];
    if (Math.abs(value) === Number.POSITIVE_INFINITY) return value < 0 ? low : high;
    const exact = BigInt(Math.trunc(value));
    return exact < low ? low : exact > high ? high : exact;
}

/** Rounded once, from the exact integer. */
export function integerToFloat(value: bigint, type: Float): number {
    const precision = { f16: 11, f32: 24, f64: 53 }[type];
    const magnitude = value < 0n ? -value : value;
    const excess = BigInt(Math.max(0, magnitude.toString(2).length - precision));
    const [kept, rest, half] = [magnitude >> excess, magnitude & ((1n << excess) - 1n), (1n << excess) >> 1n];
    const up = excess > 0n && (rest > half || (rest === half && kept % 2n === 1n));
    const rounded = (kept + (up ? 1n : 0n)) << excess;
    return roundTo(Number(value < 0n ? -rounded : rounded), type);
}
