// Launches that are checked and encoded once, and repeated with another number of the step.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import { bindArguments, encodeArguments, type KernelArgument } from "../arguments.js";
import type { Gpu } from "../gpu.js";
import { launchGeometry } from "../grid.js";
import { completed } from "../hip/failure.js";
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
    const bound = bindArguments(manifest, Object.fromEntries(args), gpu);
    const { grid, block } = launchGeometry(manifest, bound.dims, gpu.launchLimits);
    if (grid.includes(0)) return null;
    const encoded = encodeArguments(manifest, bound);
    const view = new DataView(encoded.buffer);
    const stepOf = manifest.arguments.filter(({ name }) => {
        const binding = launch.arguments[name];
        return binding !== undefined && "value" in binding && binding.value === "step";
    });
    const used = [...bound.views.values()].map((tensor) => tensor.buffer);
    return {
        kernel: launch.kernel,
        run(step) {
            for (const { offset } of stepOf) view.setInt32(offset, step, true);
            return completed(() => gpu.stream.launch(native, { grid, block, arguments: encoded, buffers: used }));
        },
    };
}
