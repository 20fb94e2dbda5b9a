// Connections between the parts of a network: of spikes, of rates between layers, and of one with the other.

import type { Formula } from "../../codeobject/network/formula.js";
import { STORAGES } from "../../codeobject/network/manifest.js";
import {
    badValue,
    delayBelowStep,
    unitMismatch,
    unknownPart,
    wrongArgument,
} from "../diagnostics/catalogue/networks.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { type Arguments, argumentsOf, useOf } from "./arguments.js";
import { ALL_TO_ALL, CONNECTIVITY_LABELS, connectivityOf, windowOf } from "./connectivity.js";
import { demandFormula, Units } from "./formulas.js";
import type { Variable } from "./model.js";
import type { Connection, Layer, Population, SynapseUse } from "./network.js";
import { DEFAULT_STEP, FLAT, type NetworkScope, PAIRS, withDimensions } from "./network-scope.js";
import { propagationOf } from "./propagation.js";
import { isCurrent } from "./stimuli.js";
import { isSpiking, storageProblem } from "./traits.js";
import { DIMENSIONS, type Dimension, PLAIN, sameDimension, showDimension, TIME } from "./units.js";

const CURRENT = DIMENSIONS.current as Dimension;

/** One of a `connect` line's targets. */
interface Way {
    readonly span: Span;
    readonly path: ast.Path;
    readonly from: Layer | Population;
    readonly to: Layer | Population;
    readonly member: ast.Name | null;
    readonly args: Arguments;
}

export function checkConnection(
    scope: NetworkScope,
    { from: source, to: targets, args: list, span }: Extract<ast.NetworkMember, { kind: "connect" }>,
): void {
    const from = scope.find(source);
    const args = argumentsOf(list);
    for (const path of targets) {
        const to = scope.find(path);
        if (from === null || to === null) continue;
        if (from.member !== null) {
            const what = "spikes come from a whole population";
            scope.report(diagnose(wrongArgument, from.member.span, { what, help: `write \`${from.part.name}\`` }));
            continue;
        }
        const way: Way = { span, path, from: from.part, to: to.part, member: to.member, args };
        const connection = way.to.kind === "layer" ? toLayer(scope, way) : toPopulation(scope, way, way.to);
        if (connection === null) scope.failed = true;
        else scope.connections.push(connection);
    }
}

/** A name that no other connection has: `a->b.i`, and `a->b.i#2` for a second one. */
function nameOf(scope: NetworkScope, { from, to }: Way, member: string): string {
    const base = `${from.name}->${to.name}${member}`;
    let name = base;
    for (let k = 2; scope.connections.some((each) => each.name === name); k++) name = `${base}#${k}`;
    return name;
}

/** Rates go on to a layer: a layer's activity, or how often neurons have fired. */
function toLayer(scope: NetworkScope, way: Way): Connection | null {
    const { from, to, member, args, span } = way;
    if (member !== null) {
        scope.report(diagnose(wrongArgument, member.span, { what: "a layer has no ports" }));
        return null;
    }
    const pool = args.labelled.has("pool");
    const window = pool || args.labelled.has("window");
    const labels = [
        ...(pool ? [] : ["weight", "propagate"]),
        ...(window ? ["pool", "window", "stride", "padding"] : ["window", "pool"]),
    ];
    if (!scope.refuseOthers(args, 0, labels, "a connection to a layer")) return null;
    if (from.kind === "population" && from.model.spikes.length === 0) {
        const what = `\`${from.name}\` has no spikes, which a layer could count`;
        scope.report(diagnose(wrongArgument, way.path.span, { what }));
        return null;
    }
    const name = nameOf(scope, way, "");
    const found = window ? windowOf(scope, args, from, to, pool ? ["max", "mean"] : null) : null;
    const weight = pool ? 1 : weightOf(scope, args, PLAIN, span, name);
    const propagate = propagationOf(scope, args.labelled.get("propagate"));
    if (weight === null || propagate === undefined || (window && found === null)) return null;
    const connectivity = found === null ? ALL_TO_ALL : { ...ALL_TO_ALL, kind: "window" as const, window: found };
    const plain = { ...PLAIN_CONNECTION, name, span, from, to, target: null, connectivity, weight };
    return { ...plain, storage: "dense", propagate };
}

const PLAIN_CONNECTION = {
    synapse: null,
    delay: null,
    propagate: null,
    rule: null,
    expected: { probability: undefined, pairs: undefined },
};

function toPopulation(scope: NetworkScope, way: Way, to: Population): Connection | null {
    const { from, args, span } = way;
    const target = targetOf(scope, way, to);
    if (target === null) return null;
    const { kind, variable } = target;
    const name = nameOf(scope, way, `.${variable.name}`);
    const at = { kind, name: variable.name };
    if (from.kind === "layer") {
        if (!scope.refuseOthers(args, 0, ["weight", "one_to_one"], "a connection of rates")) return null;
        const weight = weightOf(scope, args, variable.dimension, span, name);
        const isOne = scope.flag(args.labelled.get("one_to_one"), false);
        if (weight === null) return null;
        const connectivity = isOne ? { ...ALL_TO_ALL, kind: "one_to_one" as const } : ALL_TO_ALL;
        return { ...PLAIN_CONNECTION, name, span, from, to, target: at, connectivity, weight, storage: "dense" };
    }
    if (isCurrent(from.model)) return toPort(scope, way, to, target);
    if (from.model.spikes.length === 0) {
        const what = `\`${from.name}\` has no spikes: \`${from.model.name}\` says nowhere when`;
        scope.report(diagnose(wrongArgument, way.span, { what, help: "write `spike when …` in it" }));
        return null;
    }
    const labels = ["weight", "delay", "synapse", "storage", "propagate", ...CONNECTIVITY_LABELS];
    if (!scope.refuseOthers(args, 0, labels, "a connection")) return null;
    const synapse = synapseOf(scope, args, variable, kind as "port" | "state", name);
    if (synapse === null) return null;
    const connectivity = connectivityOf(scope, args, from, to);
    const weight = weightOf(scope, args, synapse.weight, span, name);
    const delay = delayOf(scope, args);
    const storage = storageOf(scope, args);
    const propagate = propagationOf(scope, args.labelled.get("propagate"));
    if (connectivity === null || weight === null || delay === undefined) return null;
    if (storage === undefined || propagate === undefined) return null;
    const [pre, post] = [scope.known(from.size), scope.known(to.size)];
    const pairs = pre === undefined || post === undefined ? undefined : pre * post;
    const probability = connectivity.kind === "probability" ? scope.known(connectivity.value as Formula) : undefined;
    const expected = { probability, pairs };
    return {
        name,
        span,
        from,
        to,
        target: at,
        synapse: synapse.use,
        connectivity,
        weight,
        delay,
        storage,
        propagate,
        expected,
        rule: null,
    };
}

/** A stimulus's currents, each to its own neuron. */
function toPort(
    scope: NetworkScope,
    way: Way,
    to: Population,
    { kind, variable }: NonNullable<ReturnType<typeof targetOf>>,
): Connection | null {
    const { from, args, span, path } = way;
    if (!scope.refuseOthers(args, 0, ["one_to_one"], "a connection of currents")) return null;
    if (!scope.flag(args.labelled.get("one_to_one"), false)) {
        const help = "write `(one_to_one: true)`";
        scope.report(diagnose(wrongArgument, span, { what: "a current goes from each neuron to its own", help }));
        return null;
    }
    if (kind !== "port" || !sameDimension(variable.dimension, CURRENT)) {
        const what = `the port that \`${from.name}\` goes to`;
        const has = kind === "port" ? showDimension(variable.dimension) : "a state";
        const help = "a neuron takes currents by a port of them: `port i: current`";
        scope.report(diagnose(unitMismatch, path.span, { what, has, wants: "a current", help }));
        return null;
    }
    const connectivity = connectivityOf(scope, args, from as Population, to);
    if (connectivity === null) return null;
    const target = { kind, name: variable.name };
    const name = nameOf(scope, way, `.${variable.name}`);
    return { ...PLAIN_CONNECTION, name, span, from, to, target, connectivity, weight: 1, storage: "dense" };
}

/** `storage: bitmask`; undefined where a mistake was reported. */
function storageOf(scope: NetworkScope, args: Arguments): Connection["storage"] | undefined {
    const arg = args.labelled.get("storage");
    if (arg === undefined) return null;
    const found = STORAGES.find((each) => arg.value.kind === "name" && each === arg.value.text);
    if (found === undefined) {
        scope.report(diagnose(wrongArgument, arg.value.span, { what: `\`storage\` is ${STORAGES.join(", ")}` }));
    }
    return found;
}

/** Refuses a storage that can't hold what the connection has. */
export function checkStorage(scope: NetworkScope, connection: Connection): void {
    const problem = !isSpiking(connection) ? null : storageProblem(connection);
    if (problem !== null) scope.report(diagnose(badValue, connection.span, problem));
}

/** The port or state, and for rates the port or parameter, that a connection goes to. */
function targetOf(scope: NetworkScope, { path, member, from }: Way, to: Population) {
    const { model } = to;
    const others = from.kind === "layer" ? model.elements : model.states;
    const inputs = [...model.ports, ...others];
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
            scope.report(
                diagnose(unknownPart, member.span, {
                    name: member.text,
                    what: `port of \`${to.name}\``,
                    similar,
                    known: inputs.map((each) => each.name),
                }),
            );
        else {
            const help = ports === "" ? `\`${model.name}\` has none` : `write ${ports}`;
            scope.report(diagnose(wrongArgument, path.span, { what: "nothing says which port is meant", help }));
        }
        return null;
    }
    const kind = model.ports.includes(variable) ? "port" : from.kind === "layer" ? "param" : "state";
    return { kind, variable } as const;
}

function weightOf(
    scope: NetworkScope,
    args: Arguments,
    dimension: Dimension,
    span: Span,
    name: string,
): Formula | null {
    const weight = args.labelled.get("weight");
    if (weight !== undefined) {
        const open = scope.open(weight.value, dimension, `${name}.weight`);
        if (open !== undefined) return open;
        return demandFormula(scope.context(PAIRS, "once"), weight.value, dimension, "the weight");
    }
    const help = "write `weight: 0.5`, or `weight: random(-0.5, 0.5)`";
    scope.report(diagnose(wrongArgument, span, { what: "this connection has no weight", help }));
    return null;
}

/** The synapse model, and what the weights are then; null where a mistake was reported. */
function synapseOf(scope: NetworkScope, args: Arguments, variable: Variable, kind: "port" | "state", name: string) {
    const arg = args.labelled.get("synapse");
    if (arg === undefined) return { use: null, weight: variable.dimension };
    const use = useOf(arg.value);
    const model = use && scope.around.model(use.name, "synapse");
    if (use === null) scope.report(diagnose(wrongArgument, arg.value.span, { what: "this is no synapse model" }));
    if (!model?.output || use === null) return null;
    if (kind === "state") {
        const what = `a synapse's output goes to a port, and \`${variable.name}\` is a state`;
        scope.report(
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
        scope.report(diagnose(unitMismatch, arg.value.span, { what, has, wants }));
        return null;
    }
    const uniform = scope.modelArguments(model, use, model.params, FLAT, "none", name);
    if (uniform === null) return null;
    const weight = units.weight ?? PLAIN;
    return { use: { model, uniform: withDimensions(uniform, model.params) } satisfies SynapseUse, weight };
}

function delayOf(scope: NetworkScope, args: Arguments): Formula | null | undefined {
    const arg = args.labelled.get("delay");
    if (arg === undefined) return null;
    const formula = demandFormula(scope.context(PAIRS, "once"), arg.value, TIME, "the delay");
    if (formula === null) return undefined;
    const [value, dt] = [scope.known(formula), scope.known(scope.dt ?? DEFAULT_STEP)];
    const least = scope.order[0] === "spike" ? 0 : 1;
    // It is rounded to a whole number of steps.
    if (value !== undefined && dt !== undefined && value < least * dt * (1 - 1e-9)) {
        scope.report(diagnose(delayBelowStep, arg.value.span, { delay: `${value} ms`, dt: `${dt} ms` }));
        return undefined;
    }
    return formula;
}
