// What a synapse does when one of its neurons fires: the reactions of its rule, with traces that are brought up to the
// step as they are read (they are kept as of their last event).

import type { Formula } from "../../codeobject/network/formula.js";
import { bound, type Generation, ruleNames } from "./generation.js";
import type { Action, Model } from "./model.js";
import type { Connection, RuleUse } from "./network.js";
import { localsOf, printActions } from "./print-actions.js";
import type { KernelParameter } from "./source.js";
import { Printer } from "./text.js";

export class PlasticSynapses {
    private readonly printer: Printer;
    private readonly actions: readonly Action[];
    private readonly lines: readonly string[];
    private readonly states: readonly string[];
    private readonly traces: Model["traces"];
    private readonly ports: readonly string[];

    /** The code of a rule at an event; it may be empty, where the rule doesn't react to it. */
    static of(generation: Generation, connection: Connection, event: "pre" | "post"): PlasticSynapses {
        const rule = connection.rule as RuleUse;
        return new PlasticSynapses(generation, connection, rule, event);
    }

    private constructor(
        generation: Generation,
        private readonly connection: Connection,
        rule: RuleUse,
        event: "pre" | "post",
    ) {
        const { model } = rule;
        this.actions = model.reactions.get(event) ?? [];
        const names: Record<string, string> = { w: "w" };
        for (const { name } of model.states) names[name] = `${name}_`;
        for (const { name } of model.traces) names[name] = `trace_${name}`;
        for (const { name } of model.ports) names[name] = `port_${name}`;
        for (const name of localsOf(this.actions)) names[name] = `${name}_`;
        this.printer = new Printer(generation.constants, ruleNames(rule, names));
        const print = (formula: Formula) => this.printer.print(formula);
        const code = (name: string) => names[name] as string;
        const reactions = printActions(this.actions, this.printer, code, () => "");
        const bounds = model.bounds.map(
            ({ name, low, high }) => `${code(name)} = clamp(${code(name)}, ${print(low)}, ${print(high)})`,
        );
        const uses = (name: string, text: readonly string[]) =>
            text.some((line) => new RegExp(`\\b${name}\\b`).test(line));
        const all = reactions.length > 0 ? [...reactions, ...bounds] : [];
        this.states = model.states.map(({ name }) => name).filter((name) => uses(`${name}_`, all));
        this.traces = model.traces.filter(({ name }) => uses(`trace_${name}`, all));
        this.ports = model.ports.map(({ name }) => name).filter((name) => uses(`port_${name}`, all));
        const decays = this.traces.map(({ name, tau, event: of }) => {
            const neuron = of === "pre" ? "PRE" : "POST";
            const rate = print(["/", "dt", tau]);
            return `let trace_${name} = ${name}_value[r, ${neuron}] * exp((${name}_last[r, ${neuron}] - step) as f32 * ${rate})`;
        });
        this.lines = reactions.length > 0 ? [...decays, ...all] : [];
    }

    get isEmpty(): boolean {
        return this.lines.length === 0;
    }

    get usesConstants(): boolean {
        return this.printer.usesConstants;
    }

    /** Constants and modulators of the instance r. */
    loads(): string[] {
        return [...this.printer.loads(""), ...this.ports.map((port) => `let port_${port} = ${port}_of[r]`)];
    }

    load(place: string): string[] {
        return [`var w = weights_of${place}`, ...this.states.map((state) => `var ${state}_ = ${state}_of${place}`)];
    }

    /** @param pre the presynaptic neuron as code, `post` the other */
    react(place: string, pre: string, post: string): string[] {
        if (this.isEmpty) return [];
        return [
            ...this.lines.map((line) =>
                line.replaceAll("[r, PRE]", `[r, ${pre}]`).replaceAll("[r, POST]", `[r, ${post}]`),
            ),
            `weights_of${place} = w`,
            ...this.states.map((state) => `${state}_of${place} = ${state}_`),
        ];
    }

    /** Parameters beside the weights. */
    parameters(shape: string): KernelParameter[] {
        const { name } = this.connection;
        return [
            ...this.states.map((state) => ({
                name: `${state}_of`,
                type: `mut f32${shape}`,
                binding: bound(`${name}.${state}`),
            })),
            ...this.traces.flatMap(({ name: trace, event }) => {
                const size = event === "pre" ? "q" : "n";
                return [
                    { name: `${trace}_value`, type: `f32[b, ${size}]`, binding: bound(`${name}.${trace}`) },
                    { name: `${trace}_last`, type: `i32[b, ${size}]`, binding: bound(`${name}.${trace}.last`) },
                ];
            }),
            ...this.ports.map((port) => ({ name: `${port}_of`, type: "f32[b]", binding: bound(`${name}.${port}`) })),
        ];
    }
}
