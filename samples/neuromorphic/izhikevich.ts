// Izhikevich's network of 2003 for a second, and its raster as a picture.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";
import { writeGrey } from "../common/picture.js";

export async function run(gpu: Gpu, milliseconds = 1000) {
    const module = await gpu.load<{ thousand: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/izhikevich.soma`,
    );
    using net = gpu.network(module.thousand, { seed: 1 });
    await net.step(milliseconds);
    return { milliseconds, exc: net.spikes("exc"), inh: net.spikes("inh") };
}

/** Time to the right, neurons upwards, inhibitory ones on top; a spike is black. Returns the file's path. */
export function drawRaster({ milliseconds, exc, inh }: Awaited<ReturnType<typeof run>>): Promise<string> {
    const pixels = new Uint8Array(milliseconds * 1000).fill(255);
    const draw = ({ steps, neurons }: typeof exc, first: number) => {
        steps.forEach((step, at) => {
            pixels[(999 - first - (neurons[at] as number)) * milliseconds + step] = 0;
        });
    };
    draw(exc, 0);
    draw(inh, 800);
    return writeGrey("izhikevich", { width: milliseconds, height: 1000, pixels });
}

await runIfStarted(import.meta.url, async (gpu) => {
    const result = await run(gpu);
    console.log(
        `${result.exc.steps.length} spikes of excitatory neurons, ${result.inh.steps.length} of inhibitory ones in 1 s`,
    );
    console.log(await drawRaster(result));
});
