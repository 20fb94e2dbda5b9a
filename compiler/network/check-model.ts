// Checks a model where it is declared: its names, units, and which parts suit its kind.

import type { Formula } from "../../codeobject/network/formula.js";
import { duplicate, unknownName, unknownType } from "../diagnostics/catalogue/names.js";
import { badValue, misplacedMember, notInFormula, unknownState } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { checkActions, type Place } from "./actions.js";
import { requireDivisor, requireOrder, requireSigns } from "./check-constants.js";
import { checkMethod } from "./check-method.js";
import { checkFormula, checkNumber, demandFormula, type FormulaContext, type Typed, Units } from "./formulas.js";
import type { Action, Bounds, Model, SpikeCondition, Trace, Variable } from "./model.js";
import { ACTIVITIES, EVENTS, KINDS, namesGiven, SUITS, TAKEN, WORDS } from "./model-kinds.js";
import { DIMENSIONS, type Dimension, over, PLAIN, TIME } from "./units.js";

/** What the module around it gives: its constants, and where mistakes go. */
export interface Around {
    readonly constant: (name: string) => Typed | undefined;
    readonly report: FormulaContext["report"];
}

/** Null where it has a mistake, which was reported. */
export function checkModel(item: ast.ModelItem, around: Around): Model | null {
    return new ModelChecker(item, around).check();
}

class ModelChecker {
    private failed = false;
    private readonly names: Map<string, Typed>;
    private readonly units = new Units();
    private readonly params: Variable[] = [];
    private readonly elements: Variable[] = [];
    private readonly ports: Variable[] = [];
    private readonly states: Variable[] = [];
    private readonly derivatives = new Map<string, Formula>();
    private readonly spikes: SpikeCondition[] = [];
    private readonly traces: Trace[] = [];
    private readonly reactions = new Map<string, readonly Action[]>();
    private readonly bounds: Bounds[] = [];
    private every: Formula | null = null;
    private output: Model["output"] = null;
    private substeps = 1;
    private pairing: Model["pairing"] = "all";
    private method: Model["method"] = null;
    private readonly kind: Model["kind"];

    constructor(
        private readonly item: ast.ModelItem,
        private readonly around: Around,
    ) {
        this.kind = item.kind;
        this.names = new Map(namesGiven(item.kind));
    }

    check(): Model | null {
        const { item } = this;
        for (const field of item.params) this.declare(field, this.params, "none");
        const members = item.members.filter((member) => this.suits(member));
        // States first: formulas above their declaration may name them.
        for (const member of members) {
            if (member.kind === "port") this.declare(member.field, this.ports, "none");
            if (member.kind === "state") this.declare(member.field, this.states, "once");
            if (member.kind === "param") this.declare(member.field, this.elements, "once");
        }
        for (const member of members) if (member.kind === "trace") this.trace(member);
        for (const member of members) this.member(member);
        this.requireParts();
        const { params, derivatives, traces, spikes, every } = this;
        const model = { params, derivatives, traces, spikes, every };
        requireSigns(
            this.report,
            model,
            ({ value }) => value,
            ({ span }) => span,
        );
        if (this.failed) return null;
        const { weight } = this.units;
        return {
            kind: this.kind,
            name: item.name.text,
            span: item.name.span,
            params: this.params,
            elements: this.elements,
            ports: this.ports,
            states: this.states,
            derivatives: this.derivatives,
            spikes: this.spikes,
            traces: this.traces,
            reactions: this.reactions,
            every: this.every,
            bounds: this.bounds,
            output: this.output && { ...this.output, dimension: this.units.resolve(this.output.dimension) },
            substeps: this.substeps,
            pairing: this.pairing,
            method: this.method,
            weight,
            usesTarget: [...this.reactions.values()].some((actions) => JSON.stringify(actions).includes('"target"')),
        };
    }

    private context(
        drawing: FormulaContext["drawing"],
        names: ReadonlyMap<string, Typed> = this.names,
    ): FormulaContext {
        return {
            find: (name) => names.get(name) ?? this.around.constant(name),
            names: () => names.keys(),
            drawing,
            report: this.report,
            units: this.units,
        };
    }

    /** Names that have one value for each use of the model. */
    private constants(): ReadonlyMap<string, Typed> {
        const own = new Set(["dt", ...this.params.map(({ name }) => name)]);
        return new Map([...this.names].filter(([name]) => own.has(name)));
    }

    /** Activities are there when layers are updated, traces and modulators where there are spikes. */
    private namesAt(event: string): ReadonlyMap<string, Typed> {
        if (this.kind !== "plasticity") return this.names;
        const others = event === "update" ? [...this.traces, ...this.ports].map(({ name }) => name) : ACTIVITIES;
        return new Map([...this.names].filter(([name]) => !others.includes(name)));
    }

    private readonly report: FormulaContext["report"] = (diagnostic) => {
        this.failed = true;
        this.around.report(diagnostic);
    };

    private suits(member: ast.ModelMember): boolean {
        if (SUITS[member.kind]?.includes(this.kind)) return true;
        const what = WORDS[member.kind] ?? `\`${member.kind}\``;
        const place = SUITS[member.kind]?.join(" or ") ?? "";
        this.report(
            diagnose(misplacedMember, member.span, {
                what,
                where: KINDS[this.kind],
                help: `it belongs to a ${place}`,
            }),
        );
        return false;
    }

    private declare(field: ast.Field, list: Variable[], drawing: FormulaContext["drawing"]): void {
        const { text: name, span } = field.name;
        const { type } = field;
        const dimension = DIMENSIONS[type.name.text];
        if (this.names.has(name)) {
            this.report(diagnose(duplicate, span, { name, what: `a name of this ${this.kind}` }));
            return;
        }
        if (dimension === undefined || type.extents !== null || type.mut !== null || type.args !== null) {
            const similar = nearest(type.name.text, Object.keys(DIMENSIONS));
            this.report(
                diagnose(
                    unknownType,
                    type.name.span,
                    { name: type.name.text, similar },
                    {
                        help: similar ? undefined : `a model's types are ${Object.keys(DIMENSIONS).join(", ")}`,
                    },
                ),
            );
            this.names.set(name, { formula: name, type: PLAIN });
            return;
        }
        if (list !== this.params && list !== this.ports && TAKEN[this.kind].includes(name)) {
            const owner = this.kind === "neuron" ? "population" : "connection";
            const problem = `each ${owner} has \`${name}\` of its own already`;
            this.report(diagnose(badValue, span, { what: problem, help: "give it another name" }));
        }
        const what = `the value of \`${name}\``;
        // A start says nothing of what changes.
        const changing = new Set([...this.ports, ...this.states].map((each) => each.name));
        const names = new Map([...this.names].filter(([each]) => !changing.has(each)));
        const value =
            field.value === null ? null : demandFormula(this.context(drawing, names), field.value, dimension, what);
        list.push({ name, dimension, value, span });
        this.names.set(name, { formula: name, type: dimension });
        if (list === this.states && field.value === null) {
            const help = `write its value at the start: \`state ${name}: ${type.name.text} = …\``;
            this.report(diagnose(badValue, span, { what: `the state \`${name}\` has no value at the start`, help }));
        }
    }

    private trace(member: Extract<ast.ModelMember, { kind: "trace" }>): void {
        const { text: name, span } = member.name;
        const event = member.event?.text ?? "";
        if (this.names.has(name)) {
            this.report(diagnose(duplicate, span, { name, what: "a name of this plasticity" }));
            return;
        }
        this.names.set(name, { formula: name, type: PLAIN });
        const [argument] = member.args;
        const isTau = member.args.length === 1 && (argument?.label?.text ?? "tau") === "tau";
        const isPort = this.ports.some((port) => port.name === event);
        if (!isTau || (event !== "pre" && event !== "post" && !isPort)) {
            const what = `this trace`;
            const help = "write `trace x(tau: 20 ms) on pre`, `on post`, or on a port that stands for a population";
            this.report(diagnose(misplacedMember, member.span, { what, where: "a plasticity rule", help }));
            return;
        }
        const value = (argument as ast.Argument).value;
        const tau = demandFormula(this.context("none", this.constants()), value, TIME, "a time constant");
        if (tau !== null) requireDivisor(this.report, tau, TIME, value.span);
        if (tau !== null) this.traces.push({ name, tau, event });
    }

    private member(member: ast.ModelMember): void {
        switch (member.kind) {
            case "derivative":
                this.derivative(member);
                break;
            case "declare":
                this.local(member.statement);
                break;
            case "spike":
                this.spike(member);
                break;
            case "on":
                this.reaction(member);
                break;
            case "bound":
            case "clamp":
                this.bound(member);
                break;
            case "output": {
                const value = checkNumber(this.context("none"), member.value, "an output");
                if (value !== null) this.output = { value: value.formula, dimension: value.type };
                break;
            }
            case "substeps":
                this.substeps = this.count(member.value, "substeps");
                break;
            case "pairing":
                this.pair(member.scheme);
                break;
            case "attribute":
                this.method = checkMethod(member.attribute, {
                    report: (diagnostic) => this.report(diagnostic),
                    where: KINDS[this.kind],
                    isState: (name) => this.dimensionOf(name) !== undefined,
                    count: (expr, what) => this.count(expr, what),
                });
                break;
        }
    }

    private derivative({ state, value }: Extract<ast.ModelMember, { kind: "derivative" }>): void {
        const weight = this.kind === "plasticity" && state.text === "w" ? { dimension: PLAIN } : undefined;
        const found = weight ?? this.states.find(({ name }) => name === state.text);
        if (found === undefined) {
            const similar = nearest(
                state.text,
                this.states.map(({ name }) => name),
            );
            this.report(diagnose(unknownState, state.span, { name: state.text, similar }));
            return;
        }
        if (this.derivatives.has(state.text)) {
            this.report(diagnose(duplicate, state.span, { name: `${state.text}'`, what: "given in this model" }));
            return;
        }
        const wanted = over(found.dimension, TIME);
        const drawing = this.kind === "neuron" ? "step" : "none";
        const context = this.context(drawing, this.namesAt("moment"));
        const formula = demandFormula(context, value, wanted, `the derivative of \`${state.text}\``);
        if (formula !== null) this.derivatives.set(state.text, formula);
    }

    /** `let` names a formula, which stands wherever the name does. */
    private local(statement: ast.Statement): void {
        if (statement.kind !== "declare" || statement.keyword !== "let" || statement.value === null || statement.type) {
            const help = "name a formula with `let i = …`";
            this.report(diagnose(misplacedMember, statement.span, { what: "this", where: KINDS[this.kind], help }));
            return;
        }
        const { text: name, span } = statement.name;
        const value = checkFormula(this.context(this.kind === "neuron" ? "step" : "none"), statement.value);
        if (this.names.has(name)) this.report(diagnose(duplicate, span, { name, what: `a name of this ${this.kind}` }));
        else if (value !== null) this.names.set(name, value);
        else this.names.set(name, { formula: 0, type: PLAIN });
    }

    private spike({ condition, body }: Extract<ast.ModelMember, { kind: "spike" }>): void {
        const when = this.condition(condition);
        const writable = new Set(this.states.map(({ name }) => name));
        const place: Place = { writable, refractory: true, rewire: false, what: "a neuron's spike" };
        const actions = checkActions(this.context("step"), this.names, body, place);
        if (when !== null) this.spikes.push({ condition: when, actions });
    }

    /** `rises(v, threshold)`: the state was below the threshold before the step and is no more. */
    private condition(expr: ast.Expr): Formula | null {
        const isRise = expr.kind === "call" && expr.callee.kind === "name" && expr.callee.text === "rises";
        if (!isRise) return demandFormula(this.context("step"), expr, "bool", "a spike's condition");
        const [state, threshold] = expr.args;
        const name = state?.value.kind === "name" ? state.value.text : "";
        const variable = this.states.find((each) => each.name === name);
        if (expr.args.length !== 2 || variable === undefined) {
            const help = "write `rises(v, 0 mV)` with a state v";
            this.report(diagnose(notInFormula, expr.span, { what: "this `rises`", help }));
            return null;
        }
        const value = (threshold as ast.Argument).value;
        const limit = demandFormula(this.context("none"), value, variable.dimension, "the threshold");
        return limit === null ? null : ["&&", ["<", `${name}.before`, limit], [">=", name, limit]];
    }

    private reaction({ event, args, body, span }: Extract<ast.ModelMember, { kind: "on" }>): void {
        if (!EVENTS[this.kind].includes(event.text) || this.reactions.has(event.text)) {
            const what = this.reactions.has(event.text) ? `a second \`on ${event.text}\`` : `\`on ${event.text}\``;
            const help = `the events of a ${this.kind} are ${EVENTS[this.kind].map((each) => `\`${each}\``).join(", ")}`;
            this.report(diagnose(misplacedMember, span, { what, where: KINDS[this.kind], help }));
            return;
        }
        const isPeriodic = event.text === "every";
        const [period] = args;
        if (args.length !== (isPeriodic ? 1 : 0) || period?.label) {
            const what = `\`on ${event.text}\` with ${args.length} arguments`;
            const help = isPeriodic ? "write `on every(1 s) { … }`" : `write \`on ${event.text} { … }\``;
            this.report(diagnose(misplacedMember, span, { what, where: KINDS[this.kind], help }));
            return;
        }
        if (period) this.every = demandFormula(this.context("none", this.constants()), period.value, TIME, "a period");
        const writable = new Set(this.states.map(({ name }) => name));
        if (this.kind === "plasticity") writable.add("w");
        const place = { writable, refractory: false, rewire: isPeriodic, what: `\`on ${event.text}\`` };
        const names = this.namesAt(event.text);
        this.reactions.set(event.text, checkActions(this.context("none", names), names, body, place) ?? []);
    }

    private bound(member: Extract<ast.ModelMember, { kind: "bound" | "clamp" }>): void {
        const { text: name, span } = member.name;
        const bounded = this.kind === "plasticity" && name === "w" ? PLAIN : this.dimensionOf(name);
        if (bounded === undefined) {
            const similar = nearest(
                name,
                this.states.map((state) => state.name),
            );
            this.report(diagnose(unknownName, span, { name, similar }));
            return;
        }
        const low = demandFormula(this.context("none"), member.start, bounded, "a bound");
        const high = demandFormula(this.context("none"), member.end, bounded, "a bound");
        if (low === null || high === null) return;
        requireOrder(this.report, `the bounds of \`${name}\``, low, high, member.span);
        this.bounds.push({ name, low, high });
    }

    private dimensionOf(state: string): Dimension | undefined {
        return this.states.find(({ name }) => name === state)?.dimension;
    }

    private count(expr: ast.Expr, what: string): number {
        if (expr.kind === "integer" && expr.value >= 1n && expr.value <= 1000n) return Number(expr.value);
        this.report(diagnose(badValue, expr.span, { what: `${what} are a whole number from 1 to 1000` }));
        return 1;
    }

    private pair(scheme: ast.Name): void {
        if (scheme.text === "all" || scheme.text === "nearest") this.pairing = scheme.text;
        else {
            const what = `there is no pairing \`${scheme.text}\``;
            this.report(diagnose(badValue, scheme.span, { what, help: "it is `all` or `nearest`" }));
        }
    }

    private requireParts(): void {
        const { item } = this;
        if (item.kind === "synapse" && !this.reactions.has("spike") && !this.failed) {
            const what = `nothing says what a spike does to the synapse \`${item.name.text}\``;
            this.report(diagnose(badValue, item.name.span, { what, help: "write `on spike { g += weight }`" }));
        }
        if (item.kind === "synapse" && this.output === null && !this.failed) {
            const what = `the synapse \`${item.name.text}\` has no output`;
            this.report(diagnose(badValue, item.name.span, { what, help: "say what it adds to a port: `output g`" }));
        }
        if (item.kind === "neuron" && this.spikes.length === 0 && this.states.length === 0 && !this.failed) {
            const what = `the neuron \`${item.name.text}\` has neither a state nor a spike condition`;
            this.report(diagnose(badValue, item.name.span, { what }));
        }
    }
}
