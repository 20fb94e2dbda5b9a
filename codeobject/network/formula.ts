// A formula over names: how a network's manifest says the numbers that the runtime computes once, in double precision
// (propagators, weights, sizes), and how the compiler keeps the equations of models. It is JSON: a number, a name, or
// [operation, operands …]. Quantities are in ms, mV, pA, nS, pF, GOhm, kHz and fC, which need no factors between them.

import { philox4x32 } from "../philox.js";

export type Formula = number | string | boolean | readonly [Operation, ...Formula[]];

type Evaluated = number | boolean;

/** Computes a name; it throws where there is none. */
export type Lookup = (name: string) => Evaluated;

/** The next of a sequence of random words; formulas that draw need one. */
export type Draw = () => number;

const number =
    (compute: (...values: number[]) => Evaluated) =>
    (...values: Evaluated[]): Evaluated =>
        compute(...values.map(Number));

/** What each operation computes. `if` and the draws are in `evaluate`. */
const COMPUTE = {
    "+": number((a, b) => (a as number) + (b as number)),
    "-": number((a, b) => (a as number) - (b as number)),
    "*": number((a, b) => (a as number) * (b as number)),
    "/": number((a, b) => (a as number) / (b as number)),
    "%": number((a, b) => (a as number) % (b as number)),
    "<": number((a, b) => (a as number) < (b as number)),
    "<=": number((a, b) => (a as number) <= (b as number)),
    ">": number((a, b) => (a as number) > (b as number)),
    ">=": number((a, b) => (a as number) >= (b as number)),
    "==": number((a, b) => a === b),
    "!=": number((a, b) => a !== b),
    "&&": (a: Evaluated, b: Evaluated) => Boolean(a) && Boolean(b),
    "||": (a: Evaluated, b: Evaluated) => Boolean(a) || Boolean(b),
    "!": (a: Evaluated) => !a,
    neg: number((a) => -(a as number)),
    inf: () => Number.POSITIVE_INFINITY,
    abs: number(Math.abs),
    min: number(Math.min),
    max: number(Math.max),
    clamp: number((x, low, high) => Math.min(Math.max(x as number, low as number), high as number)),
    sign: number(Math.sign),
    floor: number(Math.floor),
    ceil: number(Math.ceil),
    trunc: number(Math.trunc),
    round: number((x) => roundEven(x as number)),
    sqrt: number(Math.sqrt),
    exp: number(Math.exp),
    exp2: number((x) => 2 ** (x as number)),
    expm1: number(Math.expm1),
    log: number(Math.log),
    log2: number(Math.log2),
    log10: number(Math.log10),
    log1p: number(Math.log1p),
    pow: number((x, y) => (x as number) ** (y as number)),
    sin: number(Math.sin),
    cos: number(Math.cos),
    tan: number(Math.tan),
    sinh: number(Math.sinh),
    cosh: number(Math.cosh),
    tanh: number(Math.tanh),
    atan: number(Math.atan),
    hypot: number(Math.hypot),
    relu: number((x) => Math.max(x as number, 0)),
    sigmoid: number((x) => 1 / (1 + Math.exp(-(x as number)))),
    /** (eᶻ − 1) / z: what an exponential step multiplies a derivative with. */
    phi: number((z) => (z === 0 ? 1 : Math.expm1(z as number) / (z as number))),
} as const;

/** `random(a, b)` is uniform in [a, b), `normal(mean, deviation)`. */
const DRAWS = ["random", "normal"] as const;

/** What kernels draw in every step: uniform in [0, 1), normal, and a Poisson count of a mean. */
const STEP_DRAWS = ["uniform", "gauss", "poisson"] as const;

export type Operation =
    | keyof typeof COMPUTE
    | (typeof DRAWS)[number]
    | (typeof STEP_DRAWS)[number]
    | "if"
    | "propagate";

/** Those that the runtime computes. */
export const OPERATIONS: ReadonlySet<string> = new Set([...Object.keys(COMPUTE), ...DRAWS, "if", "propagate"]);

/** To the nearest integer, ties to the even one, as devices round. */
export function roundEven(x: number): number {
    const rounded = Math.round(x);
    return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * The value of a formula.
 * @param draw random words, for formulas that draw
 */
export function evaluate(formula: Formula, lookup: Lookup, draw?: Draw): Evaluated {
    if (typeof formula === "number" || typeof formula === "boolean") return formula;
    if (typeof formula === "string") return lookup(formula);
    const [operation, ...operands] = formula;
    const value = (at: number) => evaluate(operands[at] as Formula, lookup, draw);
    const numeric = (at: number) => Number(value(at));
    if (operation === "if") return value(0) ? value(1) : value(2);
    if (operation === "propagate") return propagator(operands, numeric);
    if (operation === "random" || operation === "normal") {
        if (draw === undefined) throw new Error(`${operation} where nothing is drawn`);
        return compile(formula, lookup, {}, draw)();
    }
    const compute = (COMPUTE as Partial<Record<Operation, (...values: Evaluated[]) => Evaluated>>)[operation];
    if (compute === undefined) throw new Error(`${operation} is for kernels`);
    return compute(...operands.map((_, at) => value(at)));
}

/**
 * ["propagate", row, column, n, dt, a₀₀, a₀₁ … ]: an element of the exponential of dt·A, where A is n by n and row-major.
 * By scaling and squaring of the Taylor series: the systems are small, and dt is short beside their time constants.
 */
function propagator(operands: readonly Formula[], numeric: (at: number) => number): number {
    const [row, column, n] = operands as readonly number[] as readonly [number, number, number];
    const dt = numeric(3);
    const matrix = Float64Array.from({ length: n * n }, (_, at) => dt * numeric(4 + at));
    return exponential(matrix, n)[row * n + column] as number;
}

/** e^A of a row-major n by n matrix. */
export function exponential(matrix: Float64Array, n: number): Float64Array {
    const norm = Math.max(...Array.from({ length: n }, (_, i) => sumOf(matrix.subarray(i * n, (i + 1) * n))));
    const squarings = norm > 0.125 && Number.isFinite(norm) ? Math.ceil(Math.log2(norm / 0.125)) : 0;
    const scaled = matrix.map((value) => value / 2 ** squarings);
    let sum = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
    let term = sum.slice();
    for (let k = 1; k <= 16; k++) {
        term = multiply(term, scaled, n).map((value) => value / k);
        sum = sum.map((value, at) => value + (term[at] as number));
    }
    for (let k = 0; k < squarings; k++) sum = multiply(sum, sum, n);
    return sum;
}

function sumOf(row: Float64Array): number {
    return row.reduce((sum, value) => sum + Math.abs(value), 0);
}

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array<ArrayBuffer> {
    const product = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
        for (let k = 0; k < n; k++) {
            const factor = a[i * n + k] as number;
            if (factor === 0) continue;
            for (let j = 0; j < n; j++)
                product[i * n + j] = (product[i * n + j] as number) + factor * (b[k * n + j] as number);
        }
    }
    return product;
}

/** A formula as a function: what doesn't change from call to call is computed once. */
export type Compiled = () => number;

/**
 * Compiles a formula for many evaluations.
 * @param lookup computes names that stay the same
 * @param places values of the names that change from call to call, read at each
 * @param draw random words, for formulas that draw
 */
export function compile(
    formula: Formula,
    lookup: Lookup,
    places: Readonly<Record<string, number>>,
    draw: Draw,
): Compiled {
    const isFixed = (each: Formula): boolean => !draws(each) && ![...namesOf(each)].some((name) => name in places);
    if (isFixed(formula)) {
        const value = Number(evaluate(formula, lookup));
        return () => value;
    }
    if (typeof formula === "string") return () => places[formula] as number;
    const [operation, ...operands] = formula as readonly [Operation, ...Formula[]];
    const inner = operands.map((each) => compile(each, lookup, places, draw));
    const [a = zero, b = zero, c = zero] = inner;
    switch (operation) {
        case "+":
            return () => a() + b();
        case "-":
            return () => a() - b();
        case "*":
            return () => a() * b();
        case "/":
            return () => a() / b();
        case "if":
            return () => (a() ? b() : c());
        case "random":
            return () => {
                const [low, high] = [a(), b()];
                return low + (high - low) * (draw() * 2 ** -32);
            };
        case "normal":
            return () => {
                const radius = Math.sqrt(-2 * Math.log((draw() + 0.5) * 2 ** -32));
                return a() + b() * radius * Math.cos(2 * Math.PI * (draw() * 2 ** -32));
            };
        default: {
            const compute = (COMPUTE as Partial<Record<Operation, (...values: Evaluated[]) => Evaluated>>)[operation];
            if (compute === undefined) throw new Error(`${operation} can't be compiled`);
            return () => Number(compute(...inner.map((each) => each())));
        }
    }
}

const zero: Compiled = () => 0;

/** Every name in a formula. */
export function namesOf(formula: Formula, names = new Set<string>()): Set<string> {
    if (typeof formula === "string") names.add(formula);
    else if (typeof formula === "object") for (const operand of formula.slice(1)) namesOf(operand as Formula, names);
    return names;
}

/** Whether it draws random numbers. */
export function draws(formula: Formula): boolean {
    if (typeof formula !== "object") return false;
    const [operation, ...operands] = formula;
    return ([...DRAWS, ...STEP_DRAWS] as string[]).includes(operation) || operands.some(draws);
}

/** A formula with other formulas in the places of names; `of` gives undefined for what stays. */
export function substitute(formula: Formula, of: (name: string) => Formula | undefined): Formula {
    if (typeof formula === "string") return of(formula) ?? formula;
    if (typeof formula !== "object") return formula;
    const [operation, ...operands] = formula;
    return [operation, ...operands.map((operand) => substitute(operand, of))];
}

/**
 * Random words of elements, one after the other: those of the blocks whose counter is (element, other, stream, number of the block),
 * as std.random has it.
 */
export class Words {
    private readonly key: readonly [number, number];
    private readonly block = new Uint32Array(4);
    private element = 0;
    private other = 0;
    private stream = 0;
    private at = 0;

    constructor(seed: bigint) {
        this.key = [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)];
    }

    /** Begins with the first word of an element. */
    begin(stream: number, element: number, other = 0): this {
        [this.stream, this.element, this.other, this.at] = [stream, element, other, 0];
        return this;
    }

    readonly next: Draw = () => {
        const { block } = this;
        if (this.at % 4 === 0) {
            block[0] = this.element;
            block[1] = this.other;
            block[2] = this.stream;
            block[3] = this.at / 4;
            philox4x32(block, this.key);
        }
        return block[this.at++ % 4] as number;
    };
}
