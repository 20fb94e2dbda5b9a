// A schedule's launches: checked and encoded once, and replayed as a graph, in one call into the addon, with another number
// of the step.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { KernelArgument } from "../arguments.js";
import { LAUNCH_HEADER_BYTES } from "../commands.js";
import type { Gpu } from "../gpu.js";
import { assemble, submit, usedBy } from "../graph.js";
import { completed } from "../hip/failure.js";
import { type CapturedLaunch, Launcher } from "../launch.js";
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

/** Invariant: the buffers that its launches name are the ones that were there when it was made. */
export class LaunchSequence {
    private readonly program: ReturnType<typeof assemble>;
    private readonly view: DataView;
    /** Where in the program's bytes the number of the step stands. */
    private readonly steps: readonly number[];

    constructor(
        private readonly around: Around,
        launches: readonly NetworkLaunch[],
    ) {
        const captured = launches.map((launch) => capture(around, launch));
        const commands = captured.map((each) => each.launch);
        this.program = assemble(commands, usedBy(commands));
        this.view = new DataView(this.program.bytes.buffer);
        const run = captured.filter(({ launch }) => launch.command !== undefined);
        this.steps = run.flatMap(({ stepOffsets }, at) =>
            stepOffsets.map((offset) => (this.program.starts[at] as number) + LAUNCH_HEADER_BYTES + offset),
        );
    }

    /** Queues its launches; a failure on the device is told by what is awaited behind them. */
    enqueue(step: number): void {
        for (const at of this.steps) this.view.setInt32(at, step, true);
        submit(this.around.gpu, this.program);
    }

    /** Queues its launches; resolves when they have finished. */
    async run(step: number): Promise<void> {
        for (const at of this.steps) this.view.setInt32(at, step, true);
        const { gpu } = this.around;
        if (submit(gpu, this.program)) await completed(() => gpu.scheduler.commands.tracked());
    }
}

function capture(around: Around, { kernel, arguments: bindings }: NetworkLaunch) {
    const { manifest, native } = around.definition.kernel(kernel);
    const args = Object.entries(bindings).map(([name, binding]): [string, KernelArgument] => {
        if ("buffer" in binding) return [name, around.buffer(binding.buffer)];
        if (binding.value === "formula") return [name, around.values.evaluate(binding.formula)];
        return [name, binding.value === "seed" ? around.seed : 0];
    });
    const launch: CapturedLaunch = new Launcher(around.gpu, manifest, [], native).capture(Object.fromEntries(args));
    const stepOffsets = manifest.arguments.flatMap(({ name, offset }) => {
        const binding = bindings[name];
        return binding !== undefined && "value" in binding && binding.value === "step" ? [offset] : [];
    });
    return { launch, stepOffsets };
}
