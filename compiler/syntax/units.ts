// The units that may stand behind a number, on its line: `20 ms`. They are names everywhere else.

/** By quantity; a number with one of them is of that type. */
export const UNITS: Readonly<Record<string, readonly string[]>> = {
    time: ["s", "ms", "us", "ns"],
    frequency: ["Hz", "kHz", "MHz"],
    voltage: ["V", "mV", "uV"],
    current: ["A", "mA", "uA", "nA", "pA"],
    capacitance: ["F", "mF", "uF", "nF", "pF"],
    conductance: ["S", "mS", "uS", "nS", "pS"],
    resistance: ["Ohm", "kOhm", "MOhm", "GOhm"],
};

const NAMES = new Set(Object.values(UNITS).flat());

export function isUnit(name: string): boolean {
    return NAMES.has(name);
}
