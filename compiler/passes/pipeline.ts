// The passes over the IR, in order.

import type { IrFunction, IrModule } from "../ir/module.js";
import type { Target } from "../targets/targets.js";
import { Analyses } from "./analyses.js";
import { bounds } from "./bounds.js";
import { coarsen } from "./coarsen.js";
import { common } from "./common.js";
import { deadCode } from "./dead-code.js";
import { flatten } from "./flatten.js";
import { fold } from "./fold.js";
import { guards } from "./guards.js";
import { interval } from "./interval.js";
import { narrow } from "./narrow.js";
import { own } from "./own.js";
import { pad } from "./pad.js";
import type { Pass, PassContext } from "./pass.js";
import { saturate } from "./saturate.js";
import { sink } from "./sink.js";
import { unroll } from "./unroll.js";

export const PIPELINE: readonly Pass[] = [
    fold,
    bounds,
    coarsen,
    unroll,
    fold,
    flatten,
    common,
    sink,
    own,
    guards,
    pad,
    saturate,
    narrow,
    interval,
    deadCode,
];

/** Names of the passes that are left out at -O0. */
export const OPTIMISING: readonly string[] = PIPELINE.filter(({ optimises }) => optimises).map(({ name }) => name);

/**
 * Runs the passes but the disabled ones, by name; `after` sees the module after each of them. Without it each function goes
 * through all of them before the next, while it is at hand in the processor's cache.
 */
export function runPasses(
    { functions }: IrModule,
    target: Target,
    after: ((pass: Pass) => void) | null = null,
    disabled: readonly string[] = [],
): void {
    const passes = PIPELINE.filter(({ name }) => !disabled.includes(name));
    const work = new Map<string, number>();
    const runs = functions.map((fn) => new Run(fn, target, work));
    if (after === null) for (const run of runs) for (const pass of passes) run.pass(pass);
    else {
        for (const pass of passes) {
            for (const run of runs) run.pass(pass);
            after(pass);
        }
    }
}

/** Runs passes over one function, which calls nothing. */
export function runOver(fn: IrFunction, passes: readonly Pass[], target: Target): void {
    const run = new Run(fn, target, new Map());
    for (const pass of passes) run.pass(pass);
}

/** A function on its way through the pipeline. */
class Run {
    readonly #context: PassContext;
    /** How often it was changed, and how often it had been behind each pass. */
    #changes = 0;
    readonly #behind = new Map<Pass, number>();

    constructor(
        readonly fn: IrFunction,
        target: Target,
        work: Map<string, number>,
    ) {
        this.#context = { target, work, known: new Analyses(fn) };
    }

    /** Nothing is done where nothing has changed since the same pass. */
    pass(pass: Pass): void {
        if (this.#behind.get(pass) === this.#changes) return;
        if (pass.run(this.fn, this.#context)) {
            this.#changes += 1;
            this.#context.known.forget();
        }
        this.#behind.set(pass, this.#changes);
    }
}
