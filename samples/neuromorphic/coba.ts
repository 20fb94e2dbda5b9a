// The COBA network of Vogels and Abbott: conductances, and activity that sustains itself once it is started.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";

/** Runs n neurons for some time, in ms. */
export async function run(gpu: Gpu, n = 4000, milliseconds = 300) {
    const module = await gpu.load<{ coba_network: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/coba.soma`,
    );
    using net = gpu.network(module.coba_network, { seed: 1, parameters: { n } });
    // The benchmark starts with conductances as if there had been activity: 40 and 200 nS in the mean, and some around it.
    for (const [name, mean, spread] of [
        ["exc->exc.g_exc.g", 40, 15],
        ["exc->inh.g_exc.g", 40, 15],
        ["inh->exc.g_inh.g", 200, 120],
        ["inh->inh.g_inh.g", 200, 120],
    ] as const) {
        const g = net.state(name);
        // Evenly spaced quantiles of a triangle stand for draws.
        await g.write(
            Float32Array.from({ length: g.size }, (_, at) =>
                Math.max(0, mean + spread * (((at * 0.618034) % 1) + ((at * 0.414214) % 1) - 1) * Math.sqrt(6)),
            ),
        );
    }
    await net.step(Math.round(milliseconds / net.get("dt")));
    const all = [net.spikes("exc"), net.spikes("inh")];
    const spikes = all.reduce((sum, each) => sum + each.steps.length, 0);
    const late = all.reduce((sum, each) => sum + each.steps.filter((step) => step > net.stepCount / 2).length, 0);
    return { n, spikes, rate: spikes / n / (milliseconds / 1000), lateRate: (2 * late) / n / (milliseconds / 1000) };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { n, spikes, rate, lateRate } = await run(gpu);
    console.log(
        `${n} neurons: ${spikes} spikes in 300 ms, ${rate.toFixed(1)} Hz, ${lateRate.toFixed(1)} Hz in the second half`,
    );
});
