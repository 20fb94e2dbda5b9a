// Steps that are too long for an equation are warned of: where the methods' regions of stability end (E. Hairer, G. Wanner,
// "Solving Ordinary Differential Equations II", section IV.2), and what happens there.

import { expect, test } from "vitest";
import { computeCall } from "../../compiler/constant-calls.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

const decaying = (method: string, more = "", equation = "-v / tau") => `
neuron n(tau: time = 1 ms) {
    state v: f32 = 1.0
    ${more}
    ${method}
    v' = ${equation}
    spike when v > 1000.0 { v = 0.0 }
}
`;

const network = (dt: string, name = "two") => `network ${name}(dt: time = ${dt} ms) { population a(4, neuron: n()) }\n`;

function warnings(text: string) {
    const { diagnostics } = checkProgram({ path: "stiff.soma", text }, loadModule, DEFAULT_TARGET, computeCall);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    return diagnostics.filter(({ code }) => code === "W1210");
}

test("each method is warned of beyond the end of its region of stability, and only there", () => {
    for (const [method, bound] of [
        ["euler", 2],
        ["rk2", 2],
        ["rk4", 2.785293563],
    ] as const) {
        const source = decaying(`#method(${method})`);
        expect(warnings(source + network((0.999 * bound).toFixed(6)))).toEqual([]);
        expect(warnings(source + network((1.001 * bound).toFixed(6)))).toHaveLength(1);
    }
    for (const method of ["#method(exact)", "#method(exponential_euler)", ""]) {
        expect(warnings(decaying(method) + network("1000"))).toEqual([]);
    }
});

test("a divided step is as long as its parts, and the help says into how many", () => {
    expect(warnings(decaying("#method(euler)", "substeps 3") + network("5"))).toEqual([]);
    expect(warnings(decaying("#method(v: euler(3))") + network("5"))).toEqual([]);
    const [found] = warnings(decaying("#method(euler)") + network("5"));
    expect(found?.message).toBe(
        "`a.v` relaxes in 1 ms, for which Euler's method is unstable in steps longer than 2 ms, and these are of 5 ms",
    );
    expect(found?.help).toContain("`substeps 3` in `n`, or a `dt` of at most 2 ms");
});

test("of equations that are not linear, the Jacobian's diagonal at the start counts", () => {
    // d/dv (−v³) at 1 is −3: Runge and Kutta's method is stable up to 2.785 / 3 = 0.928 ms.
    const cubic = decaying("", "", "-v * v * v / tau");
    expect(warnings(cubic + network("0.92"))).toEqual([]);
    expect(warnings(cubic + network("0.94"))[0]?.message).toContain("relaxes in 0.333 ms");
    // Hodgkin and Huxley's m at −65 mV: 1 / (α + β) = 1 / (2.5 / (e^2.5 − 1) + 4) ms = 0.2368 ms, which bears 0.6595 ms.
    const squid = (dt: string) =>
        `import std.neuro { hodgkin_huxley }\nnetwork squid(dt: time = ${dt} ms) { population h(1, neuron: hodgkin_huxley()) }\n`;
    expect(warnings(squid("0.65"))).toEqual([]);
    expect(warnings(squid("0.67"))[0]?.message).toContain("`h.m` relaxes in 0.237 ms");
});

test("what isn't known before the network is made is not guessed at", () => {
    const open = `network two(dt: time = 5 ms, tau: time) { population a(4, neuron: n(tau: tau)) }\n${network("5", "other")}`;
    expect(warnings(decaying("#method(euler)") + open)).toHaveLength(1);
});

test("steps beyond the bound run away, and steps within don't", async () => {
    const gpu = await testGpu();
    const source = decaying("#method(euler)") + network("1.9", "stable") + network("2.1", "unstable");
    const { networks } = await gpu.load({ source, path: "stiff.soma" });
    const after = async (name: string) => {
        using net = gpu.network(networks[name] as NetworkDefinition);
        await net.step(60);
        return Math.abs(((await net.state("a.v").read()) as Float32Array)[0] as number);
    };
    // |1 − h/τ|^60
    expect(await after("stable")).toBeCloseTo(0.9 ** 60, 5);
    expect((await after("unstable")) / 1.1 ** 60).toBeCloseTo(1, 3);
});
