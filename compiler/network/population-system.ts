// The equations of a population together with those of the synapses at it: what names are as code and in memory, and how the whole
// is stepped.

import { type Formula, namesOf, substitute } from "../../codeobject/network/formula.js";
import { add } from "./algebra.js";
import { METHOD_NAMES, type Plan, plan, type System } from "./analysis.js";
import type { Generation } from "./generation.js";
import type { Input } from "./inputs.js";
import type { Bounds, SpikeCondition } from "./model.js";
import type { Connection, Population } from "./network.js";
import { localsOf, substituteInActions } from "./print-actions.js";
import { warnOfStiffness } from "./stiffness.js";
import { NOW } from "./stimuli.js";
import { ownName, Printer } from "./text.js";
import { unitOf } from "./traits.js";

export class PopulationSystem {
    readonly printer: Printer;
    readonly system: System;
    readonly isRefractory: boolean;
    /** What names of formulas are as code. */
    readonly codes = new Map<string, string>();
    /** States that depend on the time, with what they belong to. */
    readonly stateBuffers = new Map<string, string>();
    /** The model's, with what connects to ports in their places. */
    readonly spikes: readonly SpikeCondition[];
    readonly bounds: readonly Bounds[];
    private readonly held: ReadonlySet<string>;

    constructor(
        private readonly generation: Generation,
        private readonly population: Population,
        readonly inputs: readonly Input[],
        /** What layers add to its ports. */
        readonly drives: readonly Connection[],
    ) {
        const { model, elements, name } = population;
        this.isRefractory = hasRefractory(population);
        this.held = this.isRefractory ? heldStates(population) : new Set();
        for (const { name: state } of model.states) {
            this.codes.set(state, ownName(state));
            this.codes.set(`${state}.before`, `before_${ownName(state)}`);
            this.stateBuffers.set(state, `${name}.${state}`);
        }
        for (const element of elements.keys()) this.codes.set(element, ownName(element));
        for (const spike of model.spikes)
            for (const local of localsOf(spike.actions)) this.codes.set(local, ownName(local));
        for (const at of drives.keys()) this.codes.set(`drive:${at}`, `drive${at}_`);
        for (const { connection, at, states } of inputs) {
            this.codes.set(`arrived:${at}`, `arrived${at}`);
            for (const [state, here] of states) {
                this.codes.set(here, ownName(state, at));
                this.stateBuffers.set(here, `${connection.name}.${state}`);
            }
        }
        this.codes.set(NOW, "time");
        this.printer = new Printer(generation.constants, (each) => {
            const code = each.startsWith("draw:") ? each.slice(5) : this.codes.get(each);
            if (code !== undefined) return { code };
            if (each.startsWith("uniform:")) return { uniform: each.slice(8) };
            const unit = inputs.find(({ at }) => each === `unit:${at}`);
            if (unit !== undefined) return { uniform: unitOf(unit.connection) };
            return { uniform: this.uniformName(each) };
        });
        const sums = this.portSums();
        const withPorts = (formula: Formula) => substitute(formula, (each) => sums.get(each));
        this.spikes = model.spikes.map(({ condition, actions }) => ({
            condition: withPorts(condition),
            actions: substituteInActions(actions, withPorts),
        }));
        this.bounds = model.bounds.map(({ name: state, low, high }) => ({
            name: state,
            low: withPorts(low),
            high: withPorts(high),
        }));
        const derivatives = new Map<string, Formula>();
        for (const [state, derivative] of model.derivatives) derivatives.set(state, withPorts(derivative));
        for (const input of inputs)
            for (const [state, derivative] of input.derivatives) derivatives.set(state, derivative);
        this.system = {
            derivatives,
            isUniform: (each) => !this.codes.has(each) && !each.startsWith("draw:"),
            held: this.held,
        };
    }

    /** What connects to each port, as one formula. */
    private portSums(): ReadonlyMap<string, Formula> {
        return new Map(
            this.population.model.ports.map(({ name }) => {
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
    }

    /** A connection without a synapse model that spike conditions and what follows from them read, if there is one. */
    get readAtSpikes(): Connection | undefined {
        const text = JSON.stringify(this.spikes);
        return this.inputs.find(({ at }) => text.includes(`"arrived:${at}"`))?.connection;
    }

    /** How it is stepped; in words why it can't be. */
    plan(): Plan | string {
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

    /** Says for `soma inspect` how it is stepped, and warns of what the step is too long for. */
    explain(found: Plan): void {
        const { exact, groups } = found;
        const { name, model, elements, span } = this.population;
        const shown = (states: Iterable<string>) => [...states].map((state) => this.stateBuffers.get(state)).join(", ");
        const { notes } = this.generation;
        if (exact.size > 0) notes.push(`${name}: exactly, as linear equations: ${shown(exact.keys())}`);
        for (const { method, states, parts } of groups) {
            notes.push(`${name}: by ${METHOD_NAMES[method]}${parts > 1 ? ` in ${parts} parts` : ""}: ${shown(states)}`);
        }
        if (this.held.size > 0) notes.push(`${name}: held while refractory: ${shown(this.held)}`);
        warnOfStiffness(this.generation, {
            system: this.system,
            plan: found,
            h: ["/", "dt", model.substeps],
            atStart: (each) => {
                const buffer = this.stateBuffers.get(each.replace(".before", ""));
                if (buffer !== undefined) return this.generation.atStart(buffer);
                if (elements.has(each)) return this.generation.atStart(`${name}.${each}`);
                // Nothing has arrived.
                if (each.startsWith("arrived:") || each.startsWith("drive:") || each === NOW) return 0;
                return each.startsWith("uniform:") ? each.slice(8) : this.uniformName(each);
            },
            nameOf: (state) => this.stateBuffers.get(state) ?? state,
            dividesIn: model.name,
            span,
        });
    }

    private uniformName(name: string): string {
        return this.population.uniform.has(name) ? `${this.population.name}.${name}` : name;
    }

    usesBefore(state: string): boolean {
        return this.population.model.spikes.some(({ condition }) => namesOf(condition).has(`${state}.before`));
    }

    isHeld(state: string): boolean {
        return this.held.has(state);
    }
}

export function hasRefractory({ model }: Population): boolean {
    return JSON.stringify(model.spikes).includes('"refractory"');
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
