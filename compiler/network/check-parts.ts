// The parts of a network: layers, populations and stimuli.

import { type Formula, namesOf, substitute } from "../../codeobject/network/formula.js";
import { badValue, wrongArgument } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { ACTIVATIONS } from "./activations.js";
import { multiply } from "./algebra.js";
import { type Arguments, type Use, useOf } from "./arguments.js";
import { demandFormula } from "./formulas.js";
import type { Model, Variable } from "./model.js";
import type { Layer, Population } from "./network.js";
import { DEFAULT_STEP, type NetworkScope, POSITIONS } from "./network-scope.js";
import { rateIn, stimulusModel } from "./stimuli.js";
import { PLAIN } from "./units.js";

/** One size, or channels, rows and columns; null where a mistake was reported. */
function shapeOfPart(scope: NetworkScope, { positional }: Arguments, name: ast.Name): readonly Formula[] | null {
    if (positional.length !== 1 && positional.length !== 3) {
        const what =
            positional.length === 0
                ? `\`${name.text}\` has no size`
                : `\`${name.text}\` has ${positional.length} sizes`;
        const help = `write it first: \`${name.text}(100, …)\`, or channels, rows and columns: \`${name.text}(1, 28, 28, …)\``;
        scope.report(diagnose(wrongArgument, name.span, { what, help }));
        return null;
    }
    const sizes = positional.map((expr) => {
        const open = openSize(scope, expr, name);
        const formula = open === undefined ? demandFormula(scope.context(), expr, PLAIN, "a size") : open;
        if (formula === null) return null;
        const value = scope.known(formula);
        if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1 && value < 2 ** 31)) {
            const what = `the size of \`${name.text}\` is ${value}`;
            scope.report(diagnose(badValue, expr.span, { what, help: "it is a whole number from 1" }));
            return null;
        }
        return formula;
    });
    return sizes.includes(null) ? null : (sizes as Formula[]);
}

/** A size that is left open is a parameter of its own: `hidden.size`. */
function openSize(scope: NetworkScope, expr: ast.Expr, { text, span }: ast.Name): Formula | null | undefined {
    const name = `${text}.size`;
    const value = scope.open(expr, PLAIN, name);
    if (value === undefined || value === null) return value;
    scope.params.push({ name, dimension: PLAIN, value, span });
    return name;
}

function sizeOfShape(shape: readonly Formula[]): Formula {
    return shape.slice(1).reduce((product, each) => multiply(product, each), shape[0] as Formula);
}

export function checkLayer(scope: NetworkScope, name: ast.Name, args: Arguments): Layer | null {
    const shape = shapeOfPart(scope, args, name);
    scope.refuseOthers(args, args.positional.length, ["activation", "bias"], `\`${name.text}\``);
    const activation = activationOf(scope, args.labelled.get("activation"));
    const bias = args.labelled.get("bias");
    const start = bias ? demandFormula(scope.context(POSITIONS, "once"), bias.value, PLAIN, "a bias") : null;
    if (shape === null || activation === null || (bias && start === null)) return null;
    const size = sizeOfShape(shape);
    return { kind: "layer", name: name.text, span: name.span, size, shape, activation, bias: start };
}

function activationOf(scope: NetworkScope, arg: ast.Argument | undefined): Layer["activation"] | null {
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
        scope.report(diagnose(wrongArgument, value.span, { what, help }));
        return null;
    }
    const args = given.map((each) => demandFormula(scope.context(), each.value, PLAIN, "an activation's argument"));
    return args.includes(null) ? null : { name, args: args as Formula[] };
}

export function checkPopulation(scope: NetworkScope, name: ast.Name, args: Arguments): Population | null {
    const shape = shapeOfPart(scope, args, name);
    const neuron = args.labelled.get("neuron");
    if (neuron === undefined) {
        const what = `\`${name.text}\` has no neuron model`;
        scope.report(diagnose(wrongArgument, name.span, { what, help: "write `neuron: lif()`" }));
        return null;
    }
    const use = useOf(neuron.value);
    const model = use && scope.around.model(use.name, "neuron");
    if (use === null) scope.report(diagnose(wrongArgument, neuron.value.span, { what: "this is no neuron model" }));
    if (!model || shape === null || use === null) {
        scope.failed = true;
        return null;
    }
    scope.refuseOthers(
        args,
        args.positional.length,
        ["neuron", ...model.states.map((state) => state.name)],
        `\`${name.text}\``,
    );
    return neurons(scope, name, shape, model, use, args.labelled);
}

function neurons(
    scope: NetworkScope,
    name: ast.Name,
    shape: readonly Formula[],
    model: Model,
    use: Use,
    starts: ReadonlyMap<string, ast.Argument>,
): Population | null {
    const given = scope.modelArguments(model, use, [...model.params, ...model.elements], POSITIONS, "once", name.text);
    if (given === null) return null;
    const isOwn = (variable: Variable) => {
        const value = given.get(variable.name);
        return value !== undefined && (namesOf(value).has("i") || drawsOnce(value));
    };
    const own = [...model.elements, ...model.params.filter(isOwn)];
    const uniform = model.params.filter((param) => !own.includes(param));
    // What the model says names its own parameters, as the network calls them; what the population says names the network's.
    const inNetwork = (formula: Formula) =>
        substitute(formula, (each) =>
            model.params.some((param) => param.name === each) || own.some((element) => element.name === each)
                ? `${name.text}.${each}`
                : undefined,
        );
    const initial = new Map<string, Formula>();
    for (const state of model.states) {
        const start = starts.get(state.name);
        const value = start
            ? demandFormula(
                  scope.context(POSITIONS, "once"),
                  start.value,
                  state.dimension,
                  `the start of \`${state.name}\``,
              )
            : state.value && inNetwork(state.value);
        if (value !== null) initial.set(state.name, value);
    }
    if (initial.size < model.states.length) return null;
    requireRates(scope, name, model, given, use);
    const chosen = (variable: Variable) => given.get(variable.name) as Formula;
    const isSaid = (variable: Variable) => use.args.some(({ label }) => label?.text === variable.name);
    return {
        kind: "population",
        name: name.text,
        span: name.span,
        size: sizeOfShape(shape),
        shape,
        model,
        uniform: new Map(uniform.map((each) => [each.name, { value: chosen(each), dimension: each.dimension }])),
        elements: new Map(
            own.map((each) => [each.name, each.value === null || isSaid(each) ? chosen(each) : inNetwork(each.value)]),
        ),
        initial,
    };
}

/** Refuses rates, where they are known, of more than one spike a step. */
function requireRates(
    scope: NetworkScope,
    { text: name, span }: ast.Name,
    model: Model,
    given: ReadonlyMap<string, Formula>,
    use: Use,
): void {
    for (const { condition } of model.spikes) {
        const rate = rateIn(model, condition);
        const value = rate === null ? undefined : scope.known(given.get(rate) ?? rate);
        const dt = scope.known(scope.dt ?? DEFAULT_STEP);
        if (value === undefined || dt === undefined || value * dt <= 1 + 1e-9) continue;
        const at = use.args.find(({ label }) => label?.text === rate)?.value.span ?? span;
        const what = `the rate of \`${name}\`, ${Number((1000 * value).toPrecision(9))} Hz, is above one spike a step of ${dt} ms`;
        const help = `take at most ${Number((1000 / dt).toPrecision(6))} Hz, or a shorter \`dt\``;
        scope.report(diagnose(badValue, at, { what, help }));
    }
}

/** `stimulus input(784, poisson: 20 Hz)`, `regular: 10 Hz`, `spikes: data`: populations that emit by themselves. */
export function checkStimulus(scope: NetworkScope, name: ast.Name, args: Arguments): Population | null {
    const shape = shapeOfPart(scope, args, name);
    const found = stimulusModel(args);
    if (found === null) {
        const what = `nothing says what \`${name.text}\` emits`;
        const help =
            "write `poisson: 20 Hz`, `regular: 20 Hz` (with `phase: 5 ms`), `spikes: data` or `current: 100 pA`";
        scope.report(diagnose(wrongArgument, name.span, { what, help }));
        return null;
    }
    scope.refuseOthers(args, args.positional.length, found.labels, `\`${name.text}\``);
    if (shape === null) return null;
    const part = neurons(scope, name, shape, found.model, { name, args: found.args }, new Map());
    const rate = part?.elements.get("rate");
    const value = rate === undefined ? undefined : scope.known(rate);
    const at = found.args.find(({ label }) => label?.text === "rate");
    if (at && value !== undefined && value < 0) {
        const what = `the rate of \`${name.text}\` is ${1000 * value} Hz`;
        scope.report(diagnose(badValue, at.value.span, { what, help: "a rate is 0 Hz or more" }));
    }
    return part;
}

function drawsOnce(formula: Formula): boolean {
    return (
        typeof formula === "object" &&
        (formula[0] === "random" ||
            formula[0] === "normal" ||
            formula.slice(1).some((each) => drawsOnce(each as Formula)))
    );
}
