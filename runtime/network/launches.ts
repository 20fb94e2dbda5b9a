// A schedule's launches, for a pass or for several steps, checked and encoded once: a graph, which is replayed in one call, and is one of HIP's
// where the device has them. The number of the step lies on the device (`Clock`), so that a graph of steps serves for any of them.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { KernelArgument } from "../arguments.js";
import type { Gpu } from "../gpu.js";
import { Graph, Recorder } from "../graph.js";
import { Launcher } from "../launch.js";
import type { Tensor } from "../tensor.js";
import type { NetworkDefinition } from "./definition.js";
import type { Values } from "./values.js";

export interface Around {
    readonly gpu: Gpu;
    readonly definition: NetworkDefinition;
    readonly buffer: (name: string) => Tensor;
    readonly values: Values;
    readonly seed: bigint;
}

/** So many steps, one behind the other, of these launches, with the buffers and parameters as they are. */
export function graphOf(around: Around, launches: readonly NetworkLaunch[], steps = 1): Graph {
    const { gpu, definition } = around;
    const recorder = new Recorder(gpu, {});
    const prepared = launches.map(({ kernel, arguments: bindings }) => {
        const { manifest, native } = definition.kernel(kernel);
        const launcher = new Launcher(gpu, manifest, [], native);
        const args = Object.entries(bindings).map(([name, binding]): [string, KernelArgument] => {
            if ("buffer" in binding) return [name, around.buffer(binding.buffer)];
            if (binding.value === "formula") return [name, around.values.evaluate(binding.formula)];
            return [name, binding.value === "seed" ? around.seed : 0];
        });
        const moving = Object.entries(bindings).flatMap(([name, binding]) =>
            "value" in binding && binding.value === "ahead" ? [name] : [],
        );
        return { launcher, args: Object.fromEntries(args), moving };
    });
    for (let ahead = 0; ahead < steps; ahead++) {
        for (const { launcher, args, moving } of prepared) {
            recorder.launch(launcher, { ...args, ...Object.fromEntries(moving.map((name) => [name, ahead])) });
        }
    }
    return new Graph(gpu, recorder);
}
