// A schedule's launches: checked and encoded once, and replayed in one call into the addon, with another number of the step. Those of a
// pass of layers, of which none takes that number, are a graph of HIP's where the device has them: one call of HIP's as well. Changing the
// number in each node of a graph would take as many calls as the launches themselves.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { KernelArgument } from "../arguments.js";
import { LAUNCH_HEADER_BYTES } from "../commands.js";
import { DeviceGraph, type Program } from "../device-graph.js";
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
    private readonly program: Program;
    /** What the program replays; undefined where it has the launches themselves. */
    private readonly graph: DeviceGraph | undefined;
    private readonly view: DataView;
    /** Where in the program's bytes the number of the step stands. */
    private readonly steps: readonly number[];

    constructor(
        private readonly around: Around,
        launches: readonly NetworkLaunch[],
    ) {
        const captured = launches.map((launch) => capture(around, launch));
        const commands = captured.map((each) => each.launch);
        const used = usedBy(commands);
        const takesStep = captured.some(({ stepOffsets }) => stepOffsets.length > 0);
        this.graph = takesStep ? undefined : DeviceGraph.make(around.gpu, commands);
        this.program = this.graph?.program(used) ?? assemble(commands, used);
        this.view = new DataView(this.program.bytes.buffer);
        const run = captured.filter(({ launch }) => launch.command !== undefined);
        this.steps = run.flatMap(({ stepOffsets }, at) =>
            stepOffsets.map((offset) => (this.program.starts[at] as number) + LAUNCH_HEADER_BYTES + offset),
        );
    }

    /** Gives up what it has on the device, after what was called before. */
    dispose(): void {
        if (this.graph === undefined) return;
        this.around.gpu.scheduler.commands.flushQuietly();
        this.graph.dispose();
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
