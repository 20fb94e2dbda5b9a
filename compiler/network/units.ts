// Physical dimensions: what kind of quantity a number is, as powers of time, voltage and current, and of one more that
// stands for whatever a connection's weights are. Numbers are kept in ms, mV, pA, nS, pF, GOhm, kHz and fC: products and
// quotients of these have no factors (1 nS · 1 mV = 1 pA, 1 pF / 1 nS = 1 ms).

import { UNITS } from "../syntax/units.js";

/** Exponents of time, voltage, current and weight; halves occur in noise. */
export type Dimension = readonly [time: number, voltage: number, current: number, weight: number];

export const PLAIN: Dimension = [0, 0, 0, 0];
export const TIME: Dimension = [1, 0, 0, 0];
export const WEIGHT: Dimension = [0, 0, 0, 1];

/** The names of dimensions in types. */
export const DIMENSIONS: Readonly<Record<string, Dimension>> = {
    f32: PLAIN,
    time: TIME,
    frequency: [-1, 0, 0, 0],
    voltage: [0, 1, 0, 0],
    current: [0, 0, 1, 0],
    capacitance: [1, -1, 1, 0],
    conductance: [0, -1, 1, 0],
    resistance: [0, 1, -1, 0],
    charge: [1, 0, 1, 0],
    weight: WEIGHT,
};

/** What one of each unit is, in the units that numbers are kept in. */
const FACTORS: Readonly<Record<string, number>> = (() => {
    const kept: Readonly<Record<string, number>> = {
        time: 1e-3,
        frequency: 1e3,
        voltage: 1e-3,
        current: 1e-12,
        capacitance: 1e-12,
        conductance: 1e-9,
        resistance: 1e9,
    };
    const prefixes: Readonly<Record<string, number>> = {
        G: 1e9,
        M: 1e6,
        k: 1e3,
        "": 1,
        m: 1e-3,
        u: 1e-6,
        n: 1e-9,
        p: 1e-12,
    };
    const factors: Record<string, number> = {};
    for (const [quantity, units] of Object.entries(UNITS)) {
        for (const unit of units) {
            const prefix = unit.length === 1 || unit === "Hz" || unit === "Ohm" ? "" : unit.charAt(0);
            const ratio = (prefixes[prefix] as number) / (kept[quantity] as number);
            // A power of ten, to the last bit.
            factors[unit] = Number(`1e${Math.round(Math.log10(ratio))}`);
        }
    }
    return factors;
})();

const DIMENSION_OF_UNIT = new Map(
    Object.entries(UNITS).flatMap(([quantity, units]) =>
        units.map((unit) => [unit, DIMENSIONS[quantity] as Dimension] as const),
    ),
);

/** A number with a unit, in the units that numbers are kept in. */
export function quantity(value: number, unit: string): { readonly value: number; readonly dimension: Dimension } {
    const factor = FACTORS[unit] as number;
    // Dividing by a power of ten is exact where multiplying by its inverse isn't: 1 us is 1/1000 ms.
    const scaled = factor < 1 ? value / Math.round(1 / factor) : value * factor;
    return { value: scaled, dimension: DIMENSION_OF_UNIT.get(unit) as Dimension };
}

const EXAMPLES: Readonly<Record<string, string>> = {
    time: "20 ms",
    frequency: "20 Hz",
    voltage: "-65 mV",
    current: "100 pA",
    capacitance: "200 pF",
    conductance: "10 nS",
    resistance: "100 MOhm",
};

/** A quantity of a dimension that has units. */
export function exampleOf(dimension: Dimension): string | undefined {
    const name = Object.keys(EXAMPLES).find((each) => sameDimension(DIMENSIONS[each] as Dimension, dimension));
    return name && EXAMPLES[name];
}

export function sameDimension(a: Dimension, b: Dimension): boolean {
    return a.every((power, at) => Math.abs(power - (b[at] as number)) < 1e-9);
}

export function isPlain(dimension: Dimension): boolean {
    return sameDimension(dimension, PLAIN);
}

export function times(a: Dimension, b: Dimension): Dimension {
    return a.map((power, at) => power + (b[at] as number)) as unknown as Dimension;
}

export function power(dimension: Dimension, exponent: number): Dimension {
    return dimension.map((each) => each * exponent) as unknown as Dimension;
}

export function over(a: Dimension, b: Dimension): Dimension {
    return times(a, power(b, -1));
}

const SHOWN: readonly [string, Dimension][] = Object.entries(DIMENSIONS).map(([name, dimension]) => [
    name === "f32" ? "a plain number" : `a ${name}`,
    dimension,
]);

/** In words: `a voltage`, `a voltage / time`, `time^-1 · current`. */
export function showDimension(dimension: Dimension): string {
    const named = SHOWN.find(([, each]) => sameDimension(each, dimension));
    if (named) return named[0];
    const rate = SHOWN.find(([, each]) => sameDimension(over(each, TIME), dimension));
    if (rate) return `${rate[0]} / time`;
    const names = ["time", "voltage", "current", "weight"];
    return dimension
        .flatMap((exponent, at) => (exponent === 0 ? [] : [exponent === 1 ? names[at] : `${names[at]}^${exponent}`]))
        .join(" · ");
}
