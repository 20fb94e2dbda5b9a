// The text form of the IR: what the printer writes is read back as the same module; anything else is an error with a
// place, whatever the text.

import { expect, test } from "vitest";
import { parseModule } from "../../compiler/ir/parse.js";
import { printModule } from "../../compiler/ir/print.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { runPasses } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { libraryProgram, lowered, samplePrograms } from "./programs.js";
import { sampleModule } from "./sample.js";

function parse(text: string) {
    return parseModule({ path: "test.ir", text });
}

/** The message and place of a text's error. */
function errorOf(text: string): string {
    const { error } = parse(text);
    return error ? `${error.line}:${error.column}: ${error.message}` : "no error";
}

const CONSTANTS = `kernel constants(a: mut f32[8], b: mut f64[8], c: mut i64[2], d: mut bool[2]) groups 1 workgroup(1) {
    a[0] = -0.0
    a[1] = inf
    a[2] = -inf
    a[3] = nan
    a[4] = 1e-45
    b[0] = 1e300
    b[1] = 5e-324
    b[2] = 0.1
    c[0] = -9223372036854775808
    d[0] = true
}
`;

const PROGRAMS = [...samplePrograms(), ["the library", libraryProgram()], ["constants", CONSTANTS]] as const;

test.each(PROGRAMS)("%s", (_name, program) => {
    const module = lowered(program);
    for (const stage of ["lowering", "passes"]) {
        if (stage === "passes") runPasses(module, DEFAULT_TARGET);
        const text = printModule(module);
        const { module: parsed, error } = parse(text);
        expect(error).toBeNull();
        if (!parsed) return;
        expect(verifyModule(parsed)).toEqual([]);
        expect(printModule(parsed)).toBe(text);
    }
});

test("names and spaces of the text don't matter", () => {
    const text = `fn @f(%70: i32 "x")->i32 { // no comments, so:\n`;
    expect(errorOf(text)).toBe(`1:28: "/" begins no word of the IR`);
    const { module } = parse(`fn @f( %70 : i32 "x")->i32{%3:i32=add %70,%70 return %3}`);
    expect(module && printModule(module)).toBe(
        `fn @f(%0: i32 "x") -> i32 {\n    %1: i32 = add %0, %0\n    return %1\n}\n`,
    );
});

test.each([
    ["junk", "1:1: expected kernel, fn; found `junk`"],
    ["fn f() {}", "1:4: expected a function's name; found `f`"],
    ["kernel @k() workgroup(1, 2) {}", "1:23: a workgroup has three sizes"],
    [
        `fn @f(%0: i33 "x") {}`,
        "1:11: expected bool, i8, i16, i32, i64, u8, u16, u32, u64, index, f16, f32, f64; found `i33`",
    ],
    [`fn @f(%0: i32 "\\q") {}`, `1:15: "\\q" is no string of JSON`],
    ["fn @f() {\n    fly\n}", "2:5: there is no operation `fly`"],
    ["fn @f() {\n    return %4\n}", "2:12: %4 is not defined before its use"],
    ["fn @f() {\n    %1: i32 = const 1\n    %1: i32 = const 2\n}", "3:5: %1 is defined twice"],
    ["fn @f() {\n    %1: i32 = const 1.5\n}", "2:21: `1.5` is no i32"],
    ["fn @f() {\n    %1: bool = const 1\n}", "2:22: `1` is no bool"],
    ["fn @f() {\n    const 1\n}", "2:11: a constant has one result, a scalar"],
    ["fn @f() {\n    break L0\n}", "2:11: there is no loop L0 around this"],
    ["fn @f() {\n    return", "2:11: expected `}`; found `the end`"],
    [`fn @f() {\n    %1: shared<f32> = alloc -4 "x"\n}`, "2:29: `-4` is no count"],
    ["fn @f() {\n    %1: index = local_id 3\n}", "2:26: expected 0, 1, 2; found `3`"],
])("%j is no IR", (text, expected) => {
    expect(errorOf(text)).toBe(expected);
});

test("deep nesting is an error, not a crash", () => {
    const text = `fn @f() {\n%0: bool = const true\n${"if %0 {\nthen():\n".repeat(2000)}`;
    expect(errorOf(text)).toMatch(/^2004:1: regions are nested more than 1000 deep$/);
});

test("no text makes parser or verifier throw", () => {
    const text = printModule(sampleModule());
    const words = text.match(/\S+|\s+/g) ?? [];
    let refused = 0;
    let total = 0;
    for (let at = 0; at < words.length; at++) {
        for (const change of ["", "%1", "}", "{", "f32", "for L9", '"', "-1", "yield %2,"]) {
            const { module } = parse([...words.slice(0, at), change, ...words.slice(at + 1)].join(""));
            total++;
            if (!module || verifyModule(module).length > 0) refused++;
        }
        parse(words.slice(0, at).join(""));
    }
    expect(refused).toBeGreaterThan(total / 2);
});
