// The kernels of a population: what arrived is taken in, equations are stepped, spikes are found and listed, states are reset.
// Where the network's step finds spikes first, these are two kernels, else one.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Plan, System } from "./analysis.js";
import { bound, CONSTANTS, FINDINGS, type Generation, SEED, streamOf } from "./generation.js";
import type { Input } from "./inputs.js";
import type { Connection, Population } from "./network.js";
import { PopulationSystem } from "./population-system.js";
import { printActions } from "./print-actions.js";
import { printStep, withDrawsNamed } from "./print-step.js";
import { recording, recordsOf } from "./recording.js";
import { type Draft, type KernelParameter, STEP } from "./source.js";
import { emittedOf } from "./spike-products.js";
import { rateIn } from "./stimuli.js";
import { ownName, viewOf } from "./text.js";
import { delayVaries, isCounted, isSupply } from "./traits.js";

const GROUP = 256;

/** Reports a finding about neuron i, of which the earliest is kept. */
function report(code: string): string {
    return `atomic_min(findings[r], (step as u64) << 36 | ${code} << 28 | i as u64)`;
}

export class PopulationKernels {
    private readonly equations: PopulationSystem;
    /** Whether a layer counts its spikes. */
    private readonly isCounted: boolean;
    /** Whether products of matrices take its spikes. */
    private readonly hasEmitted: boolean;

    constructor(
        private readonly generation: Generation,
        private readonly population: Population,
        inputs: readonly Input[],
        /** What layers add to its ports. */
        drives: readonly Connection[],
    ) {
        this.isCounted = isCounted(generation.network, population);
        this.hasEmitted = generation.buffers.some(({ name }) => name === emittedOf(population.name));
        this.equations = new PopulationSystem(generation, population, inputs, drives);
    }

    generate(refuse: (what: string) => void): { readonly integrate: Draft[]; readonly spike: Draft[] } {
        const { model } = this.population;
        const found = this.equations.plan();
        if (typeof found === "string") {
            refuse(`\`#method\` of \`${model.name}\`: ${found}`);
            return { integrate: [], spike: [] };
        }
        this.equations.explain(found);
        const spikesFirst = this.generation.network.order[0] === "spike";
        const early = spikesFirst ? this.equations.readAtSpikes : undefined;
        if (early !== undefined) {
            refuse(
                `\`${model.name}\` reads the port \`${early.target?.name}\` where it finds spikes, and \`${early.name}\` has no synapse that keeps what arrives: find spikes after \`deliver\`, or give it a synapse`,
            );
            return { integrate: [], spike: [] };
        }
        const integrate = [...this.arrivals(), ...this.step(found)];
        const spike = this.spike();
        if (!spikesFirst) return { integrate: this.kernels("step", [...integrate, ...spike], true), spike: [] };
        // What is recorded is kept by whatever comes last.
        return {
            integrate: this.kernels("integrate", integrate, true),
            spike: this.kernels("spike", spike, integrate.length === 0),
        };
    }

    /** None for a population whose states never change; what is recorded of them is in the kernel that `isLast`. */
    private kernels(word: string, body: readonly string[], isLast: boolean): Draft[] {
        const records = isLast ? recordsOf(this.generation, this.population) : [];
        const kept = records.map((record) => recording(record, this.equations.codes.get(record.what) as string));
        const lines = [...body, ...kept.flatMap((each) => each.lines)];
        const parameters = kept.flatMap((each) => each.parameters);
        return lines.length > 0 ? [this.kernel(word, lines, parameters)] : [];
    }

    /** Takes in what arrived: sums become quantities, and add to states. */
    private arrivals(): string[] {
        return this.equations.inputs.flatMap(({ connection, at, gains }) => {
            const slot = delayVaries(connection) ? `(step as index) % d${at}` : "0";
            const place = `arrived_of${at}[r, ${slot}, i]`;
            const unit = this.equations.printer.print(`unit:${at}`);
            const lines = [`let arrived${at} = ${place} as f32 * ${unit}`, `${place} = 0`];
            for (const [state, gain] of gains) {
                lines.push(
                    `${this.equations.codes.get(state)} += ${gain === 1 ? "" : `${this.equations.printer.print(gain)} * `}arrived${at}`,
                );
            }
            if (connection.target?.kind === "state") {
                const { name } = connection.target;
                const code = this.equations.codes.get(name) as string;
                lines.push(
                    this.equations.isHeld(name)
                        ? `if refractory_ == 0 { ${code} += arrived${at} }`
                        : `${code} += arrived${at}`,
                );
            }
            return lines;
        });
    }

    private step(found: Plan): string[] {
        const { model } = this.population;
        const before = model.states
            .filter(({ name }) => this.equations.usesBefore(name))
            .map(({ name }) => `let before_${ownName(name)} = ${ownName(name)}`);
        const held = this.equations.isRefractory ? ["let held = refractory_ > 0", "if held { refractory_ -= 1 }"] : [];
        if (this.equations.system.derivatives.size === 0) return [...held, ...before];
        const draws: string[] = [];
        const print = (formula: Formula) => this.equations.printer.print(formula);
        const derivatives = new Map(
            [...this.equations.system.derivatives].map(([state, each]) => [state, withDrawsNamed(each, draws, print)]),
        );
        const system: System = { ...this.equations.system, derivatives };
        const parts = model.substeps;
        // The plan is of the same equations, with their draws under names.
        const named: Plan = {
            exact: new Map(
                [...found.exact].map(([state, row]) => [
                    state,
                    { ...row, rest: withDrawsNamed(row.rest, draws, print) },
                ]),
            ),
            groups: found.groups,
        };
        const lines = printStep({
            system,
            plan: named,
            print: (formula, names) => this.equations.printer.print(formula, names),
            codeOf: (state) => this.equations.codes.get(state) as string,
            heldWhen: this.equations.isRefractory ? "held" : null,
            h: parts === 1 ? "dt" : ["/", "dt", parts],
        });
        const clamps = this.equations.bounds.map(
            ({ name, low, high }) =>
                `${this.equations.codes.get(name)} = clamp(${this.equations.codes.get(name)}, ${print(low)}, ${print(high)})`,
        );
        const all = [...lines, ...clamps];
        const loop = parts === 1 ? all : [`for _part in 0 .. ${parts} {`, ...all.map((line) => `    ${line}`), "}"];
        return [...held, ...before, ...draws, ...loop];
    }

    /** The conditions in order: the first that holds is what happens. */
    private spike(): string[] {
        const { model } = this.population;
        if (model.spikes.length === 0) return [];
        const spikesFirst = this.generation.network.order[0] === "spike";
        const free = !this.equations.isRefractory ? "" : spikesFirst ? "refractory_ == 0 && " : "!held && ";
        const lines = [...this.rates(), "var fired = false"];
        for (const { condition, actions } of this.equations.spikes) {
            lines.push(
                `if !fired && ${free}${this.equations.printer.print(condition)} {`,
                "    fired = true",
                ...printActions(
                    actions,
                    this.equations.printer,
                    (name) => this.equations.codes.get(name) ?? name,
                    ({ value }) =>
                        `refractory_ = ${this.equations.printer.print(["round", ["/", value, "dt"]])} as i32`,
                    "    ",
                ),
                "}",
            );
        }
        lines.push(
            "let slot = (step as index) % s",
            "if fired {",
            // One atomic a wave: its lanes count themselves.
            "    let one: i32 = 1",
            "    let below = wave_exclusive_sum(one)",
            "    let all = wave_sum(one)",
            "    var base: i32 = 0",
            "    if wave_is_first() { base = atomic_add(counts[r, slot], all) }",
            "    spikes[r, slot, (wave_first(base) + below) as index] = i as i32",
            "}",
            "if i == 0 { counts[r, (step as index + 1) % s] = 0 }",
            ...(this.hasEmitted ? ["emitted[r, slot, i] = fired as i8"] : []),
            ...(this.isCounted ? ["if fired { fired_of[r, i] += 1.0 }"] : []),
        );
        return lines;
    }

    /** A rate below 0, or of more than a spike in each step, can't be had. */
    private rates(): string[] {
        const { model, name } = this.population;
        return model.spikes.flatMap(({ condition }) => {
            const rate = rateIn(model, condition);
            if (rate === null) return [];
            const code = this.generation.finding(
                `the rate of ${name} is not from 0 to one spike a step: change it, or take a shorter dt`,
                name,
            );
            // Of a rate and step that just fit, the product may be rounded up.
            const spikes = this.equations.printer.print(["*", rate, "dt"]);
            return [`if !(${spikes} >= 0.0 && ${spikes} <= 1.0001) { ${report(code)} }`];
        });
    }

    /** @param others parameters that the body needs beside those that it is searched for */
    private kernel(word: string, body: readonly string[], others: readonly KernelParameter[]): Draft {
        const { generation, population } = this;
        const { printer } = this.equations;
        const text = body.join("\n");
        const uses = (code: string) => new RegExp(`\\b${code}\\b`).test(text);
        const states = [...this.equations.stateBuffers].filter(([state]) =>
            uses(this.equations.codes.get(state) as string),
        );
        const parameters: KernelParameter[] = [...others];
        const loads: string[] = [];
        const stores: string[] = [];
        for (const [state, buffer] of states) {
            const code = this.equations.codes.get(state) as string;
            const name = viewOf(code);
            parameters.push({ name, type: "mut f32[b, n]", binding: bound(buffer) });
            loads.push(`var ${code} = ${name}[r, i]`);
            stores.push(`${name}[r, i] = ${code}`);
        }
        for (const element of population.elements.keys()) {
            const code = this.equations.codes.get(element) as string;
            if (!uses(code)) continue;
            parameters.push({ name: viewOf(code), type: "f32[b, n]", binding: bound(`${population.name}.${element}`) });
            loads.push(`let ${code} = ${viewOf(code)}[r, i]`);
        }
        for (const [at, drive] of this.equations.drives.entries()) {
            if (!uses(`drive${at}_`)) continue;
            const buffer = isSupply(drive) ? `${drive.from.name}.current` : `${drive.name}.drive`;
            parameters.push({ name: `drive${at}_of`, type: "f32[b, n]", binding: bound(buffer) });
            loads.push(`let drive${at}_ = drive${at}_of[r, i]`);
        }
        if (uses("fired_of")) {
            parameters.push({ name: "fired_of", type: "mut f32[b, n]", binding: bound(`${population.name}.fired`) });
        }
        if (uses("refractory_")) {
            parameters.push({
                name: "refractory_of",
                type: "mut i32[b, n]",
                binding: bound(`${population.name}.refractory`),
            });
            loads.push("var refractory_ = refractory_of[r, i]");
            stores.push("refractory_of[r, i] = refractory_");
        }
        for (const { connection, at } of this.equations.inputs) {
            if (!uses(`arrived_of${at}`)) continue;
            const type = delayVaries(connection) ? `mut i32[b, d${at}, n]` : "mut i32[b, 1, n]";
            parameters.push({ name: `arrived_of${at}`, type, binding: bound(`${connection.name}.arrived`) });
        }
        if (uses("spikes")) {
            parameters.push(
                { name: "counts", type: "mut i32[b, s]", binding: bound(`${population.name}.counts`) },
                { name: "spikes", type: "mut i32[b, s, n]", binding: bound(`${population.name}.spikes`) },
            );
        }
        if (uses("emitted")) {
            parameters.push({ name: "emitted", type: "mut i8[b, s, n]", binding: bound(emittedOf(population.name)) });
        }
        if (parameters.length === 0 || !parameters.some(({ type }) => type.includes("n]"))) {
            throw new Error(`${population.name} has a kernel without arrays`);
        }
        const checks = states.map(([state, buffer]) => {
            const code = generation.finding(
                `the state ${state.split(":")[0]} of ${buffer.replace(/\.[^.]*$/, "")} is no finite number`,
                population.name,
            );
            const value = this.equations.codes.get(state) as string;
            return `if is_nan(${value} - ${value}) { ${report(code)} }`;
        });
        if (checks.length > 0 || uses("findings")) parameters.push(FINDINGS);
        const random = /\b(uniform|normal|poisson)_f32\(/.test(text);
        const time = uses("time") ? [`let time = step as f32 * ${printer.print("dt")}`] : [];
        const all = [
            ...(printer.usesConstants ? [CONSTANTS] : []),
            ...(random ? [SEED, streamOf(generation.stream())] : []),
            ...(random || uses("step") || time.length > 0 || checks.length > 0 ? [STEP] : []),
            ...parameters,
        ];
        const lines = [
            "let r = group_id(0)",
            `let i = group_id(1) * ${GROUP} + local_id(1)`,
            ...printer.loads(""),
            "if i < n {",
            ...[
                ...(random ? ["let index = (r as u64) << 32 | i as u64", "let draw = step as u32"] : []),
                ...time,
                ...loads,
                ...body,
                ...stores,
                ...checks,
            ].map((line) => `    ${line}`),
            "}",
        ];
        const name = generation.kernelName(population.name, word);
        return {
            name,
            doc: `A step of ${population.name}: ${word}.`,
            parameters: all,
            groups: ["b", { of: "n", per: GROUP }],
            workgroup: [1, GROUP],
            body: lines,
        };
    }
}
