// Launches that are checked and encoded once, and repeated with another number of the step.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { KernelArgument } from "../arguments.js";
import type { Gpu } from "../gpu.js";
import { completed } from "../hip/failure.js";
import { Launcher } from "../launch.js";
import type { Tensor } from "../tensor.js";
import type { NetworkDefinition } from "./definition.js";
import type { Values } from "./values.js";

export interface PreparedLaunch {
    readonly kernel: string;
    /** Queues it; resolves when it has finished. */
    run(step: number): Promise<void>;
}

/** Null where there is nothing to run. */
export function prepare(
    gpu: Gpu,
    definition: NetworkDefinition,
    launch: NetworkLaunch,
    buffers: (name: string) => Tensor,
    values: Values,
    seed: bigint,
): PreparedLaunch | null {
    const { manifest, native } = definition.kernel(launch.kernel);
    const args = Object.entries(launch.arguments).map(([name, binding]): [string, KernelArgument] => {
        if ("buffer" in binding) return [name, buffers(binding.buffer)];
        if (binding.value === "formula") return [name, values.evaluate(binding.formula)];
        return [name, binding.value === "seed" ? seed : 0];
    });
    const repeated = new Launcher(gpu, manifest, [], native).bind(Object.fromEntries(args));
    if (repeated === null) return null;
    const view = new DataView(repeated.arguments.buffer);
    const stepOf = manifest.arguments.filter(({ name }) => {
        const binding = launch.arguments[name];
        return binding !== undefined && "value" in binding && binding.value === "step";
    });
    return {
        kernel: launch.kernel,
        run(step) {
            for (const { offset } of stepOf) view.setInt32(offset, step, true);
            return completed(() => repeated.run());
        },
    };
}
