// A NIR file as the package nir writes it, through h5py (nir/network.py): a spiking convolutional network with pooling, a recurrent graph
// within it and a threshold behind that, against the same stepped in double precision.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { importNir, type NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const [ROWS, COLUMNS, MAPS, STEPS] = [4, 3, 2, 40] as const;
const inputAt = (step: number, k: number) => (step >= 0 && (step * (k + 3)) % 7 < 2 ? 1 : 0);

/** What each node gives in each step. */
function reference() {
    const size = MAPS * ROWS * COLUMNS;
    const [u, v] = [new Float64Array(size), new Float64Array(12)];
    let [cells, rnn]: [number[], number[]] = [Array(size).fill(0), Array(12).fill(0)];
    const spikes: Record<"cells" | "rnn" | "sharp", string[]> = { cells: [], rnn: [], sharp: [] };
    for (let step = 0; step < STEPS; step++) {
        const convolved = (map: number, row: number, column: number) => {
            let sum = [0.25, -0.25][map] as number;
            for (let ky = 0; ky < 3; ky++)
                for (let kx = 0; kx < 3; kx++) {
                    const [y, x] = [row + ky - 1, column + kx - 1];
                    if (y < 0 || y >= ROWS || x < 0 || x >= COLUMNS) continue;
                    sum += (((map * 3 + ky) * 3 + kx) / 8) * inputAt(step - 1, y * COLUMNS + x);
                }
            return sum;
        };
        const pooled = (k: number) => {
            const [map, row, column] = [Math.floor(k / 6), Math.floor(k / 3) % 2, k % 3];
            const at = (map * ROWS + 2 * row) * COLUMNS + column;
            return (cells[at] as number) + (cells[at + COLUMNS] as number);
        };
        rnn.forEach((fired, k) => {
            if (fired > 0.5) spikes.sharp.push(`${step}:${k}`);
        });
        // τ = 5 ms: in a step of 1 ms v comes nearer to what it is given by e^(−1/5).
        rnn = rnn.map((fired, k) => {
            const given = pooled(k) - 0.5 * fired;
            v[k] = given + ((v[k] as number) - given) * Math.exp(-1 / 5);
            if ((v[k] as number) <= 0.25) return 0;
            v[k] = 0;
            spikes.rnn.push(`${step}:${k}`);
            return 1;
        });
        // R = 250 / s: a quarter of what is given in a step of 1 ms.
        cells = cells.map((_, k) => {
            const place = [Math.floor(k / (ROWS * COLUMNS)), Math.floor(k / COLUMNS) % ROWS, k % COLUMNS] as const;
            u[k] = (u[k] as number) + convolved(...place) / 4;
            if ((u[k] as number) <= 1) return 0;
            u[k] = 0;
            spikes.cells.push(`${step}:${k}`);
            return 1;
        });
    }
    return spikes;
}

test.each(NETWORK_DEVICES)("a file through h5py, with compressed arrays, integers and metadata: %s", async (device) => {
    const { source, data, load, names } = await importNir(
        await readFile(new URL("nir/network.nir", import.meta.url)),
        "read",
    );
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source, path: "read.soma" });
    using net = gpu.network(networks.read as NetworkDefinition, { data });
    await load(net);
    for (let step = 0; step < STEPS; step++) {
        const image = Float32Array.from({ length: ROWS * COLUMNS }, (_, k) => inputAt(step, k));
        await net.state(`${names.input}.emits`).write(image);
        await net.step();
    }
    const expected = reference();
    for (const [node, key] of [
        ["1", "cells"],
        ["rnn.lif", "rnn"],
        ["5", "sharp"],
    ] as const) {
        expect(expected[key].length).toBeGreaterThan(20);
        const { steps, neurons } = net.spikes(names[node] as string);
        expect(Array.from(steps, (step, at) => `${step}:${neurons[at]}`)).toEqual(expected[key]);
    }
});
