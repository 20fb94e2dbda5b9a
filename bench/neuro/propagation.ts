// What dense propagation executes on virtual devices of RDNA 3 and CDNA 3, by work-items and as matrix products: a layer of 784 inputs and 256 neurons,
// against the number of samples.

import { type NetworkDefinition, open } from "soma-lang/runtime";

const DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"];
const SAMPLES = [1, 16, 128];
const WAYS = {
    "work-items": "vector",
    "as chosen": null,
    "`matrix(f16)`": "matrix(f16)",
    "`matrix(bf16)`": "matrix(bf16)",
};

const source = Object.values(WAYS)
    .map((way, at) => {
        const propagate = way === null ? "" : `, propagate: ${way}`;
        return `network way${at} {
            layer image(784, activation: identity)
            layer hidden(256, activation: relu)
            connect image -> hidden (weight: normal(0.0, 0.05)${propagate})
        }`;
    })
    .join("\n");

/** A table in Markdown. */
export async function propagation(): Promise<readonly string[]> {
    const heads = DEVICES.flatMap((device) => SAMPLES.map((samples) => `${device.slice(5)}, ${samples}`));
    const rows = Object.keys(WAYS).map((name) => [name]);
    for (const device of DEVICES) {
        using gpu = await open(device);
        const { networks } = await gpu.load({ source, path: "propagation.soma" });
        for (const [at, row] of rows.entries()) {
            using net = gpu.network(networks[`way${at}`] as NetworkDefinition, { seed: 1 });
            for (const samples of SAMPLES) {
                const before = gpu.device.counters();
                await net.forward(new Float32Array(784 * samples).fill(0.5));
                const after = gpu.device.counters();
                const executed = (after?.instructions ?? Number.NaN) - (before?.instructions ?? Number.NaN);
                const matrix = (after?.matrix ?? 0) - (before?.matrix ?? 0);
                row.push(matrix > 0 ? `${executed} (${matrix})` : String(executed));
            }
        }
    }
    return [
        `| | ${heads.join(" | ")} |`,
        `|---|${"---:|".repeat(heads.length)}`,
        ...rows.map((row) => `| ${row.join(" | ")} |`),
    ];
}
