// Checks a network: that its parts are there, their models and units agree, and its numbers make sense as far as they are
// known before it runs.

import { evaluate, type Formula, namesOf, substitute } from "../../codeobject/network/formula.js";
import { duplicate } from "../diagnostics/catalogue/names.js";
import {
    badValue,
    delayBelowStep,
    misplacedMember,
    probabilityRange,
    unitMismatch,
    unknownPart,
    wrongArgument,
} from "../diagnostics/catalogue/networks.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { ACTIVATIONS } from "./activations.js";
import { type Arguments, argumentsOf, type Use, useOf } from "./arguments.js";
import type { Around } from "./check-model.js";
import { checkFormula, demandFormula, type FormulaContext, type Typed, Units } from "./formulas.js";
import type { Model, Variable } from "./model.js";
import {
    type Connection,
    type Connectivity,
    type Layer,
    type Network,
    PHASES,
    type Phase,
    type Population,
    type RecordOf,
    type RuleUse,
    type SynapseUse,
} from "./network.js";
import { stimulusModel } from "./stimuli.js";
import { DIMENSIONS, type Dimension, PLAIN, showDimension, TIME } from "./units.js";

export interface AroundNetwork extends Around {
    /** A model by its name; null where it is none or has a mistake, which was reported. */
    readonly model: (name: ast.Name, kind: Model["kind"]) => Model | null;
}

/** Null where it has a mistake, which was reported. */
export function checkNetwork(item: ast.NetworkItem, around: AroundNetwork): Network | null {
    return new NetworkChecker(item, around).check();
}

const FLAT: ReadonlyMap<string, Typed> = new Map();

const POSITIONS: ReadonlyMap<string, Typed> = new Map([["i", { formula: "i", type: PLAIN }]]);

/** What formulas of synapses have: the places of both neurons and the sizes of their populations. */
const PAIRS: ReadonlyMap<string, Typed> = new Map(
    ["i", "j", "n_pre", "n_post"].map((name) => [name, { formula: name, type: PLAIN }]),
);

class NetworkChecker {
    private failed = false;
    private dt: Formula | null = null;
    private readonly params: Variable[] = [];
    private readonly names = new Map<string, Typed>();
    private readonly parts = new Map<string, Layer | Population>();
    private readonly connections: Connection[] = [];
    private readonly records: RecordOf[] = [];
    private order: readonly Phase[] = PHASES;

    constructor(
        private readonly item: ast.NetworkItem,
        private readonly around: AroundNetwork,
    ) {}

    check(): Network | null {
        const { item } = this;
        for (const field of item.params) this.param(field);
        for (const member of item.members) if (member.kind === "declare") this.local(member);
        for (const member of item.members) if (member.kind === "step") this.steps(member);
        for (const member of item.members) this.part(member);
        for (const member of item.members) if (member.kind === "connect") this.connect(member);
        for (const member of item.members) {
            if (member.kind === "plasticity") this.learn(member);
            if (member.kind === "record") this.record(member);
        }
        if (this.parts.size === 0 && !this.failed) {
            const help = "declare one: `layer input(784, activation: identity)`";
            this.report(
                diagnose(badValue, item.name.span, { what: "this network has no layers or populations", help }),
            );
        }
        if (this.failed) return null;
        const all = [...this.parts.values()];
        const populations = all.filter((part) => part.kind === "population");
        return {
            name: item.name.text,
            doc: item.doc,
            span: item.name.span,
            dt: this.dt ?? (populations.length > 0 ? 0.1 : null),
            params: this.params,
            layers: all.filter((part) => part.kind === "layer"),
            populations,
            connections: this.connections,
            records: this.records,
            order: this.order,
        };
    }

    private readonly report: Around["report"] = (diagnostic) => {
        this.failed = true;
        this.around.report(diagnostic);
    };

    private context(
        extra: ReadonlyMap<string, Typed> = FLAT,
        drawing: FormulaContext["drawing"] = "none",
    ): FormulaContext {
        return {
            find: (name) => extra.get(name) ?? this.names.get(name) ?? this.around.constant(name),
            names: () => [...extra.keys(), ...this.names.keys()],
            drawing,
            report: this.report,
            units: new Units(),
        };
    }

    private param(field: ast.Field): void {
        const { text: name, span } = field.name;
        const type = field.type.name.text;
        const dimension = type === "index" ? PLAIN : DIMENSIONS[type];
        if (dimension === undefined) {
            const help = `they are ${["index", ...Object.keys(DIMENSIONS)].join(", ")}`;
            this.report(
                diagnose(wrongArgument, field.type.span, { what: `a network's parameter is no \`${type}\``, help }),
            );
            return;
        }
        const value =
            field.value === null
                ? null
                : demandFormula(this.context(), field.value, dimension, `the value of \`${name}\``);
        if (name === "dt") {
            this.dt = value ?? this.dt;
            const step = value === null ? undefined : this.known(value);
            if (step !== undefined && !(step > 0)) {
                this.report(
                    diagnose(badValue, (field.value as ast.Expr).span, { what: `a step of ${step} ms is none` }),
                );
            }
        } else this.params.push({ name, dimension, value, span });
        this.names.set(name, { formula: name, type: dimension });
    }

    /** `let n = 4 * 100` */
    private local({ statement }: Extract<ast.NetworkMember, { kind: "declare" }>): void {
        if (statement.kind !== "declare" || statement.keyword !== "let" || !statement.value || statement.type) {
            const help = "name a number with `let n = …`";
            this.report(diagnose(misplacedMember, statement.span, { what: "this", where: "a network", help }));
            return;
        }
        const ctx = this.context();
        const found = checkFormula(ctx, statement.value);
        if (found !== null) this.names.set(statement.name.text, found);
    }

    /** The value of a formula with the parameters' defaults; undefined where it isn't known before the network is made. */
    private known(formula: Formula, extra: Readonly<Record<string, number>> = {}): number | undefined {
        const lookup = (name: string): number => {
            const given = extra[name];
            if (given !== undefined) return given;
            if (name === "dt") return Number(evaluate(this.dt ?? 0.1, lookup));
            const value = this.params.find((param) => param.name === name)?.value ?? null;
            if (value === null) throw new Unknown();
            return Number(evaluate(value, lookup));
        };
        try {
            return Number(
                evaluate(formula, lookup, () => {
                    throw new Unknown();
                }),
            );
        } catch (error) {
            if (error instanceof Unknown) return undefined;
            throw error;
        }
    }

    private steps({ phases, span }: Extract<ast.NetworkMember, { kind: "step" }>): void {
        const named = phases.map(({ text }) => text);
        const sorted = [...named].sort().join();
        const order = named.join();
        const possible = ["deliver,integrate,spike,learn", "spike,deliver,integrate,learn"];
        if (sorted !== [...PHASES].sort().join() || !possible.includes(order)) {
            const what = "this is no order of a step";
            const help =
                "it is `step { deliver; integrate; spike; learn }` or `step { spike; deliver; integrate; learn }`";
            this.report(diagnose(badValue, span, { what, help }));
            return;
        }
        this.order = named as Phase[];
    }

    private part(member: ast.NetworkMember): void {
        if (member.kind === "attribute") {
            const what = `\`#${member.attribute.name.text}\``;
            this.report(diagnose(misplacedMember, member.span, { what, where: "a network" }));
        }
        if (member.kind === "pairing") {
            const help = "it belongs to a plasticity rule";
            this.report(diagnose(misplacedMember, member.span, { what: "a pairing", where: "a network", help }));
        }
        if (member.kind !== "layer" && member.kind !== "population" && member.kind !== "stimulus") return;
        const { text: name, span } = member.name;
        if (this.parts.has(name) || this.names.has(name)) {
            this.report(diagnose(duplicate, span, { name, what: "a part of this network" }));
            return;
        }
        const part = this[member.kind](member.name, argumentsOf(member.args));
        if (part !== null) this.parts.set(name, part);
        else this.broken.add(name);
    }

    /** Parts with a mistake: what names them isn't judged. */
    private readonly broken = new Set<string>();

    private size(expr: ast.Expr | undefined, name: ast.Name): Formula | null {
        if (expr === undefined) {
            const what = `\`${name.text}\` has no size`;
            this.report(diagnose(wrongArgument, name.span, { what, help: `write it first: \`${name.text}(100, …)\`` }));
            return null;
        }
        const formula = demandFormula(this.context(), expr, PLAIN, "a size");
        if (formula === null) return null;
        const value = this.known(formula);
        if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31)) {
            const what = `the size of \`${name.text}\` is ${value}`;
            this.report(diagnose(badValue, expr.span, { what, help: "it is a whole number from 1" }));
            return null;
        }
        return formula;
    }

    private layer(name: ast.Name, args: Arguments): Layer | null {
        const size = this.size(args.positional[0], name);
        this.refuseOthers(args, 1, ["activation", "bias"], `\`${name.text}\``);
        const activation = this.activation(args.labelled.get("activation"));
        const bias = args.labelled.get("bias");
        const start = bias ? demandFormula(this.context(POSITIONS, "once"), bias.value, PLAIN, "a bias") : null;
        if (size === null || activation === null || (bias && start === null)) return null;
        return { kind: "layer", name: name.text, span: name.span, size, activation, bias: start };
    }

    private activation(arg: ast.Argument | undefined): Layer["activation"] | null {
        if (arg === undefined) return { name: "identity", args: [] };
        const { value } = arg;
        const call = value.kind === "call" && value.callee.kind === "name" ? value : null;
        const name = call ? (call.callee as { text: string }).text : value.kind === "name" ? value.text : "";
        const count = ACTIVATIONS[name];
        const given = call?.args ?? [];
        if (count === undefined || given.length !== count.arguments) {
            const what =
                count === undefined
                    ? `there is no activation${name === "" ? " like this" : ` \`${name}\``}`
                    : `\`${name}\` takes ${count.arguments} argument${count.arguments === 1 ? "" : "s"}`;
            const help = `activations are ${Object.keys(ACTIVATIONS).join(", ")}`;
            this.report(diagnose(wrongArgument, value.span, { what, help }));
            return null;
        }
        const args = given.map((each) => demandFormula(this.context(), each.value, PLAIN, "an activation's argument"));
        return args.includes(null) ? null : { name, args: args as Formula[] };
    }

    private population(name: ast.Name, args: Arguments): Population | null {
        const size = this.size(args.positional[0], name);
        const neuron = args.labelled.get("neuron");
        if (neuron === undefined) {
            const what = `\`${name.text}\` has no neuron model`;
            this.report(diagnose(wrongArgument, name.span, { what, help: "write `neuron: lif()`" }));
            return null;
        }
        const use = useOf(neuron.value);
        const model = use && this.around.model(use.name, "neuron");
        if (use === null) this.report(diagnose(wrongArgument, neuron.value.span, { what: "this is no neuron model" }));
        if (!model || size === null || use === null) {
            this.failed = true;
            return null;
        }
        this.refuseOthers(args, 1, ["neuron", ...model.states.map((state) => state.name)], `\`${name.text}\``);
        return this.neurons(name, size, model, use, args.labelled);
    }

    private neurons(
        name: ast.Name,
        size: Formula,
        model: Model,
        use: Use,
        starts: ReadonlyMap<string, ast.Argument>,
    ): Population | null {
        const given = this.modelArguments(model, use, [...model.params, ...model.elements], POSITIONS, "once");
        if (given === null) return null;
        const isOwn = (variable: Variable) => {
            const value = given.get(variable.name);
            return value !== undefined && (namesOf(value).has("i") || drawsOnce(value));
        };
        const own = [...model.elements, ...model.params.filter(isOwn)];
        const uniform = model.params.filter((param) => !own.includes(param));
        const initial = new Map<string, Formula>();
        for (const state of model.states) {
            const start = starts.get(state.name);
            const value = start
                ? demandFormula(
                      this.context(POSITIONS, "once"),
                      start.value,
                      state.dimension,
                      `the start of \`${state.name}\``,
                  )
                : state.value;
            if (value !== null) initial.set(state.name, value);
        }
        if (initial.size < model.states.length) return null;
        const chosen = (variable: Variable) => given.get(variable.name) as Formula;
        return {
            kind: "population",
            name: name.text,
            span: name.span,
            size,
            model,
            uniform: new Map(uniform.map((each) => [each.name, { value: chosen(each), dimension: each.dimension }])),
            elements: new Map(own.map((each) => [each.name, chosen(each)])),
            initial,
        };
    }

    /** `stimulus input(784, poisson: 20 Hz)`, `regular: 10 Hz`, `spikes: data`: populations that emit by themselves. */
    private stimulus(name: ast.Name, args: Arguments): Population | null {
        const size = this.size(args.positional[0], name);
        const found = stimulusModel(args);
        if (found === null) {
            const what = `nothing says what \`${name.text}\` emits`;
            const help = "write `poisson: 20 Hz`, `regular: 20 Hz` (with `phase: 5 ms`) or `spikes: data`";
            this.report(diagnose(wrongArgument, name.span, { what, help }));
            return null;
        }
        this.refuseOthers(args, 1, found.labels, `\`${name.text}\``);
        if (size === null) return null;
        return this.neurons(name, size, found.model, { name, args: found.args }, new Map());
    }

    /** The values of a model's parameters, by name; null where a mistake was reported. */
    private modelArguments(
        model: Model,
        use: Use,
        variables: readonly Variable[],
        extra: ReadonlyMap<string, Typed>,
        drawing: FormulaContext["drawing"],
    ): ReadonlyMap<string, Formula> | null {
        const values = new Map<string, Formula>();
        let complete = true;
        for (const { label, value } of use.args) {
            const variable = variables.find((each) => each.name === label?.text);
            if (variable === undefined) {
                complete = false;
                const similar =
                    label &&
                    nearest(
                        label.text,
                        variables.map((each) => each.name),
                    );
                const what = label
                    ? `\`${model.name}\` has no parameter \`${label.text}\``
                    : `arguments of \`${model.name}\` have names`;
                const names = variables.map((each) => each.name).join(", ");
                const help = similar
                    ? `did you mean \`${similar}\`?`
                    : names === ""
                      ? "it has none"
                      : `it has ${names}`;
                this.report(diagnose(wrongArgument, label?.span ?? value.span, { what, help }));
                continue;
            }
            const what = `\`${variable.name}\` of \`${model.name}\``;
            const formula = demandFormula(this.context(extra, drawing), value, variable.dimension, what);
            if (formula === null) complete = false;
            else values.set(variable.name, formula);
        }
        for (const variable of variables) {
            if (values.has(variable.name)) continue;
            if (variable.value !== null) {
                values.set(
                    variable.name,
                    substitute(variable.value, (name) => values.get(name)),
                );
            } else if (complete) {
                complete = false;
                const what = `\`${model.name}\` needs \`${variable.name}\``;
                this.report(
                    diagnose(wrongArgument, use.name.span, {
                        what,
                        help: `write \`${model.name}(${variable.name}: …)\``,
                    }),
                );
            }
        }
        return complete ? values : null;
    }

    /** Whether there are no other arguments; those that there are are reported. */
    private refuseOthers(args: Arguments, positions: number, labels: readonly string[], what: string): boolean {
        const extra = args.positional[positions];
        if (extra !== undefined) {
            this.report(diagnose(wrongArgument, extra.span, { what: `${what} takes this argument by name only` }));
        }
        const unknown = [...args.labelled].filter(([label]) => !labels.includes(label));
        for (const [label, { label: at, value }] of unknown) {
            const similar = nearest(label, labels);
            const help = similar ? `did you mean \`${similar}\`?` : `it takes ${labels.join(", ")}`;
            const message = `${what} takes no \`${label}\` here`;
            this.report(diagnose(wrongArgument, at?.span ?? value.span, { what: message, help }));
        }
        return extra === undefined && unknown.length === 0;
    }

    private find(path: ast.Path): { readonly part: Layer | Population; readonly member: ast.Name | null } | null {
        const [head, member, more] = path.names as [ast.Name, ast.Name | undefined, ast.Name | undefined];
        const part = this.parts.get(head.text);
        if (part === undefined || more !== undefined) {
            this.failed = true;
            if (!this.broken.has(head.text)) {
                const similar = nearest(head.text, this.parts.keys());
                this.report(
                    diagnose(unknownPart, more?.span ?? head.span, {
                        name: more?.text ?? head.text,
                        what: "layer or population",
                        similar,
                    }),
                );
            }
            return null;
        }
        return { part, member: member ?? null };
    }

    private connect(member: Extract<ast.NetworkMember, { kind: "connect" }>): void {
        const from = this.find(member.from);
        const args = argumentsOf(member.args);
        for (const path of member.to) {
            const to = this.find(path);
            if (from === null || to === null) continue;
            if (from.member !== null) {
                const what = "spikes come from a whole population";
                this.report(diagnose(wrongArgument, from.member.span, { what, help: `write \`${from.part.name}\`` }));
                continue;
            }
            const connection =
                from.part.kind === "layer" || to.part.kind === "layer"
                    ? this.connectLayers(member.span, path, from.part, to, args)
                    : this.connectPopulations(member.span, path, from.part, to.part, to.member, args);
            if (connection === null) this.failed = true;
            else this.connections.push(connection);
        }
    }

    private connectLayers(
        span: Span,
        path: ast.Path,
        from: Layer | Population,
        to: { readonly part: Layer | Population; readonly member: ast.Name | null },
        args: Arguments,
    ): Connection | null {
        const { part, member } = to;
        if (from.kind !== "layer" || part.kind !== "layer" || member !== null) {
            const what = member ? "a layer has no ports" : "a layer connects to layers";
            const help = "layers have rates and populations have spikes: they don't connect to each other";
            this.report(diagnose(wrongArgument, member?.span ?? path.span, { what, ...(member ? {} : { help }) }));
            return null;
        }
        if (!this.refuseOthers(args, 0, ["weight"], "a connection between layers")) return null;
        const weight = this.weight(args, PLAIN, span);
        if (weight === null) return null;
        const connectivity: Connectivity = { kind: "all", value: null, autapses: true, multapses: false };
        const name = `${from.name}->${part.name}`;
        return {
            name,
            span,
            from,
            to: part,
            target: null,
            synapse: null,
            connectivity,
            weight,
            delay: null,
            rule: null,
        };
    }

    private weight(args: Arguments, dimension: Dimension, span: Span): Formula | null {
        const weight = args.labelled.get("weight");
        if (weight !== undefined)
            return demandFormula(this.context(PAIRS, "once"), weight.value, dimension, "the weight");
        const help = "write `weight: 0.5`, or `weight: random(-0.5, 0.5)`";
        this.report(diagnose(wrongArgument, span, { what: "this connection has no weight", help }));
        return null;
    }

    private connectPopulations(
        span: Span,
        path: ast.Path,
        from: Population,
        to: Layer | Population,
        member: ast.Name | null,
        args: Arguments,
    ): Connection | null {
        if (to.kind !== "population") return null;
        const { model } = to;
        const inputs = [...model.ports, ...model.states];
        const only = model.ports.length === 1 ? model.ports[0] : undefined;
        const variable = member === null ? only : inputs.find((each) => each.name === member.text);
        if (variable === undefined) {
            const ports = model.ports.map((port) => `\`${to.name}.${port.name}\``).join(" or ");
            const similar = member
                ? nearest(
                      member.text,
                      inputs.map((each) => each.name),
                  )
                : undefined;
            if (member)
                this.report(
                    diagnose(unknownPart, member.span, { name: member.text, what: `port of \`${to.name}\``, similar }),
                );
            else {
                const help = ports === "" ? `\`${model.name}\` has none` : `write ${ports}`;
                this.report(diagnose(wrongArgument, path.span, { what: "nothing says which port is meant", help }));
            }
            return null;
        }
        const labels = [
            "weight",
            "delay",
            "synapse",
            "probability",
            "fan_in",
            "fan_out",
            "total",
            "one_to_one",
            "where",
            "synapses",
            "autapses",
            "multapses",
        ];
        if (!this.refuseOthers(args, 0, labels, "a connection")) return null;
        const kind = model.ports.includes(variable) ? "port" : "state";
        const synapse = this.synapse(args, variable, kind);
        if (synapse === null) return null;
        const connectivity = this.connectivity(args, from, to);
        const weight = this.weight(args, synapse.weight, span);
        const delay = this.delay(args);
        if (connectivity === null || weight === null || delay === undefined) return null;
        const target = { kind, name: variable.name } as const;
        const name = `${from.name}->${to.name}.${variable.name}`;
        return { name, span, from, to, target, synapse: synapse.use, connectivity, weight, delay, rule: null };
    }

    /** The synapse model, and what the weights are then; null where a mistake was reported. */
    private synapse(args: Arguments, variable: Variable, kind: "port" | "state") {
        const arg = args.labelled.get("synapse");
        if (arg === undefined) return { use: null, weight: variable.dimension };
        const use = useOf(arg.value);
        const model = use && this.around.model(use.name, "synapse");
        if (use === null) this.report(diagnose(wrongArgument, arg.value.span, { what: "this is no synapse model" }));
        if (!model?.output || use === null) return null;
        if (kind === "state") {
            const what = `a synapse's output goes to a port, and \`${variable.name}\` is a state`;
            this.report(
                diagnose(wrongArgument, arg.value.span, {
                    what,
                    help: "leave the synapse out: spikes then add to the state",
                }),
            );
            return null;
        }
        const units = new Units();
        units.weight = model.weight;
        const { dimension } = model.output;
        if (!units.agree(dimension, variable.dimension)) {
            const what = `the output of \`${model.name}\``;
            const [has, wants] = [units.resolve(dimension), variable.dimension].map(showDimension) as [string, string];
            this.report(diagnose(unitMismatch, arg.value.span, { what, has, wants }));
            return null;
        }
        const uniform = this.modelArguments(model, use, model.params, FLAT, "none");
        if (uniform === null) return null;
        const weight = units.weight ?? PLAIN;
        return { use: { model, uniform: withDimensions(uniform, model.params) } satisfies SynapseUse, weight };
    }

    private delay(args: Arguments): Formula | null | undefined {
        const arg = args.labelled.get("delay");
        if (arg === undefined) return null;
        const formula = demandFormula(this.context(PAIRS, "once"), arg.value, TIME, "the delay");
        if (formula === null) return undefined;
        const [value, dt] = [this.known(formula), this.known(this.dt ?? 0.1)];
        const least = this.order[0] === "spike" ? 0 : 1;
        // It is rounded to a whole number of steps.
        if (value !== undefined && dt !== undefined && value < least * dt * (1 - 1e-9)) {
            this.report(diagnose(delayBelowStep, arg.value.span, { delay: `${value} ms`, dt: `${dt} ms` }));
            return undefined;
        }
        return formula;
    }

    private connectivity(args: Arguments, from: Population, to: Population): Connectivity | null {
        const kinds = ["probability", "fan_in", "fan_out", "total", "one_to_one", "where", "synapses"] as const;
        const given = kinds.filter((kind) => args.labelled.has(kind));
        const flag = (label: string, fallback: boolean) => this.flag(args.labelled.get(label), fallback);
        const autapses = flag("autapses", true);
        const multapses = flag("multapses", true);
        const kind = given[0];
        if (kind === undefined) return { kind: "all", value: null, autapses, multapses };
        const { value } = args.labelled.get(kind) as ast.Argument;
        if (given.length > 1) {
            this.report(
                diagnose(wrongArgument, value.span, {
                    what: `a connection has one of ${given.map((each) => `\`${each}\``).join(" and ")}`,
                }),
            );
            return null;
        }
        if (kind === "synapses") {
            if (value.kind === "name" && value.text === "data")
                return { kind: "data", value: null, autapses, multapses };
            this.report(
                diagnose(wrongArgument, value.span, { what: "synapses come from `data`, which the program gives" }),
            );
            return null;
        }
        if (kind === "one_to_one") {
            const [one, other] = [this.known(from.size), this.known(to.size)];
            if (one !== undefined && other !== undefined && one !== other) {
                const what = `\`${from.name}\` has ${one} neurons and \`${to.name}\` has ${other}: they don't pair`;
                this.report(diagnose(badValue, value.span, { what }));
                return null;
            }
            return this.flag(args.labelled.get(kind), true)
                ? { kind, value: null, autapses, multapses }
                : { kind: "all", value: null, autapses, multapses };
        }
        if (kind === "where") {
            const condition = demandFormula(this.context(PAIRS), value, "bool", "`where`");
            return condition === null ? null : { kind, value: condition, autapses, multapses };
        }
        const formula = demandFormula(this.context(), value, PLAIN, `\`${kind}\``);
        if (formula === null) return null;
        const known = this.known(formula);
        if (kind === "probability" && known !== undefined && !(known >= 0 && known <= 1)) {
            this.report(diagnose(probabilityRange, value.span, { value: String(known) }));
            return null;
        }
        if (kind !== "probability" && known !== undefined && !(Number.isSafeInteger(known) && known >= 0)) {
            this.report(diagnose(badValue, value.span, { what: `\`${kind}\` is a whole number, not ${known}` }));
            return null;
        }
        return { kind, value: formula, autapses, multapses };
    }

    private flag(arg: ast.Argument | undefined, fallback: boolean): boolean {
        if (arg === undefined) return fallback;
        if (arg.value.kind === "bool") return arg.value.value;
        this.report(diagnose(wrongArgument, arg.value.span, { what: "this is `true` or `false`" }));
        return fallback;
    }

    private readonly rules = new Map<string, number>();

    private learn(member: Extract<ast.NetworkMember, { kind: "plasticity" }>): void {
        const model = this.around.model(member.rule, "plasticity");
        if (model === null) {
            this.failed = true;
            return;
        }
        const use: Use = { name: member.rule, args: member.args };
        const values = this.modelArguments(model, use, model.params, FLAT, "none");
        const connections = this.connectionsOf(member);
        if (values === null || connections === null) return;
        const count = (this.rules.get(model.name) ?? 0) + 1;
        this.rules.set(model.name, count);
        const name = count === 1 ? model.name : `${model.name}${count}`;
        const rule: RuleUse = { name, model, uniform: withDimensions(values, model.params), span: member.rule.span };
        for (const connection of connections) {
            if (!this.suits(rule, connection, member)) continue;
            if (connection.rule !== null) {
                const what = `\`${connection.name}\` has two plasticity rules`;
                this.report(
                    diagnose(badValue, member.span, {
                        what,
                        help: "say with `on a -> b` which connections each is for",
                    }),
                );
            }
            connection.rule = rule;
        }
    }

    private connectionsOf({ on, span }: Extract<ast.NetworkMember, { kind: "plasticity" }>): Connection[] | null {
        if (on === null) return this.connections;
        const [from, to] = [this.find(on.from), this.find(on.to)];
        if (from === null || to === null) return null;
        const found = this.connections.filter(
            (each) =>
                each.from === from.part &&
                each.to === to.part &&
                (to.member === null || each.target?.name === to.member.text),
        );
        if (found.length > 0) return found;
        const name = `${on.from.names.map(({ text }) => text).join(".")} -> ${on.to.names.map(({ text }) => text).join(".")}`;
        if (!this.failed)
            this.report(
                diagnose(
                    unknownPart,
                    { ...span, start: on.from.span.start, end: on.to.span.end },
                    { name, what: "connection" },
                ),
            );
        return null;
    }

    private suits({ model }: RuleUse, connection: Connection, member: { readonly span: Span }): boolean {
        const isRate = connection.target === null;
        const ofRates = model.reactions.has("update");
        const ofSpikes = model.reactions.has("pre") || model.reactions.has("post") || model.derivatives.size > 0;
        const what =
            isRate && (ofSpikes || !ofRates)
                ? `\`${model.name}\` reacts to spikes, and the layers of \`${connection.name}\` have none`
                : !isRate && ofRates
                  ? `\`${model.name}\` has \`on update\`, which is for layers, and \`${connection.name}\` connects populations`
                  : isRate && model.usesTarget && this.connections.some((each) => each.from === connection.to)
                    ? `\`${model.name}\` names a target, and \`${connection.to.name}\` is no output layer`
                    : null;
        if (what !== null)
            this.report(
                diagnose(badValue, member.span, { what, help: "say with `on a -> b` which connections it is for" }),
            );
        return what === null;
    }

    private record(member: Extract<ast.NetworkMember, { kind: "record" }>): void {
        const args = argumentsOf(member.args);
        this.refuseOthers(args, 0, ["every"], "a record");
        const every = args.labelled.get("every");
        const period = every ? demandFormula(this.context(), every.value, TIME, "`every`") : null;
        for (const path of member.of) {
            const found = this.find(path);
            if (found === null) continue;
            const { part } = found;
            const what = member.what.text;
            const states = part.kind === "population" ? part.model.states.map((state) => state.name) : [];
            if (part.kind !== "population" || (what !== "spikes" && !states.includes(what))) {
                const similar = nearest(what, ["spikes", ...states]);
                this.report(
                    diagnose(unknownPart, member.what.span, { name: what, what: `state of \`${part.name}\``, similar }),
                );
                continue;
            }
            this.records.push({ what, of: part, every: period });
        }
    }
}

/** A value is not known before the network is made. */
class Unknown extends Error {}

function drawsOnce(formula: Formula): boolean {
    return (
        typeof formula === "object" &&
        (formula[0] === "random" ||
            formula[0] === "normal" ||
            formula.slice(1).some((each) => drawsOnce(each as Formula)))
    );
}

function withDimensions(values: ReadonlyMap<string, Formula>, variables: readonly Variable[]) {
    return new Map(
        variables.map(({ name, dimension }) => [name, { value: values.get(name) as Formula, dimension }] as const),
    );
}
