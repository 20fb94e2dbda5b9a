// Conditioning: of two cues, neurons come to answer more to the one that a reward follows.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";

/** After how long the reward comes, and the next cue, in ms. */
const [REWARD, NEXT] = [60, 400];

export async function run(gpu: Gpu, trials = 40, seed = 1) {
    const module = await gpu.load<{ conditioning: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/conditioning.soma`,
    );
    using net = gpu.network(module.conditioning, { seed });
    const emit = async (stimulus: string): Promise<void> => {
        const emits = net.state(`${stimulus}.emits`);
        await emits.write(new Float32Array(emits.size).fill(1));
        await net.step();
        await emits.write(new Float32Array(emits.size));
    };
    const weight = async (cue: string) => {
        const weights = (await net.weights(`${cue}->motor.input`).read()) as Float32Array;
        return weights.reduce((a, b) => a + b, 0) / weights.length;
    };
    /** Spikes in the 40 ms after each cue, trial by trial. */
    const answers = { tone: [] as number[], light: [] as number[] };
    for (let trial = 0; trial < trials; trial++) {
        const cue = trial % 2 === 0 ? "tone" : "light";
        net.clearRecords();
        await emit(cue);
        await net.step(40);
        answers[cue].push(net.spikes("motor").steps.length);
        await net.step(REWARD - 41);
        if (cue === "tone") await emit("reward");
        else await net.step();
        await net.step(NEXT - REWARD - 1);
    }
    const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    const third = Math.ceil(trials / 6);
    return {
        before: { tone: mean(answers.tone.slice(0, third)), light: mean(answers.light.slice(0, third)) },
        after: { tone: mean(answers.tone.slice(-third)), light: mean(answers.light.slice(-third)) },
        weights: { tone: await weight("tone"), light: await weight("light") },
    };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { before, after, weights } = await run(gpu);
    for (const cue of ["tone", "light"] as const) {
        console.log(
            `${cue}: ${before[cue].toFixed(1)} spikes at first, ${after[cue].toFixed(1)} in the end; mean weight ${weights[cue].toFixed(2)} mV`,
        );
    }
});
