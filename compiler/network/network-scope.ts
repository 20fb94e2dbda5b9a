// What the checks of a network's parts share: its names, parts and parameters so far, and how its arguments are read.

import { type Formula, substitute } from "../../codeobject/network/formula.js";
import { badValue, unknownPart, wrongArgument } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { valueWith } from "./algebra.js";
import type { Arguments, Use } from "./arguments.js";
import { requireOrder, requireSigns } from "./check-constants.js";
import type { Around } from "./check-model.js";
import { demandFormula, type FormulaContext, type Typed, Units } from "./formulas.js";
import type { Model, Variable } from "./model.js";
import {
    type Connection,
    type Domain,
    type Layer,
    type Network,
    PHASES,
    type Phase,
    type Population,
    type RecordOf,
} from "./network.js";
import { type Dimension, PLAIN } from "./units.js";

export interface AroundNetwork extends Around {
    /** A model by its name; null where it is none or has a mistake, which was reported. */
    readonly model: (name: ast.Name, kind: Model["kind"]) => Model | null;
    /** A network by its name, the same way. */
    readonly network: (name: ast.Name) => Network | null;
}

export const FLAT: ReadonlyMap<string, Typed> = new Map();

export const POSITIONS: ReadonlyMap<string, Typed> = new Map([["i", { formula: "i", type: PLAIN }]]);

/** What formulas of synapses have: the places of both neurons and the sizes of their populations. */
export const PAIRS: ReadonlyMap<string, Typed> = new Map(
    ["i", "j", "n_pre", "n_post"].map((name) => [name, { formula: name, type: PLAIN }]),
);

/** In ms. */
export const DEFAULT_STEP = 0.1;

export class NetworkScope {
    failed = false;
    dt: Formula | null = null;
    readonly params: Variable[] = [];
    readonly names = new Map<string, Typed>();
    readonly parts = new Map<string, Layer | Population>();
    /** Parts with a mistake: what names them isn't judged. */
    readonly broken = new Set<string>();
    readonly connections: Connection[] = [];
    readonly records: RecordOf[] = [];
    /** What is left open, for a search. */
    readonly domains = new Map<string, Domain>();
    order: readonly Phase[] = PHASES;

    constructor(readonly around: AroundNetwork) {}

    readonly report: Around["report"] = (diagnostic) => {
        this.failed = this.failed || diagnostic.severity === "error";
        this.around.report(diagnostic);
    };

    context(extra: ReadonlyMap<string, Typed> = FLAT, drawing: FormulaContext["drawing"] = "none"): FormulaContext {
        return {
            find: (name) => extra.get(name) ?? this.names.get(name) ?? this.around.constant(name),
            names: () => [...extra.keys(), ...this.names.keys()],
            drawing,
            report: this.report,
            units: new Units(),
        };
    }

    /** The value of a formula with the parameters' defaults; undefined where it isn't known before the network is made. */
    known(formula: Formula, extra: Readonly<Record<string, number>> = {}): number | undefined {
        return valueWith(formula, (name) => {
            const given = extra[name];
            if (given !== undefined) return given;
            if (name === "dt") return this.known(this.dt ?? DEFAULT_STEP, extra);
            const value = this.params.find((param) => param.name === name)?.value ?? null;
            return value === null ? undefined : this.known(value, extra);
        });
    }

    /** The values of a model's parameters, by name; null where a mistake was reported. */
    modelArguments(
        model: Model,
        use: Use,
        variables: readonly Variable[],
        extra: ReadonlyMap<string, Typed>,
        drawing: FormulaContext["drawing"],
        prefix: string,
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
            if (values.has(variable.name)) {
                complete = false;
                const what = `\`${variable.name}\` of \`${model.name}\` is given twice`;
                this.report(diagnose(wrongArgument, (label as ast.Name).span, { what, help: "remove one of the two" }));
                continue;
            }
            const what = `\`${variable.name}\` of \`${model.name}\``;
            const open = this.open(value, variable.dimension, `${prefix}.${variable.name}`);
            const formula =
                open === undefined
                    ? demandFormula(this.context(extra, drawing), value, variable.dimension, what)
                    : open;
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
        if (!complete) return null;
        const given = (name: string) => use.args.find(({ label }) => label?.text === name)?.value.span;
        requireSigns(
            this.report,
            model,
            ({ name }) => (given(name) === undefined ? null : (this.known(values.get(name) as Formula) ?? null)),
            ({ name }) => given(name) ?? use.name.span,
        );
        for (const { name, tau } of model.traces) {
            const value = this.known(substitute(tau, (each) => values.get(each)));
            if (typeof tau === "string" || value === undefined || value > 0) continue;
            const what = `the time constant of the trace \`${name}\` of \`${model.name}\` is ${value} ms`;
            this.report(
                diagnose(badValue, use.name.span, { what, help: "choose parameters with which it is above 0" }),
            );
        }
        return values;
    }

    /**
     * `choose(64, 128, 256)` or `between(0.001, 0.1)`: the value that it has without a search, and the domain under the name of the
     * parameter; undefined for what is neither, null where it was reported.
     */
    open(expr: ast.Expr, dimension: Dimension | "bool", name: string): Formula | null | undefined {
        if (expr.kind !== "call" || expr.callee.kind !== "name") return undefined;
        const kind = expr.callee.text;
        if (kind !== "choose" && kind !== "between") return undefined;
        const values = expr.args.map(({ value }) =>
            demandFormula(this.context(), value, dimension, `a value of \`${kind}\``),
        );
        if (values.includes(null)) return null;
        const [first, second] = values as Formula[];
        if (first === undefined || (kind === "between" && values.length !== 2)) {
            const what = kind === "choose" ? "`choose` has no values" : "`between` has not two values";
            const help = "write `choose(64, 128, 256)`, or `between(0.001, 0.1)`";
            this.report(diagnose(wrongArgument, expr.span, { what, help }));
            return null;
        }
        if (kind === "between") requireOrder(this.report, "the ends of `between`", first, second as Formula, expr.span);
        this.domains.set(name, { kind, values: values as Formula[] });
        return kind === "choose" ? first : ["/", ["+", first, second as Formula], 2];
    }

    /** Whether there are no other arguments; those that there are are reported. */
    refuseOthers(args: Arguments, positions: number, labels: readonly string[], subject: string): boolean {
        for (const { label, value } of args.repeated) {
            const what = `${subject} has \`${label?.text}\` twice`;
            this.report(diagnose(wrongArgument, label?.span ?? value.span, { what, help: "remove one of the two" }));
        }
        const extra = args.positional[positions];
        if (extra !== undefined) {
            this.report(diagnose(wrongArgument, extra.span, { what: `${subject} takes this argument by name only` }));
        }
        const unknown = [...args.labelled].filter(([label]) => !labels.includes(label));
        for (const [label, { label: at, value }] of unknown) {
            const similar = nearest(label, labels);
            const help = similar ? `did you mean \`${similar}\`?` : `it takes ${labels.join(", ")}`;
            const message = `${subject} takes no \`${label}\` here`;
            this.report(diagnose(wrongArgument, at?.span ?? value.span, { what: message, help }));
        }
        return extra === undefined && args.repeated.length === 0 && unknown.length === 0;
    }

    /** `exc`, `exc.g_exc`, and of a network within this one `left.exc`, `left.exc.g_exc`; mistakes are reported. */
    find({ names }: ast.Path): { readonly part: Layer | Population; readonly member: ast.Name | null } | null {
        for (let count = names.length; count > 0; count--) {
            const name = names
                .slice(0, count)
                .map(({ text }) => text)
                .join(".");
            const part = this.parts.get(name);
            const [member, more] = names.slice(count);
            if (part === undefined) continue;
            if (more === undefined) return { part, member: member ?? null };
            this.report(diagnose(unknownPart, more.span, { name: more.text, what: `part of \`${name}\`` }));
            return null;
        }
        this.failed = true;
        const [head] = names as readonly [ast.Name];
        if (!this.broken.has(head.text)) {
            const name = names.map(({ text }) => text).join(".");
            const within = [...this.parts.keys()].some((each) => each.startsWith(`${head.text}.`));
            const similar = nearest(within ? name : head.text, this.parts.keys());
            const what = "layer or population";
            const known = [...this.parts.keys()];
            this.report(diagnose(unknownPart, head.span, { name: within ? name : head.text, what, similar, known }));
        }
        return null;
    }

    flag(arg: ast.Argument | undefined, fallback: boolean): boolean {
        if (arg === undefined) return fallback;
        if (arg.value.kind === "bool") return arg.value.value;
        this.report(diagnose(wrongArgument, arg.value.span, { what: "this is `true` or `false`" }));
        return fallback;
    }
}
export function withDimensions(values: ReadonlyMap<string, Formula>, variables: readonly Variable[]) {
    return new Map(
        variables.map(({ name, dimension }) => [name, { value: values.get(name) as Formula, dimension }] as const),
    );
}
