// Kernels of populations: what arrived is taken in, equations are stepped, spikes are found and listed, states are reset.
// Where the network's step finds spikes first, these are two kernels, else one.

import { type Formula, namesOf } from "../../codeobject/network/formula.js";
import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import { badValue } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { add } from "./algebra.js";
import { type Plan, plan, type System } from "./analysis.js";
import type { Around } from "./check-model.js";
import { declareSynapses, generateDelivery } from "./generate-delivery.js";
import { generateLearning, generatePeriodic } from "./generate-learning.js";
import { bound, CONSTANTS, FINDINGS, type Generation, inRule, SEED, STEP, sizeOf, streamOf } from "./generation.js";
import { gainsOf, type Input, inputOf } from "./inputs.js";
import type { Connection, Population, RuleUse } from "./network.js";
import { localsOf, printActions } from "./print-actions.js";
import { printStep, withDrawsNamed } from "./print-step.js";
import type { Draft, KernelParameter } from "./source.js";
import { Printer } from "./text.js";
import { delayVaries, isCounted, isDrive, isSpiking, unitOf } from "./traits.js";

const GROUP = 256;

/** The launches of a step; null where a mistake was reported. */
export function generatePopulations(generation: Generation, report: Around["report"]): NetworkLaunch[] | null {
    const { network } = generation;
    const { populations, order } = network;
    const connections = network.connections.filter(isSpiking);
    let failed = false;
    const refuse = (span: Connection["span"], what: string) => {
        failed = true;
        report(diagnose(badValue, span, { what }));
    };
    const gains = new Map<Connection, ReadonlyMap<string, Formula>>();
    for (const connection of connections) {
        const found = connection.synapse ? gainsOf(connection.synapse.model) : new Map<string, Formula>();
        if (typeof found === "string") refuse(connection.span, found);
        else gains.set(connection, found);
    }
    if (failed) return null;
    const inputs = connections.map((connection, at) => {
        const place = connections.slice(0, at).filter(({ to }) => to === connection.to).length;
        return inputOf(connection, place, gains.get(connection) ?? new Map());
    });
    for (const population of populations) declarePopulation(generation, population);
    for (const input of inputs) declareSynapses(generation, input);
    const delivery = inputs.map((input) => generateDelivery(generation, input));
    const neurons = populations.map((population) => {
        const own = inputs.filter(({ connection }) => connection.to === population);
        const drives = network.connections.filter((each) => each.to === population && isDrive(each));
        return new PopulationKernels(generation, population, own, drives).generate((what) =>
            refuse(population.span, what),
        );
    });
    const learning = inputs.map((input) =>
        generateLearning(generation, input, (what) => refuse(input.connection.span, what)),
    );
    const periodic = inputs.flatMap((input) => {
        const draft = generatePeriodic(generation, input, (what) => refuse(input.connection.span, what));
        return draft === null ? [] : [{ draft, rule: input.connection.rule as RuleUse }];
    });
    if (failed) return null;
    const emit = (drafts: readonly Draft[]) => generation.emit(drafts);
    // Connections deliver beside each other, once their presynaptic states have moved; what each learns goes in its own order.
    const deliver = [...emit(delivery.flatMap(({ jump }) => jump)), ...emit(delivery.map((each) => each.deliver))];
    const integrate = emit([...neurons.flatMap((each) => each.integrate), ...delivery.flatMap((each) => each.evolve)]);
    const spike = emit(neurons.flatMap((each) => each.spike));
    const longest = Math.max(0, ...learning.map((each) => each.length));
    const learn = Array.from({ length: longest }, (_, at) =>
        emit(learning.flatMap((each) => each.slice(at, at + 1))),
    ).flat();
    const every = periodic.flatMap(({ draft, rule }) =>
        generation.emit([draft]).map((launch) => ({ ...launch, every: inRule(rule, rule.model.every as Formula) })),
    );
    generation.notes.push(`a step is ${deliver.length + integrate.length + spike.length + learn.length} launches`);
    return order[0] === "spike"
        ? [...spike, ...deliver, ...integrate, ...learn, ...every]
        : [...deliver, ...integrate, ...spike, ...learn, ...every];
}

function declarePopulation(generation: Generation, population: Population): void {
    const { name, elements, initial, uniform, model } = population;
    const size = sizeOf(population);
    generation.declare(name, uniform);
    const inFormulas = (value: Formula): Formula =>
        rename(value, (each) => (uniform.has(each) ? `${name}.${each}` : each));
    for (const [each, value] of [...elements, ...initial]) {
        generation.buffer({
            name: `${name}.${each}`,
            element: "f32",
            extents: ["batch", size],
            initial: { kind: "formula", value: inFormulas(value), stream: generation.stream() },
            isState: true,
        });
    }
    if (model.spikes.length === 0) return;
    const ring = `ring:${name}`;
    const list = { element: "i32", initial: { kind: "zero" }, isState: true } as const;
    generation.buffer({ name: `${name}.counts`, extents: ["batch", ring], ...list });
    generation.buffer({ name: `${name}.spikes`, extents: ["batch", ring, size], ...list });
    if (hasRefractory(population)) generation.buffer({ name: `${name}.refractory`, extents: ["batch", size], ...list });
}

function rename(formula: Formula, change: (name: string) => string): Formula {
    if (typeof formula === "string") return change(formula);
    if (typeof formula !== "object") return formula;
    const [operation, ...operands] = formula;
    return [operation, ...operands.map((each) => rename(each, change))];
}

function hasRefractory({ model }: Population): boolean {
    return JSON.stringify(model.spikes).includes('"refractory"');
}

class PopulationKernels {
    private readonly printer: Printer;
    private readonly system: System;
    private readonly held: ReadonlySet<string>;
    private readonly refractory: boolean;
    private readonly codes = new Map<string, string>();
    /** States that depend on the time, with what they belong to. */
    private readonly stateBuffers = new Map<string, string>();
    /** Whether a layer counts its spikes. */
    private readonly isCounted: boolean;

    constructor(
        private readonly generation: Generation,
        private readonly population: Population,
        private readonly inputs: readonly Input[],
        /** What layers add to its ports. */
        private readonly drives: readonly Connection[],
    ) {
        const { model, uniform, elements, name } = population;
        this.isCounted = isCounted(generation.network, population);
        this.refractory = hasRefractory(population);
        this.held = this.refractory ? heldStates(population) : new Set();
        for (const { name: state } of model.states) {
            this.codes.set(state, `${state}_`);
            this.codes.set(`${state}.before`, `${state}_before`);
            this.stateBuffers.set(state, `${name}.${state}`);
        }
        for (const element of elements.keys()) this.codes.set(element, `${element}_`);
        for (const spike of model.spikes)
            for (const local of localsOf(spike.actions)) this.codes.set(local, `${local}_`);
        for (const at of drives.keys()) this.codes.set(`drive:${at}`, `drive${at}_`);
        for (const { connection, at, states } of inputs) {
            this.codes.set(`arrived:${at}`, `arrived${at}`);
            for (const [state, here] of states) {
                this.codes.set(here, `${state}_${at}`);
                this.stateBuffers.set(here, `${connection.name}.${state}`);
            }
        }
        this.codes.set("t", "time");
        this.printer = new Printer(generation.constants, (each) => {
            const code = each.startsWith("draw:") ? each.slice(5) : this.codes.get(each);
            if (code !== undefined) return { code };
            if (each.startsWith("uniform:")) return { uniform: each.slice(8) };
            const unit = inputs.find(({ at }) => each === `unit:${at}`);
            if (unit !== undefined) return { uniform: unitOf(unit.connection) };
            return { uniform: uniform.has(each) ? `${name}.${each}` : each };
        });
        const derivatives = new Map<string, Formula>();
        for (const [state, derivative] of model.derivatives) derivatives.set(state, this.withPorts(derivative));
        for (const input of inputs)
            for (const [state, derivative] of input.derivatives) derivatives.set(state, derivative);
        this.system = {
            derivatives,
            isUniform: (each) => !this.codes.has(each) && !each.startsWith("draw:"),
            held: this.held,
        };
    }

    /** A formula with what connects to ports in their places. */
    private withPorts(formula: Formula): Formula {
        const { ports } = this.population.model;
        const sums = new Map(
            ports.map(({ name }) => {
                const own = this.inputs.filter(
                    ({ connection }) => connection.target?.kind === "port" && connection.target.name === name,
                );
                const spikes = own.reduce<Formula>((sum, { output }) => add(sum, output ?? 0), 0);
                const rates = this.drives.flatMap(({ target }, at): Formula[] =>
                    target?.kind === "port" && target.name === name ? [`drive:${at}`] : [],
                );
                return [name, rates.reduce(add, spikes)] as const;
            }),
        );
        const replace = (each: Formula): Formula => {
            if (typeof each === "string") return sums.get(each) ?? each;
            if (typeof each !== "object") return each;
            const [operation, ...operands] = each;
            return [operation, ...operands.map(replace)];
        };
        return replace(formula);
    }

    private get plan(): Plan | string {
        const { method } = this.population.model;
        // Synapses keep their own methods where the neuron's says something else.
        if (method === null || Array.isArray(method)) return plan(this.system, method);
        const own = new Set(this.population.model.derivatives.keys());
        const synapses = new Map([...this.system.derivatives].filter(([state]) => !own.has(state)));
        const neurons = new Map([...this.system.derivatives].filter(([state]) => own.has(state)));
        if (method === "exact") return plan(this.system, method);
        const [one, other] = [
            plan({ ...this.system, derivatives: neurons }, method as never),
            plan({ ...this.system, derivatives: synapses }, null),
        ];
        if (typeof one === "string" || typeof other === "string") return typeof one === "string" ? one : other;
        return { exact: other.exact, groups: [...one.groups, ...other.groups] };
    }

    generate(refuse: (what: string) => void): { readonly integrate: Draft[]; readonly spike: Draft[] } {
        const { model } = this.population;
        const found = this.plan;
        if (typeof found === "string") {
            refuse(`\`#method\` of \`${model.name}\`: ${found}`);
            return { integrate: [], spike: [] };
        }
        this.note(found);
        const spikesFirst = this.generation.network.order[0] === "spike";
        const integrate = [...this.arrivals(), ...this.step(found)];
        const spike = this.spike();
        if (!spikesFirst) return { integrate: [this.kernel("step", [...integrate, ...spike])], spike: [] };
        return {
            integrate: integrate.length > 0 ? [this.kernel("integrate", integrate)] : [],
            spike: model.spikes.length > 0 ? [this.kernel("spike", spike)] : [],
        };
    }

    private note({ exact, groups }: Plan): void {
        const { name } = this.population;
        const shown = (states: Iterable<string>) => [...states].map((state) => this.stateBuffers.get(state)).join(", ");
        const { notes } = this.generation;
        if (exact.size > 0) notes.push(`${name}: exactly, as linear equations: ${shown(exact.keys())}`);
        for (const { method, states, parts } of groups) {
            const how = {
                exponential_euler: "the exponential Euler method",
                euler: "Euler's method",
                rk2: "the midpoint method",
                rk4: "Runge and Kutta's method of order 4",
            }[method];
            notes.push(`${name}: by ${how}${parts > 1 ? ` in ${parts} parts` : ""}: ${shown(states)}`);
        }
        if (this.held.size > 0) notes.push(`${name}: held while refractory: ${shown(this.held)}`);
    }

    /** Takes in what arrived: sums become quantities, and add to states. */
    private arrivals(): string[] {
        return this.inputs.flatMap(({ connection, at, gains }) => {
            const slot = delayVaries(connection) ? `(step as index) % d${at}` : "0";
            const place = `arrived_of${at}[r, ${slot}, i]`;
            const unit = this.printer.print(`unit:${at}`);
            const lines = [`let arrived${at} = ${place} as f32 * ${unit}`, `${place} = 0`];
            for (const [state, gain] of gains) {
                lines.push(
                    `${this.codes.get(state)} += ${gain === 1 ? "" : `${this.printer.print(gain)} * `}arrived${at}`,
                );
            }
            if (connection.target?.kind === "state") {
                const { name } = connection.target;
                const code = this.codes.get(name) as string;
                lines.push(
                    this.held.has(name) ? `if refractory_ == 0 { ${code} += arrived${at} }` : `${code} += arrived${at}`,
                );
            }
            return lines;
        });
    }

    private step(found: Plan): string[] {
        const { model } = this.population;
        const before = model.states
            .filter(({ name }) => this.usesBefore(name))
            .map(({ name }) => `let ${name}_before = ${name}_`);
        const held = this.refractory ? ["let held = refractory_ > 0", "if held { refractory_ -= 1 }"] : [];
        if (this.system.derivatives.size === 0) return [...held, ...before];
        const draws: string[] = [];
        const print = (formula: Formula) => this.printer.print(formula);
        const derivatives = new Map(
            [...this.system.derivatives].map(([state, each]) => [state, withDrawsNamed(each, draws, print)]),
        );
        const system: System = { ...this.system, derivatives };
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
            print: (formula, names) => this.printer.print(formula, names),
            codeOf: (state) => this.codes.get(state) as string,
            heldWhen: this.refractory ? "held" : null,
            h: parts === 1 ? "dt" : ["/", "dt", parts],
        });
        const clamps = model.bounds.map(
            ({ name, low, high }) =>
                `${this.codes.get(name)} = clamp(${this.codes.get(name)}, ${print(low)}, ${print(high)})`,
        );
        const all = [...lines, ...clamps];
        const loop = parts === 1 ? all : [`for _part in 0 .. ${parts} {`, ...all.map((line) => `    ${line}`), "}"];
        return [...held, ...before, ...draws, ...loop];
    }

    private usesBefore(state: string): boolean {
        return this.population.model.spikes.some(({ condition }) => namesOf(condition).has(`${state}.before`));
    }

    /** The conditions in order: the first that holds is what happens. */
    private spike(): string[] {
        const { model } = this.population;
        if (model.spikes.length === 0) return [];
        const spikesFirst = this.generation.network.order[0] === "spike";
        const free = !this.refractory ? "" : spikesFirst ? "refractory_ == 0 && " : "!held && ";
        const lines = ["var fired = false"];
        for (const { condition, actions } of model.spikes) {
            lines.push(
                `if !fired && ${free}${this.printer.print(condition)} {`,
                "    fired = true",
                ...printActions(
                    actions,
                    this.printer,
                    (name) => this.codes.get(name) ?? name,
                    ({ value }) => `refractory_ = ${this.printer.print(["round", ["/", value, "dt"]])} as i32`,
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
            ...(this.isCounted ? ["if fired { fired_of[r, i] += 1.0 }"] : []),
        );
        return lines;
    }

    private kernel(word: string, body: readonly string[]): Draft {
        const { generation, population, printer } = this;
        const text = body.join("\n");
        const uses = (code: string) => new RegExp(`\\b${code}\\b`).test(text);
        const states = [...this.stateBuffers].filter(([state]) => uses(this.codes.get(state) as string));
        const parameters: KernelParameter[] = [];
        const loads: string[] = [];
        const stores: string[] = [];
        for (const [state, buffer] of states) {
            const code = this.codes.get(state) as string;
            const name = `${code}of`;
            parameters.push({ name, type: "mut f32[b, n]", binding: bound(buffer) });
            loads.push(`var ${code} = ${name}[r, i]`);
            stores.push(`${name}[r, i] = ${code}`);
        }
        for (const element of population.elements.keys()) {
            const code = this.codes.get(element) as string;
            if (!uses(code)) continue;
            parameters.push({ name: `${code}of`, type: "f32[b, n]", binding: bound(`${population.name}.${element}`) });
            loads.push(`let ${code} = ${code}of[r, i]`);
        }
        for (const [at, { name }] of this.drives.entries()) {
            if (!uses(`drive${at}_`)) continue;
            parameters.push({ name: `drive${at}_of`, type: "f32[b, n]", binding: bound(`${name}.drive`) });
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
        for (const { connection, at } of this.inputs) {
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
        if (parameters.length === 0 || !parameters.some(({ type }) => type.includes("n]"))) {
            throw new Error(`${population.name} has a kernel without arrays`);
        }
        const checks = states.map(([state, buffer]) => {
            const code = generation.finding(
                `the state ${state.split(":")[0]} of ${buffer.replace(/\.[^.]*$/, "")} is no finite number`,
                population.name,
            );
            const value = this.codes.get(state) as string;
            return `if is_nan(${value} - ${value}) { atomic_min(findings[r], (step as u64) << 36 | ${code} << 28 | i as u64) }`;
        });
        if (checks.length > 0) parameters.push(FINDINGS);
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
            groups: ["b", `(n + ${GROUP - 1}) / ${GROUP}`],
            workgroup: [1, GROUP],
            body: lines,
        };
    }
}

/** States that a spike sets, and that stay so while the neuron is refractory; those that it adds to move on. */
function heldStates({ model }: Population): ReadonlySet<string> {
    const refractory = model.spikes.filter(({ actions }) => JSON.stringify(actions).includes('"refractory"'));
    return new Set(
        refractory.flatMap(({ actions }) =>
            actions.flatMap((action) => (action.kind === "set" && action.op === "=" ? [action.name] : [])),
        ),
    );
}
