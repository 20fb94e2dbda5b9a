// Programs at the limits of the parser go through the rest of the compiler: no stage has a lower one.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";

function kernel(body: string): string {
    return `kernel f(x: mut f32[n]) over i in n {\n${body}\n}\n`;
}

/** `text` as often as asked. */
function times(count: number, text: (at: number) => string): string {
    return Array.from({ length: count }, (_, at) => text(at)).join("");
}

const LONG = 900;
const DEEP = 100;

const PROGRAMS: Readonly<Record<string, string>> = {
    "a long chain of else if": kernel(
        `    if x[i] < 0.0 { x[i] = 0.0 }${times(LONG, (at) => ` else if x[i] < ${at}.0 { x[i] += 1.0 }`)}`,
    ),
    "a long sum": kernel(`    x[i] = x[i]${times(LONG, () => " + x[i] * 2.0")}`),
    "a long condition": kernel(`    if x[i] < 0.0${times(LONG, (at) => ` || x[i] == ${at}.0`)} { x[i] = 0.0 }`),
    "deep branches": kernel(`${times(DEEP, (at) => `if x[i] > ${at}.0 { `)}x[i] = 0.0${times(DEEP, () => " }")}`),
    "deep loops": kernel(
        `var s: f32 = 0.0\n${times(DEEP, (at) => `for k${at} in 0 .. 2 { `)}s += 1.0${times(DEEP, () => " }")}\nx[i] = s`,
    ),
    "deep parentheses": kernel(`    x[i] = ${times(DEEP, () => "(1.0 + ")}x[i]${times(DEEP, () => ")")}`),
    "many variables": kernel(
        `${times(2000, (at) => `    var v${at} = x[i]\n    if v${at} > 1.0 { v${at} = 1.0 }\n    x[i] += v${at}\n`)}`,
    ),
};

describe.each(Object.entries(PROGRAMS))("%s", (_name, text) => {
    test("becomes LLVM IR", async () => {
        const options = { target: "gfx1100", emit: "llvm", verify: true } as const;
        const { output, diagnostics } = await compile(
            { path: "limits.soma", text },
            loadModule,
            loadCodegen(),
            options,
        );
        expect(diagnostics.map(({ message }) => message)).toEqual([]);
        expect(output?.length).toBeGreaterThan(1000);
    });
});

test("functions that call functions don't multiply without end", async () => {
    const levels = times(30, (at) => `fn f${at + 1}(x: f32) -> f32 { f${at}(x * 0.5) + f${at}(x + 1.0) }\n`);
    const text = `fn f0(x: f32) -> f32 { x * x - 1.0 }\n${levels}${kernel("    x[i] = f30(x[i])")}`;
    for (const optimisation of [0, 3] as const) {
        const options = { target: "gfx1100", optimisation, verify: true } as const;
        const { output, diagnostics } = await compile({ path: "calls.soma", text }, loadModule, loadCodegen(), options);
        expect(diagnostics.map(({ message }) => message)).toEqual([]);
        expect(output?.length).toBeLessThan(4_000_000);
    }
});
