// The launches of passes and steps, checked and encoded once, until what they depend on changes.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { Gpu } from "../gpu.js";
import type { NetworkDefinition } from "./definition.js";
import { LaunchSequence } from "./launches.js";
import type { Memory } from "./memory.js";
import type { Values } from "./values.js";

export interface Steps {
    readonly always: LaunchSequence;
    readonly periodic: readonly {
        /** How many steps a period has. */
        readonly steps: number;
        readonly launch: NetworkLaunch;
        readonly sequence: LaunchSequence;
    }[];
}

export class Schedules {
    private readonly sequences = new Map<"forward" | "learn", LaunchSequence>();
    private stepping: Steps | undefined;

    constructor(
        private readonly gpu: Gpu,
        private readonly definition: NetworkDefinition,
        private readonly memory: Memory,
        private readonly values: Values,
        private readonly seed: bigint,
    ) {}

    /** The buffers of passes are others now. */
    forgetPasses(): void {
        for (const sequence of this.sequences.values()) sequence.dispose();
        this.sequences.clear();
    }

    /** Parameters have changed, on which arguments and periods may depend. */
    forgetSteps(): void {
        this.stepping = undefined;
    }

    /** The launches of a pass. */
    pass(schedule: "forward" | "learn"): LaunchSequence {
        const known = this.sequences.get(schedule) ?? this.prepare(this.definition.manifest.schedules[schedule]);
        this.sequences.set(schedule, known);
        return known;
    }

    private prepare(launches: readonly NetworkLaunch[]): LaunchSequence {
        const { gpu, definition, values, seed } = this;
        return new LaunchSequence({ gpu, definition, buffer: (name) => this.memory.get(name), values, seed }, launches);
    }

    /** The launches of a step, and those that come once in a number of steps. */
    step(): Steps {
        const launches = this.definition.manifest.schedules.step;
        this.stepping ??= {
            always: this.prepare(launches.filter(({ every }) => every === null)),
            periodic: launches.flatMap((launch) => {
                if (launch.every === null) return [];
                const steps = Math.max(1, Math.round(this.values.evaluate(launch.every) / this.values.get("dt")));
                return [{ steps, launch, sequence: this.prepare([launch]) }];
            }),
        };
        return this.stepping;
    }
}
