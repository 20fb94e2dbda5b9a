// What a rule does to a synapse, as code: at an event, or in every moment. Traces are brought up to the step as they are read
// (they are kept as of their last event).

import type { Formula } from "../../codeobject/network/formula.js";
import { bound, type Generation, ruleNames } from "./generation.js";
import type { Model } from "./model.js";
import type { Connection, RuleUse } from "./network.js";
import { localsOf, printActions } from "./print-actions.js";
import { raisingOf, traceAt } from "./raise-traces.js";
import type { KernelParameter } from "./source.js";
import { ownName, Printer, viewOf } from "./text.js";

/** Statements over the synapse's variables; `code` says how a name is written. */
type Body = (print: Printer, code: (name: string) => string) => readonly string[];

export class PlasticSynapses {
    private readonly printer: Printer;
    private readonly lines: readonly string[];
    private readonly states: readonly string[];
    private readonly traces: Model["traces"];
    private readonly ports: readonly string[];
    private readonly usesWeight: boolean;

    /** The code of a rule at an event; it may be empty, where the rule doesn't react to it. */
    static of(generation: Generation, connection: Connection, event: "pre" | "post" | "every"): PlasticSynapses {
        const rule = connection.rule as RuleUse;
        const actions = rule.model.reactions.get(event) ?? [];
        const body: Body = (printer, code) => printActions(actions, printer, code, () => "");
        return new PlasticSynapses(generation, connection, localsOf(actions), body);
    }

    /** Other code over the same variables. */
    static doing(generation: Generation, connection: Connection, body: Body): PlasticSynapses {
        return new PlasticSynapses(generation, connection, [], body);
    }

    private constructor(
        generation: Generation,
        private readonly connection: Connection,
        locals: readonly string[],
        body: Body,
    ) {
        const rule = connection.rule as RuleUse;
        const { model } = rule;
        const names: Record<string, string> = { w: "w" };
        for (const { name } of model.states) names[name] = ownName(name);
        for (const { name } of model.traces) names[name] = `trace_${name}`;
        for (const { name } of model.ports) names[name] = `port_${name}`;
        for (const name of locals) names[name] = ownName(name);
        this.printer = new Printer(generation.constants, ruleNames(rule, names));
        const print = (formula: Formula) => this.printer.print(formula);
        const code = (name: string) => names[name] as string;
        const reactions = body(this.printer, code);
        const bounds = model.bounds.map(
            ({ name, low, high }) => `${code(name)} = clamp(${code(name)}, ${print(low)}, ${print(high)})`,
        );
        const all = reactions.length > 0 ? [...reactions, ...bounds] : [];
        const uses = (name: string) => all.some((line) => new RegExp(`\\b${name}\\b`).test(line));
        this.usesWeight = uses("w");
        this.states = model.states.map(({ name }) => name).filter((name) => uses(ownName(name)));
        this.traces = model.traces.filter(({ name }) => uses(`trace_${name}`));
        this.ports = model.ports.map(({ name }) => name).filter((name) => uses(`port_${name}`));
        const decays = this.traces.map(({ name, tau, event }) => {
            const place = PLACES[event] ?? "[r]";
            const rate = print(["/", "dt", tau]);
            const now = traceAt({
                value: `value_of_${name}${place}`,
                last: `last_of_${name}${place}`,
                rate,
                isEarly: raisingOf(model, { name, tau, event }) === "beside deliveries",
                isNearest: model.pairing === "nearest",
            });
            return `let trace_${name} = ${now}`;
        });
        this.lines = all.length > 0 ? [...decays, ...all] : [];
    }

    get isEmpty(): boolean {
        return this.lines.length === 0;
    }

    get usesConstants(): boolean {
        return this.printer.usesConstants;
    }

    /** Whether a synapse needs to know its neurons. */
    get usesNeurons(): boolean {
        return this.traces.some(({ event }) => event in PLACES);
    }

    get usesStep(): boolean {
        return this.traces.length > 0;
    }

    /** Constants and modulators of the instance r. */
    loads(): string[] {
        return [...this.printer.loads(""), ...this.ports.map((port) => `let port_${port} = port_of_${port}[r]`)];
    }

    load(place: string): string[] {
        return [
            `var w = weights_of${place}`,
            ...this.states.map((state) => `var ${ownName(state)} = ${viewOf(ownName(state))}${place}`),
        ];
    }

    /** @param pre the presynaptic neuron as code, `post` the other */
    react(place: string, pre: string, post: string): string[] {
        if (this.isEmpty) return [];
        return [
            ...this.lines.map((line) =>
                line.replaceAll("[r, PRE]", `[r, ${pre}]`).replaceAll("[r, POST]", `[r, ${post}]`),
            ),
            ...(this.usesWeight ? [`weights_of${place} = w`] : []),
            ...this.states.map((state) => `${viewOf(ownName(state))}${place} = ${ownName(state)}`),
        ];
    }

    /** Parameters beside the weights. */
    parameters(shape: string): KernelParameter[] {
        const { name } = this.connection;
        return [
            ...this.states.map((state) => ({
                name: viewOf(ownName(state)),
                type: `mut f32${shape}`,
                binding: bound(`${name}.${state}`),
            })),
            ...this.traces.flatMap(({ name: trace, event }) => {
                const extents = event === "pre" ? "[b, q]" : event === "post" ? "[b, n]" : "[b]";
                return [
                    { name: `value_of_${trace}`, type: `f32${extents}`, binding: bound(`${name}.${trace}`) },
                    { name: `last_of_${trace}`, type: `i32${extents}`, binding: bound(`${name}.${trace}.last`) },
                ];
            }),
            ...this.ports.map((port) => ({
                name: `port_of_${port}`,
                type: "f32[b]",
                binding: bound(`${name}.${port}`),
            })),
        ];
    }
}

/** Where the traces of neurons lie; others are one an instance. */
const PLACES: Readonly<Record<string, string>> = { pre: "[r, PRE]", post: "[r, POST]" };
