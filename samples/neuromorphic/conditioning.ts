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

/** The same for several seeds: mean and deviation of how much more the rewarded cue's weights and answers have become than the other's. */
export async function compare(gpu: Gpu, trials = 40, seeds: readonly number[] = [1, 2, 3, 4, 5]) {
    const weights: number[] = [];
    const answers: number[] = [];
    for (const seed of seeds) {
        const result = await run(gpu, trials, seed);
        weights.push(result.weights.tone - result.weights.light);
        answers.push(result.after.tone - result.after.light);
    }
    return { weights: spreadOf(weights), answers: spreadOf(answers) };
}

/** Mean and deviation of a sample. */
export function spreadOf(list: readonly number[]): { readonly mean: number; readonly deviation: number } {
    const mean = list.reduce((a, b) => a + b, 0) / list.length;
    const variance = list.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (list.length - 1);
    return { mean, deviation: Math.sqrt(variance) };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { before, after, weights } = await run(gpu);
    for (const cue of ["tone", "light"] as const) {
        console.log(
            `${cue}: ${before[cue].toFixed(1)} spikes at first, ${after[cue].toFixed(1)} in the end; mean weight ${weights[cue].toFixed(2)} mV`,
        );
    }
    const { weights: more, answers } = await compare(gpu);
    const shown = ({ mean, deviation }: ReturnType<typeof spreadOf>) => `${mean.toFixed(2)} ± ${deviation.toFixed(2)}`;
    console.log(`over five seeds the rewarded tone is ahead by ${shown(more)} mV and ${shown(answers)} spikes`);
});
