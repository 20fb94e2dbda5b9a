// Short-term plasticity against its recursion in double precision (T. Tsodyks, K. Pawelzik, H. Markram, 1998, as NEST's tsodyks2_synapse steps it:
// equations 4 and 5 of the model's documentation), for neurons that fire irregularly.

import { describe, expect, test } from "vitest";
import { philoxWords } from "../../codeobject/philox.js";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const [PRE, POST, STEPS, DT, TAU] = [5, 3, 400, 0.5, 4];

/** Depressing, facilitating (H. Markram, Y. Wang, M. Tsodyks, 1998, figures 1 and 3), and both with like time constants. */
const KINDS = {
    depressing: { u0: 0.5, tau_rec: 800, tau_fac: 0 },
    facilitating: { u0: 0.03, tau_rec: 130, tau_fac: 530 },
    mixed: { u0: 0.2, tau_rec: 50, tau_fac: 60 },
};

const SOURCE = `import std.neuro { tsodyks_markram }

neuron target {
    port i: f32
    state v: f32 = 0.0
    v' = (i - v) / 10 ms
}
${Object.entries(KINDS)
    .map(
        ([name, { u0, tau_rec, tau_fac }]) => `network ${name}(dt: time = ${DT} ms) {
    stimulus a(${PRE}, spikes: data)
    population b(${POST}, neuron: target())
    connect a -> b.i (weight: random(0.5, 2.0), synapse: tsodyks_markram(tau: ${TAU} ms, u0: ${u0}, tau_rec: ${tau_rec} ms, tau_fac: ${tau_fac} ms))
}`,
    )
    .join("\n")}
`;

/** In which steps each neuron fires: in one of forty, and at the beginning in a burst. */
function trains(): number[][] {
    const word = philoxWords(11n);
    return Array.from({ length: PRE }, () =>
        Array.from({ length: STEPS - 1 }, (_, step) => step).filter(
            (step) => word() / 2 ** 32 < 1 / 40 || (step < 60 && step % 12 === 0),
        ),
    );
}

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])("%s synapses", async (kind) => {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "short-term.soma" });
        using net = gpu.network(networks[kind] as NetworkDefinition, { seed: 8 });
        const spikes = trains();
        const effects: (readonly [pre: number, step: number, effect: number])[] = [];
        for (let step = 0; step < STEPS; step++) {
            await net.state("a.emits").write(spikes.map((train) => (train.includes(step) ? 1 : 0)));
            await net.step();
            // What a spike of the step before brought.
            const found = await net.state("a->b.i.effect").read();
            spikes.forEach((train, pre) => {
                if (train.includes(step - 1)) effects.push([pre, step - 1, found[pre] as number]);
            });
        }
        const weights = await net.weights("a->b.i").read();
        const g = await net.state("a->b.i.g").read();

        const { u0, tau_rec, tau_fac } = KINDS[kind];
        const sums = new Float64Array(POST);
        const expected = spikes.map((train, pre) => {
            let [x, u, last] = [1, u0, Number.NEGATIVE_INFINITY];
            return new Map(
                train.map((step) => {
                    const h = (step - last) * DT;
                    x = last < 0 ? 1 : 1 + (x - x * u - 1) * Math.exp(-h / tau_rec);
                    u = last < 0 ? u0 : u0 + u * (1 - u0) * (tau_fac === 0 ? 0 : Math.exp(-h / tau_fac));
                    last = step;
                    const left = Math.exp((-(STEPS - 1 - step) * DT) / TAU);
                    for (let j = 0; j < POST; j++) {
                        sums[j] = (sums[j] as number) + (weights[pre * POST + j] as number) * u * x * left;
                    }
                    return [step, u * x];
                }),
            );
        });
        expect(effects.length).toBeGreaterThan(50);
        for (const [pre, step, effect] of effects) {
            const exact = expected[pre]?.get(step) as number;
            // States are stepped in f32, 400 times.
            expect(Math.abs(effect / exact - 1)).toBeLessThan(1e-4);
        }
        sums.forEach((sum, j) => {
            expect(Math.abs((g[j] as number) / sum - 1)).toBeLessThan(1e-4);
        });
    });
});
