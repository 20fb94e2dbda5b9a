// The largest errors of the f32 and f16 functions over their whole range: every `step`th of all 2³² bit patterns (or of
// 2¹⁶), in units in the last place of the result in double precision.

import type { Gpu } from "../../runtime/index.js";
import { BINARY, UNARY } from "./functions.js";
import { ulpError } from "./reference.js";

export interface Worst {
    readonly name: string;
    /** Arguments that were tried. */
    readonly tried: number;
    /** In units in the last place; Infinity for a NaN, zero or infinity that should be another value. */
    readonly error: number;
    /** Where that is, as a call. */
    readonly at: string;
}

const CHUNK = 2 ** 20;

/** Beyond it, and from half a unit above the largest number on, the result is infinite (IEEE 754, 7.4). */
const OVERFLOW = { f16: 65520, f32: 2 ** 128 - 2 ** 103 } as const;

/** @param step 1 tries every number */
export async function measureUnary(gpu: Gpu, type: "f16" | "f32", name: string, step: number): Promise<Worst> {
    const exact = UNARY[name] as (x: number) => number;
    const bits = type === "f16" ? 16 : 32;
    const count = Math.ceil(2 ** bits / step);
    const source = `kernel evaluate(first: u64, x: mut ${type}[n], out: mut ${type}[n]) over i in n {
    x[i] = ${type}_from_bits((first + ${step} * (i as u64)) as u${bits})
    out[i] = ${name}(x[i])
}
`;
    const { evaluate } = await gpu.load<"evaluate">({ source });
    const chunk = Math.min(CHUNK, count);
    using x = gpu.tensor(type, [chunk]);
    using out = gpu.tensor(type, [chunk]);
    const worst = new Search(type, name);
    for (let done = 0; done < count; done += chunk) {
        await evaluate({ first: BigInt(done * step), x, out });
        const [xs, results] = [await x.read(), await out.read()];
        for (let i = 0; i < Math.min(chunk, count - done); i++) {
            const argument = xs[i] as number;
            worst.add(results[i] as number, exact(argument), argument);
        }
    }
    return { ...worst.found, tried: count };
}

/** Pairs of f32 with random bits, and as many within the range where the function is neither 0 nor infinite. */
export async function measureBinary(gpu: Gpu, name: string, count: number): Promise<Worst> {
    const exact = BINARY[name] as (x: number, y: number) => number;
    const source = `kernel evaluate(x: f32[n], y: f32[n], out: mut f32[n]) over i in n { out[i] = ${name}(x[i], y[i]) }\n`;
    const { evaluate } = await gpu.load<"evaluate">({ source });
    const chunk = Math.min(CHUNK, count);
    const worst = new Search("f32", name);
    const random = numbers();
    for (let done = 0; done < count; done += chunk) {
        const pairs = Array.from({ length: chunk }, (_, i) => (i % 2 === 0 ? anywhere(random) : inside(name, random)));
        using x = gpu.tensor(
            "f32",
            [chunk],
            Float32Array.from(pairs, ([a]) => a),
        );
        using y = gpu.tensor(
            "f32",
            [chunk],
            Float32Array.from(pairs, ([, b]) => b),
        );
        using out = gpu.tensor("f32", [chunk]);
        await evaluate({ x, y, out });
        const results = await out.read();
        for (const [i, [a, b]] of pairs.entries()) worst.add(results[i] as number, exact(a, b), a, b);
    }
    return { ...worst.found, tried: count };
}

class Search {
    found = { name: "", error: -1, at: "" };

    constructor(
        private readonly type: "f16" | "f32",
        private readonly name: string,
    ) {
        this.found.name = name;
    }

    add(actual: number, exact: number, ...args: readonly number[]): void {
        const expected = Math.abs(exact) >= OVERFLOW[this.type] ? Math.sign(exact) * Number.POSITIVE_INFINITY : exact;
        if (Object.is(actual, expected)) return;
        const isSpecial = !Number.isFinite(actual) || !Number.isFinite(expected);
        const error = isSpecial ? Number.POSITIVE_INFINITY : ulpError(this.type, actual, expected);
        // An infinity is within a unit of what lies just below the point of overflow.
        const barely =
            Math.abs(actual) === Number.POSITIVE_INFINITY && Math.abs(expected) > OVERFLOW[this.type] * (1 - 2 ** -11);
        if (error > this.found.error && !barely) {
            this.found = {
                name: this.name,
                error,
                at: `${this.name}(${args.join(", ")}) is ${actual}, exactly ${exact}`,
            };
        }
    }
}

type Random = () => number;

/** Marsaglia's xorshift ("Xorshift RNGs", 2003) with the period 2³² − 1. */
function numbers(): Random {
    let state = 2463534242;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    };
}

const BITS = new DataView(new ArrayBuffer(4));

function anywhere(random: Random): readonly [number, number] {
    const number = () => {
        BITS.setUint32(0, random());
        return BITS.getFloat32(0);
    };
    return [number(), number()];
}

function inside(name: string, random: Random): readonly [number, number] {
    const [a, b] = [random() / 2 ** 32, random() / 2 ** 32];
    const x = Math.fround(2 ** (name === "pow" && a < 0.5 ? a - 0.25 : 60 * a - 30));
    const limit = name === "pow" ? 150 / Math.max(Math.abs(Math.log2(x)), 2 ** -20) : 2 ** 30 * x * 2 ** (-60 * a);
    return [x, Math.fround((2 * b - 1) * limit)];
}
