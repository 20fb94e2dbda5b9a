// bf16 and the floats of 8 bits: every value, every boundary of rounding, and bf16's operators, on the device at -O0 and
// -O3 and in the interpreter. The reference is each format's definition: a table of all its values, in which the nearest
// is looked for.

import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import { IR_SCALARS, type IrScalar } from "../../compiler/ir/types.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { checkProgram } from "../../compiler/sema/check.js";
import type { ScalarType } from "../../runtime/elements.js";
import { kernelsOf, testGpu } from "./harness.js";

/** Sign, exponent and fraction, as the OCP's OFP8 (table 1), AMD's CDNA 3 manual and Intel's BFLOAT16 paper have them. */
const FORMATS = {
    bf16: { exponentBits: 8, fractionBits: 7, bias: 127, greatest: 0x7f7f, infinity: 0x7f80, nan: 0x7fc0, fnuz: false },
    f8e4m3: { exponentBits: 4, fractionBits: 3, bias: 7, greatest: 0x7e, infinity: null, nan: 0x7f, fnuz: false },
    f8e5m2: { exponentBits: 5, fractionBits: 2, bias: 15, greatest: 0x7b, infinity: 0x7c, nan: 0x7e, fnuz: false },
    f8e4m3fnuz: { exponentBits: 4, fractionBits: 3, bias: 8, greatest: 0x7f, infinity: null, nan: 0x80, fnuz: true },
    f8e5m2fnuz: { exponentBits: 5, fractionBits: 2, bias: 16, greatest: 0x7f, infinity: null, nan: 0x80, fnuz: true },
} as const;
type Name = keyof typeof FORMATS;
const NAMES = Object.keys(FORMATS) as Name[];

const signBit = (name: Name) => (name === "bf16" ? 0x8000 : 0x80);
const wordOf = (name: Name) => (name === "bf16" ? "u16" : "u8");

/** The finite values that are not negative, by their codes. */
const VALUES = Object.fromEntries(
    NAMES.map((name) => {
        const { fractionBits, bias, greatest } = FORMATS[name];
        const values = Array.from({ length: greatest + 1 }, (_, code) => {
            const [field, fraction] = [code >> fractionBits, code % 2 ** fractionBits];
            return field === 0
                ? fraction * 2 ** (1 - bias - fractionBits)
                : (1 + fraction / 2 ** fractionBits) * 2 ** (field - bias);
        });
        return [name, values];
    }),
) as Record<Name, number[]>;

function decoded(name: Name, code: number): number {
    const { greatest, infinity, fnuz } = FORMATS[name];
    const negative = code >= signBit(name);
    const magnitude = code % signBit(name);
    if (fnuz && code === 0x80) return Number.NaN;
    if (magnitude === infinity) return negative ? -Infinity : Infinity;
    if (magnitude > greatest) return Number.NaN;
    return (negative ? -1 : 1) * (VALUES[name][magnitude] as number);
}

/** The code of the nearest value, the even one of two: found in the table, with the step beyond the greatest as its end. */
function nearest(name: Name, value: number): number {
    const { greatest, infinity, nan, fnuz } = FORMATS[name];
    if (Number.isNaN(value)) return nan;
    const values = VALUES[name];
    const sign = value < 0 || Object.is(value, -0) ? signBit(name) : 0;
    const magnitude = Math.abs(value);
    const last = values[greatest] as number;
    const beyond = last + (last - (values[greatest - 1] as number));
    let [low, high] = [0, greatest + 1];
    const at = (code: number) => (code > greatest ? beyond : (values[code] as number));
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (at(middle) <= magnitude) low = middle;
        else high = middle;
    }
    // Both differences are exact or far from equal.
    const [down, up] = [magnitude - at(low), at(high) - magnitude];
    const code = magnitude >= beyond ? high : down < up || (down === up && low % 2 === 0) ? low : high;
    if (code > greatest) return infinity === null ? nan : sign | infinity;
    return fnuz && code === 0 ? 0 : sign | code;
}

const single = new Float32Array(1);
const word = new Uint32Array(single.buffer);

/** The next f32 in the direction of a sign; of a positive one. */
function neighbour(value: number, by: 1 | -1): number {
    single[0] = value;
    word[0] = (word[0] as number) + by;
    return single[0] as number;
}

/** Where rounding to the format decides: every value, the middle between neighbours, and what lies beside it. */
function boundaries(name: Name, step = 1): number[] {
    const values = VALUES[name];
    const { greatest } = FORMATS[name];
    const numbers: number[] = [];
    for (let code = 0; code <= greatest; code += step) {
        const value = values[code] as number;
        const next = values[code + 1] ?? value + (value - (values[code - 1] as number));
        const middle = value + (next - value) / 2;
        numbers.push(value, middle, neighbour(middle, 1), neighbour(middle, -1));
        if (value > 0) numbers.push(neighbour(value, 1), neighbour(value, -1));
    }
    return numbers;
}

const SPECIAL = [0, Infinity, Number.NaN, 2 ** -149, 2 ** -126, 2 ** -127, 2 ** 128 - 2 ** 104, 1e10, 464, 480, 61440];
const bothSigns = (values: readonly number[]) => values.flatMap((value) => [value, -value]);

const SOURCE = `
kernel narrow(x: f32[n], ${NAMES.map((name) => `to_${name}: mut ${name}[n]`).join(", ")}) over i in n {
${NAMES.map((name) => `    to_${name}[i] = x[i] as ${name}`).join("\n")}
}
kernel narrow64(x: f64[n], ${NAMES.map((name) => `to_${name}: mut ${name}[n]`).join(", ")}) over i in n {
${NAMES.map((name) => `    to_${name}[i] = x[i] as ${name}`).join("\n")}
}
kernel integers(a: i32[n], b: u32[n], c: i64[n], d: u64[n], y: mut bf16[4, n], z: mut f8e5m2[n]) over i in n {
    y[0, i] = a[i] as bf16
    y[1, i] = b[i] as bf16
    y[2, i] = c[i] as bf16
    y[3, i] = d[i] as bf16
    z[i] = (c[i] as index) as f8e5m2
}
${NAMES.map(
    (name) => `
kernel widen_${name}(x: ${name}[n], y: mut f32[n], z: mut f64[n], k: mut i32[n], bits: mut ${wordOf(name)}[n], back: mut ${name}[n]) over i in n {
    y[i] = x[i] as f32
    z[i] = x[i] as f64
    k[i] = x[i] as i32
    bits[i] = to_bits(x[i])
    back[i] = ${name}_from_bits(to_bits(x[i]))
}`,
).join("")}
kernel operators(a: bf16[n], b: bf16[n], y: mut bf16[7, n], less: mut bool[n], same: mut bool[n]) over i in n {
    y[0, i] = a[i] + b[i]
    y[1, i] = a[i] - b[i]
    y[2, i] = a[i] * b[i]
    y[3, i] = a[i] / b[i]
    y[4, i] = -a[i]
    y[5, i] = a[i] * b[i] + a[i]
    var s = a[i]
    s *= b[i]
    y[6, i] = s
    less[i] = a[i] < b[i]
    same[i] = a[i] == b[i]
}`;

/** A view of a kernel; numbers are codes where the type is a small float. */
interface Plan {
    readonly name: string;
    readonly type: ScalarType;
    readonly shape: readonly number[];
    readonly data?: readonly (number | bigint)[];
}

type Found = Record<string, number[]>;

const isCoded = (type: string): type is Name => type in FORMATS;
const sizeOf = ({ shape }: Plan) => shape.reduce((product, extent) => product * extent, 1);

async function onDevice(kernel: string, plans: readonly Plan[], optimisation: 0 | 3): Promise<Found> {
    const gpu = await testGpu();
    const run = (await kernelsOf(SOURCE, optimisation))[kernel];
    const tensors = plans.map(({ type, shape, data }) => {
        if (data === undefined) return gpu.tensor(type, shape);
        const codes = data as number[];
        const coded = isCoded(type) ? (type === "bf16" ? Uint16Array.from(codes) : Uint8Array.from(codes)) : data;
        return gpu.tensor(type, shape, coded as never);
    });
    try {
        await run?.(Object.fromEntries(plans.map(({ name }, at) => [name, tensors[at]])) as never);
        const found: Found = {};
        for (const [at, { name, type }] of plans.entries()) {
            const tensor = tensors[at];
            const bytes = isCoded(type) ? await tensor?.readBytes() : undefined;
            const codes = type === "bf16" ? new Uint16Array((bytes as Uint8Array).buffer) : bytes;
            found[name] = Array.from((codes ?? (await tensor?.read()) ?? []) as ArrayLike<number>, Number);
        }
        return found;
    } finally {
        for (const tensor of tensors) tensor.dispose();
    }
}

const { program } = checkProgram({ path: "test.soma", text: SOURCE }, () => undefined);
if (program === null) throw new Error("the kernels are wrong");
const module = lowerProgram(program);

function interpreted(kernel: string, plans: readonly Plan[]): Found {
    const memories = plans.map((plan): Memory => {
        const { name, type } = plan;
        const element = isCoded(type) ? wordOf(type) : (IR_SCALARS.find((known) => known === type) as IrScalar);
        const isNumber = element.startsWith("f");
        const zero = element === "bool" ? false : isNumber ? 0 : 0n;
        const values = plan.data?.map((value) => (isNumber ? Number(value) : BigInt(value)));
        return { name, element, values: values ?? Array.from({ length: sizeOf(plan) }, () => zero) };
    });
    const count = plans[0]?.shape[0] ?? 0;
    const groups = [Math.ceil(count / 256), 1, 1] as const;
    const { fault } = interpret(module, { kernel, groups, args: [...memories, BigInt(count)], limit: 1e9 });
    if (fault) throw new Error(fault.message);
    return Object.fromEntries(memories.map(({ name, values }) => [name, values.map(Number)]));
}

/** The first place where two lists differ, so that a failure is readable. */
function difference(
    found: readonly number[] = [],
    wanted: readonly number[],
    inputs: readonly unknown[],
): string | null {
    const at = wanted.findIndex((value, index) => !Object.is(value, found[index]));
    return at < 0 ? null : `${inputs[at % inputs.length]} gives ${found[at]}, not ${wanted[at]}`;
}

/** Runs a kernel on the device and, of every `step`th input, in the interpreter; holds what it writes against lists. */
async function check(
    kernel: string,
    inputs: Readonly<Record<string, readonly [ScalarType, readonly (number | bigint)[]]>>,
    outputs: Readonly<Record<string, readonly [ScalarType, readonly (readonly number[])[]]>>,
    way: "-O0" | "-O3" | "interpreted",
): Promise<void> {
    const [[, first] = ["bool", []]] = Object.values(inputs);
    const n = first.length;
    const plans: Plan[] = [
        ...Object.entries(inputs).map(([name, [type, data]]) => ({ name, type, shape: [n], data })),
        ...Object.entries(outputs).map(([name, [type, rows]]) => {
            return { name, type, shape: rows.length === 1 ? [n] : [rows.length, n] };
        }),
    ];
    const found =
        way === "interpreted" ? interpreted(kernel, plans) : await onDevice(kernel, plans, way === "-O0" ? 0 : 3);
    for (const [name, [, rows]] of Object.entries(outputs)) {
        for (const [row, wanted] of rows.entries()) {
            const part = found[name]?.slice(row * n, row * n + n);
            expect(difference(part, wanted, first), `${kernel}: ${name}, row ${row}`).toBeNull();
        }
    }
}

const narrowings = (values: readonly number[]) =>
    Object.fromEntries(
        NAMES.map((name) => [`to_${name}`, [name, [values.map((value) => nearest(name, value))]] as const]),
    );

/** Round to nearest even to a bfloat16 of an exact integer, from its definition. */
function nearestOfInteger(name: Name, value: bigint): number {
    const magnitude = value < 0n ? -value : value;
    const shift = BigInt(Math.max(0, magnitude.toString(2).length - FORMATS[name].fractionBits - 1));
    const [whole, rest] = [magnitude >> shift, magnitude & ((1n << shift) - 1n)];
    const half = shift === 0n ? 1n : 1n << (shift - 1n);
    const up = rest > half || (rest === half && shift > 0n && whole % 2n === 1n);
    return nearest(name, (value < 0n ? -1 : 1) * Number((up ? whole + 1n : whole) << shift));
}

/** Numbers of so many bits whose rounding to 8 bits is decided by the last of them. */
function integersNear(bits: number, signed: boolean): bigint[] {
    const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
    const numbers = [0n, 1n, most, most - 1n];
    for (let at = 9; at < bits - (signed ? 1 : 0); at++) {
        for (const top of [0x100n, 0x102n, 0x13fn, 0x1abn, 0x1ffn]) {
            const middle = ((top << 1n) | 1n) << BigInt(at - 9);
            for (const value of [middle, middle + 1n, middle - 1n]) if (value <= most) numbers.push(value);
        }
    }
    return signed ? numbers.flatMap((value) => [value, -value]) : numbers;
}

/** A sequence of codes that looks random (Lehmer's generator of Park and Miller, 1988). */
function* codes(seed: number): Generator<number> {
    for (let state = seed; ; ) {
        state = (state * 48271) % 2147483647;
        yield state & 0xffff;
    }
}

const WAYS = ["-O0", "-O3", "interpreted"] as const;

describe.each(WAYS)("%s", (way) => {
    // The interpreter takes a part of bf16's boundaries: it is slow.
    const step = way === "interpreted" ? 61 : 1;

    test.each(NAMES)("every %s has its value", async (name) => {
        const all = Array.from({ length: 2 * signBit(name) }, (_, code) => code).filter(
            (code) => code % step === 0 || name !== "bf16",
        );
        const values = all.map((code) => decoded(name, code));
        const integers = values.map((value) =>
            Number.isNaN(value) ? 0 : Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value))) + 0,
        );
        const outputs = {
            y: ["f32", [values]],
            z: ["f64", [values]],
            k: ["i32", [integers]],
            bits: [wordOf(name), [all]],
            back: [name, [all]],
        } as const;
        await check(`widen_${name}`, { x: [name, all] }, outputs, way);
    });

    test("f32 is rounded to the nearest", async () => {
        const values = bothSigns([
            ...NAMES.flatMap((name) => boundaries(name, name === "bf16" ? step : 1)),
            ...SPECIAL,
        ]);
        const exact = Array.from(Float32Array.from(values));
        await check("narrow", { x: ["f32", exact] }, narrowings(exact), way);
    });

    test("f64 is rounded once", async () => {
        const near = NAMES.flatMap((name) => boundaries(name, name === "bf16" ? 61 : 1)).flatMap((value) => [
            value,
            value * (1 + 2 ** -45),
            value * (1 - 2 ** -45),
        ]);
        const values = bothSigns([...near, ...SPECIAL, 2 ** -1074, 1e300, 1e-300, 2 ** -134 + 2 ** -160]);
        await check("narrow64", { x: ["f64", values] }, narrowings(values), way);
    });

    test("integers are rounded once", async () => {
        const lists = [
            integersNear(32, true),
            integersNear(32, false),
            integersNear(64, true),
            integersNear(64, false),
        ];
        const n = Math.max(...lists.map(({ length }) => length));
        const [a, b, c, d] = lists.map((list) => [...list, ...Array.from({ length: n - list.length }, () => 0n)]) as [
            bigint[],
            bigint[],
            bigint[],
            bigint[],
        ];
        const rounded = [a, b, c, d].map((list) => list.map((value) => nearestOfInteger("bf16", value)));
        const narrow = c.map((value) => nearestOfInteger("f8e5m2", value));
        const inputs = { a: ["i32", a.map(Number)], b: ["u32", b.map(Number)], c: ["i64", c], d: ["u64", d] } as const;
        await check("integers", inputs, { y: ["bf16", rounded], z: ["f8e5m2", [narrow]] }, way);
    });

    test("bf16's operators are f32's, rounded", async () => {
        const special = [0, 0x8000, 0x3f80, 0x7f80, 0xff80, 0x7fc0, 1, 0x7f7f, 0x80, 0x4049];
        const count = way === "interpreted" ? 200 : 20_000;
        const random = codes(1);
        const a = special.flatMap((code) => special.map(() => code));
        const b = special.flatMap(() => special);
        for (let at = 0; at < count; at++) {
            const [first, second] = [random.next().value as number, random.next().value as number];
            a.push(first);
            // Half of them with a neighbouring exponent, where sums round.
            b.push(at % 2 === 0 ? second : (first & 0x7f80) ^ (second & 0x80ff));
        }
        const f32 = (compute: (x: number, y: number) => number) => (at: number) => {
            const [x, y] = [decoded("bf16", a[at] as number), decoded("bf16", b[at] as number)];
            return nearest("bf16", Math.fround(compute(x, y)));
        };
        const product = f32((x, y) => x * y);
        const each = (operation: (at: number) => number) => a.map((_, at) => operation(at));
        const rows = [
            each(f32((x, y) => x + y)),
            each(f32((x, y) => x - y)),
            each(product),
            each(f32((x, y) => x / y)),
            a.map((code) => code ^ 0x8000),
            each((at) => {
                const rounded = decoded("bf16", product(at));
                return nearest("bf16", Math.fround(rounded + decoded("bf16", a[at] as number)));
            }),
            each(product),
        ];
        const compared = (holds: (x: number, y: number) => boolean) =>
            each((at) => Number(holds(decoded("bf16", a[at] as number), decoded("bf16", b[at] as number))));
        const outputs = {
            y: ["bf16", rows],
            less: ["bool", [compared((x, y) => x < y)]],
            same: ["bool", [compared((x, y) => x === y)]],
        } as const;
        await check("operators", { a: ["bf16", a], b: ["bf16", b] }, outputs, way);
    });
});
