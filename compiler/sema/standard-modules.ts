// The modules of the standard library that programs import, for suggestions: the compiler itself sees no folders. A test
// holds the list against stdlib/. (The modules below std.math are its parts.)

export const STANDARD_MODULES: readonly string[] = [
    "std.math",
    "std.activation",
    "std.random",
    "std.hash",
    "std.half",
    "std.fp8",
    "std.int4",
    "std.reduce",
    "std.scan",
    "std.histogram",
    "std.sort",
    "std.stats",
    "std.sparse",
    "std.complex",
    "std.linalg",
    "std.fft",
    "std.nn",
    "std.neuro",
];
