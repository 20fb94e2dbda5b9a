// The activation functions against their closed forms in double precision, and at the ends of their range.

import { describe, expect, it } from "vitest";
import { PRELUDE } from "../../compiler/sema/prelude.js";
import { run, view } from "../run/harness.js";
import { check } from "../sema/programs.js";
import { floats } from "./data.js";
import { erfc, ulpError } from "./reference.js";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hardSigmoid = (x: number): number => Math.min(Math.max(x / 6 + 0.5, 0), 1);

/** Function, limits at −∞ and ∞, and arguments beside x. */
const FUNCTIONS: Readonly<Record<string, readonly [(x: number) => number, number, number, string?]>> = {
    relu: [(x) => Math.max(x, 0), 0, Infinity],
    leaky_relu: [(x) => (x < 0 ? 0.25 * x : x), -Infinity, Infinity, ", 0.25"],
    elu: [(x) => (x < 0 ? 1.5 * Math.expm1(x) : x), -1.5, Infinity, ", 1.5"],
    sigmoid: [sigmoid, 0, 1],
    softplus: [softplus, 0, Infinity],
    silu: [(x) => x * sigmoid(x), 0, Infinity],
    gelu: [(x) => 0.5 * x * erfc(-x / Math.SQRT2), 0, Infinity],
    gelu_tanh: [(x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))), 0, Infinity],
    mish: [(x) => x * Math.tanh(softplus(x)), 0, Infinity],
    softsign: [(x) => x / (1 + Math.abs(x)), -1, 1],
    hard_sigmoid: [hardSigmoid, 0, 1],
    hard_swish: [(x) => x * hardSigmoid(x), 0, Infinity],
};

describe.each(Object.entries(FUNCTIONS))("%s", (name, [exact, low, high, more = ""]) => {
    it.each(["f32", "f64"] as const)("is near its closed form in %s", async (type) => {
        const source = `kernel k(x: ${type}[n], y: mut ${type}[n]) over i in n { y[i] = ${name}(x[i]${more}) }\n`;
        const xs = [...floats(2000, 1, -6, 6), 0, -0, 1e-20, -1e-20, -Infinity, Infinity, Number.NaN];
        const { y } = await run(source, { x: view(type, [xs.length], xs), y: view(type, [xs.length]) });
        const results = Array.from(y as ArrayLike<number>);
        expect(results.slice(-3)).toEqual([low, high, Number.NaN]);
        for (const [i, x] of xs.slice(0, -3).entries()) {
            // What x/√2 rounds away counts x² times in the tail of gelu: 36 at −6.
            // A sum of two rounded terms near 0 has an error in units of the terms, not of itself.
            const unit = Math.max(Math.abs(exact(x)), /^(gelu_tanh|hard_.*)$/.test(name) ? 1 : 0);
            const error = ulpError(type, results[i] as number, exact(x)) * (unit === 0 ? 0 : Math.abs(exact(x)) / unit);
            expect(error, `${name}(${x}) is ${results[i]}, exactly ${exact(x)}`).toBeLessThan(100);
        }
    });
});

it("the functions of std.activation are the prelude's, and are hidden by a program's own", () => {
    const functions = [...PRELUDE].filter(([, module]) => module === "std.activation").map(([name]) => name);
    expect(functions.sort()).toEqual(Object.keys(FUNCTIONS).sort());
    const symbols = (text: string) => check(text).program?.functions.map(({ symbol }) => symbol);
    const kernel = "kernel k(y: mut f32[n]) over i in n { y[i] = relu(y[i]) }\n";
    expect(symbols(kernel)).toEqual(["std.activation.relu$f32"]);
    expect(symbols(`import std.activation { relu }\n${kernel}`)).toEqual(["std.activation.relu$f32"]);
    expect(symbols(`fn relu(x: f32) -> f32 { x }\n${kernel}`)).toEqual(["relu"]);
    const { diagnostics } = check(kernel.replace("relu", "rellu"));
    expect(diagnostics.map(({ help }) => help)).toEqual(["did you mean `relu`?"]);
});
