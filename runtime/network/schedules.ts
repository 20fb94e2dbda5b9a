// The launches of passes and steps as graphs, made once, until what they depend on changes.
// Invariant: the clock has the number of the first step of what is replayed.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { Gpu } from "../gpu.js";
import type { Graph } from "../graph.js";
import type { NetworkDefinition } from "./definition.js";
import { graphOf } from "./launches.js";
import type { Memory } from "./memory.js";
import type { Values } from "./values.js";

/** What rules do once in a number of steps. */
export interface Periodic {
    readonly steps: number;
    readonly launch: NetworkLaunch;
    readonly graph: Graph;
}

export class Schedules {
    private readonly passes = new Map<"forward" | "learn", Graph>();
    /** By the number of their steps. */
    private readonly steps = new Map<number, Graph>();
    private periods: readonly Periodic[] | undefined;
    /** The numbers that the launches of a step were given. */
    private numbers = "";
    private areNumbersStale = true;
    private readonly hasClock: boolean;

    constructor(
        private readonly gpu: Gpu,
        private readonly definition: NetworkDefinition,
        private readonly memory: Memory,
        private readonly values: Values,
        private readonly seed: bigint,
    ) {
        this.hasClock = definition.manifest.buffers.some(({ name }) => name === "clock");
    }

    /** The buffers of passes are others now. */
    forgetPasses(): void {
        for (const graph of this.passes.values()) graph.dispose();
        this.passes.clear();
    }

    /** Parameters have changed, on which arguments and periods may depend. */
    checkSteps(): void {
        this.areNumbersStale = true;
    }

    /** The launches of a pass. */
    pass(schedule: "forward" | "learn"): Graph {
        const known = this.passes.get(schedule) ?? this.make(this.definition.manifest.schedules[schedule]);
        this.passes.set(schedule, known);
        return known;
    }

    private make(launches: readonly NetworkLaunch[], steps = 1): Graph {
        const { gpu, definition, values, seed } = this;
        const running = launches.filter(({ when }) => when === null || values.evaluate(when) !== 0);
        return graphOf({ gpu, definition, buffer: (name) => this.memory.get(name), values, seed }, running, steps);
    }

    /** A graph of steps, to be replayed at once, of which this one is the first: so many are a power of two, and at most `most`. */
    from(step: number, most: number): { readonly count: number; readonly graph: Graph } {
        this.renew();
        const count = 2 ** Math.floor(Math.log2(most));
        let graph = this.steps.get(count);
        if (graph === undefined) {
            const launches = this.definition.manifest.schedules.step.filter(({ every }) => every === null);
            graph = this.make(launches, count);
            this.steps.set(count, graph);
        }
        this.setClock(step);
        return { count, graph };
    }

    /** What comes once in a number of steps. */
    get periodic(): readonly Periodic[] {
        this.renew();
        this.periods ??= this.definition.manifest.schedules.step.flatMap((launch) => {
            if (launch.every === null) return [];
            const steps = Math.max(1, Math.round(this.values.evaluate(launch.every) / this.values.get("dt")));
            return [{ steps, launch, graph: this.make([launch]) }];
        });
        return this.periods;
    }

    /** What is replayed behind it begins with this step. */
    setClock(step: number): void {
        // A failure is kept, and reported by whatever is awaited behind it.
        if (this.hasClock) this.memory.fill("clock", Int32Array.of(step));
    }

    /** Drops the graphs of steps if parameters have changed what they are given. */
    private renew(): void {
        if (!this.areNumbersStale) return;
        this.areNumbersStale = false;
        const { step } = this.definition.manifest.schedules;
        const numbers = step.flatMap(({ every, when, arguments: args }) => [
            ...[every, when].map((each) => (each === null ? 0 : this.values.evaluate(each))),
            ...Object.values(args).flatMap((binding) =>
                "value" in binding && binding.value === "formula" ? [this.values.evaluate(binding.formula)] : [],
            ),
        ]);
        if (numbers.join() === this.numbers) return;
        this.numbers = numbers.join();
        this.forgetSteps();
    }

    private forgetSteps(): void {
        for (const graph of [...this.steps.values(), ...(this.periods ?? []).map(({ graph }) => graph)])
            graph.dispose();
        this.steps.clear();
        this.periods = undefined;
    }

    dispose(): void {
        this.forgetPasses();
        this.forgetSteps();
    }
}
