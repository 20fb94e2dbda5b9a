// What dense propagation executes on virtual devices of RDNA 3 and CDNA 3, by work-items and as matrix products: a layer of 784 inputs and 256 neurons
// against the number of samples, and a step of 512 stimuli and 512 neurons in 64 instances against how many of them fire.

import { type Gpu, type NetworkDefinition, open } from "soma-lang/runtime";

const DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"];
const SAMPLES = [1, 16, 128];
const RATES = [10, 50, 200];
const [INSTANCES, STEPS] = [64, 10];
const LAYERS = {
    "work-items": "vector",
    "as chosen": null,
    "`matrix(f16)`": "matrix(f16)",
    "`matrix(bf16)`": "matrix(bf16)",
};
const SPIKES = { lists: "vector", "as chosen": null, "`matrix`": "matrix" };

const networks = (ways: Readonly<Record<string, string | null>>, text: (at: number, propagate: string) => string) =>
    Object.values(ways).map((way, at) => text(at, way === null ? "" : `, propagate: ${way}`));

const SOURCE = [
    "neuron counter {\n    state v: f32 = 0.0\n}",
    ...networks(
        LAYERS,
        (at, propagate) => `network layers${at} {
            layer image(784, activation: identity)
            layer hidden(256, activation: relu)
            connect image -> hidden (weight: normal(0.0, 0.05)${propagate})
        }`,
    ),
    ...networks(SPIKES, (at, propagate) =>
        RATES.map(
            (rate) => `network spikes${at}_${rate}(dt: time = 1 ms) {
                stimulus drive(512, poisson: ${rate} Hz)
                population a(512, neuron: counter())
                connect drive -> a.v (weight: normal(0.0, 1.0)${propagate})
            }`,
        ).join("\n"),
    ),
].join("\n");

/** What is executed, and in parentheses by the matrix cores. */
async function executed(gpu: Gpu, act: () => Promise<unknown>, times = 1): Promise<string> {
    const before = gpu.device.counters();
    await act();
    const after = gpu.device.counters();
    const count = (name: "instructions" | "matrix") =>
        Math.round(((after?.[name] ?? Number.NaN) - (before?.[name] ?? Number.NaN)) / times);
    return count("matrix") > 0 ? `${count("instructions")} (${count("matrix")})` : String(count("instructions"));
}

/** Two tables in Markdown. */
export async function propagation(): Promise<readonly string[]> {
    const layers = Object.keys(LAYERS).map((name) => [name]);
    const spikes = Object.keys(SPIKES).map((name) => [name]);
    for (const device of DEVICES) {
        using gpu = await open(device);
        const module = await gpu.load({ source: SOURCE, path: "propagation.soma" });
        const find = (name: string) => module.networks[name] as NetworkDefinition;
        for (const [at, row] of layers.entries()) {
            using net = gpu.network(find(`layers${at}`), { seed: 1 });
            for (const samples of SAMPLES) {
                const images = new Float32Array(784 * samples).fill(0.5);
                row.push(await executed(gpu, () => net.forward(images)));
            }
        }
        for (const [at, row] of spikes.entries()) {
            for (const rate of RATES) {
                using net = gpu.network(find(`spikes${at}_${rate}`), { seed: 1, batch: INSTANCES });
                row.push(await executed(gpu, () => net.step(STEPS), STEPS));
            }
        }
    }
    const table = (numbers: readonly number[], what: string, rows: readonly (readonly string[])[]) => {
        const heads = DEVICES.flatMap((device) => numbers.map((each) => `${device.slice(5)}, ${each}${what}`));
        return [
            `| | ${heads.join(" | ")} |`,
            `|---|${"---:|".repeat(heads.length)}`,
            ...rows.map((row) => `| ${row.join(" | ")} |`),
        ];
    };
    return [...table(SAMPLES, "", layers), "", ...table(RATES, " Hz", spikes)];
}
