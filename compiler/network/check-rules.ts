// What a network learns by and what it records.

import { substitute } from "../../codeobject/network/formula.js";
import { badValue, unknownPart, wrongArgument } from "../diagnostics/catalogue/networks.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { argumentsOf, type Use } from "./arguments.js";
import { demandFormula } from "./formulas.js";
import type { Model } from "./model.js";
import type { Connection, Population, RuleUse } from "./network.js";
import { DEFAULT_STEP, FLAT, type NetworkScope, withDimensions } from "./network-scope.js";
import { isSupply } from "./traits.js";
import { TIME } from "./units.js";

export function checkLearning(scope: NetworkScope, member: Extract<ast.NetworkMember, { kind: "plasticity" }>): void {
    const model = scope.around.model(member.rule, "plasticity");
    if (model === null) {
        scope.failed = true;
        return;
    }
    const taken = new Set(scope.connections.map(({ rule }) => rule?.name));
    let name = model.name;
    for (let k = 2; taken.has(name); k++) name = `${model.name}${k}`;
    const isPort = ({ label }: ast.Argument) => model.ports.some((port) => port.name === label?.text);
    const use: Use = { name: member.rule, args: member.args.filter((arg) => !isPort(arg)) };
    const values = scope.modelArguments(model, use, model.params, FLAT, "none", name);
    const modulators = modulatorsOf(scope, model, member.args.filter(isPort), member.rule.span);
    const connections = connectionsOf(scope, member);
    if (values === null || modulators === null || connections === null) return;
    const uniform = withDimensions(values, model.params);
    if (model.every !== null) {
        const period = scope.known(substitute(model.every, (each) => values.get(each)));
        requirePeriod(scope, period, `the period of \`${name}\``, member.rule.span);
    }
    const rule: RuleUse = { name, model, uniform, modulators, span: member.rule.span };
    for (const connection of connections) {
        if (!suits(scope, rule, connection, member)) continue;
        if (connection.rule !== null) {
            const what = `\`${connection.name}\` has two plasticity rules`;
            scope.report(
                diagnose(badValue, member.span, {
                    what,
                    help: "say with `on a -> b` which connections each is for",
                }),
            );
        }
        connection.rule = rule;
    }
}

/** `dopamine: reward`: populations whose spikes the rule's traces on a port count. */
function modulatorsOf(
    scope: NetworkScope,
    model: Model,
    args: readonly ast.Argument[],
    span: Span,
): ReadonlyMap<string, Population> | null {
    const modulators = new Map<string, Population>();
    for (const { label, value } of args) {
        const part = value.kind === "name" ? scope.parts.get(value.text) : undefined;
        if (part?.kind !== "population" || part.model.spikes.length === 0) {
            const what = "this is no population with spikes";
            const help = `write \`${label?.text}: name\` of a population or stimulus`;
            scope.report(diagnose(wrongArgument, value.span, { what, help }));
            return null;
        }
        modulators.set((label as ast.Name).text, part);
    }
    for (const { event } of model.traces) {
        if (event === "pre" || event === "post" || modulators.has(event)) continue;
        const what = `\`${model.name}\` needs \`${event}\`, whose spikes its trace counts`;
        const help = `write \`plasticity ${model.name}(${event}: name)\` of a population or stimulus`;
        scope.report(diagnose(wrongArgument, span, { what, help }));
        return null;
    }
    return modulators;
}

function connectionsOf(
    scope: NetworkScope,
    { on, span }: Extract<ast.NetworkMember, { kind: "plasticity" }>,
): Connection[] | null {
    // Without `on` it is for all that have weights which a rule may change.
    if (on === null) {
        const plastic = scope.connections.filter(hasOwnWeights);
        if (plastic.length > 0 || scope.failed) return plastic;
        const what = "there is no connection whose weights a rule could change";
        scope.report(
            diagnose(badValue, span, { what, help: "connect parts of the network: `connect a -> b (weight: …)`" }),
        );
        return null;
    }
    const [from, to] = [scope.find(on.from), scope.find(on.to)];
    if (from === null || to === null) return null;
    const found = scope.connections.filter(
        (each) =>
            each.from === from.part &&
            each.to === to.part &&
            (to.member === null || each.target?.name === to.member.text),
    );
    if (found.length > 0) return found;
    const name = `${on.from.names.map(({ text }) => text).join(".")} -> ${on.to.names.map(({ text }) => text).join(".")}`;
    if (!scope.failed)
        scope.report(
            diagnose(
                unknownPart,
                { ...span, start: on.from.span.start, end: on.to.span.end },
                { name, what: "connection", known: scope.connections.map((each) => each.name) },
            ),
        );
    return null;
}

function suits(
    scope: NetworkScope,
    { model }: RuleUse,
    connection: Connection,
    member: { readonly span: Span },
): boolean {
    const isRate = connection.to.kind === "layer";
    const ofRates = model.reactions.has("update");
    const ofSpikes = [...model.reactions.keys()].some((event) => event !== "update") || model.derivatives.size > 0;
    const { name, to } = connection;
    const problem = (): string | null => {
        if (!hasOwnWeights(connection)) return `\`${name}\` has no weights that a rule could change`;
        if (isRate && (ofSpikes || !ofRates))
            return `\`${model.name}\` reacts to spikes, and the layers of \`${name}\` have none`;
        if (!isRate && ofRates)
            return `\`${model.name}\` has \`on update\`, which is for layers, and \`${name}\` connects populations`;
        if (
            isRate &&
            model.usesTarget &&
            scope.connections.some((each) => each.from === to && each.to.kind === "layer")
        )
            return `\`${model.name}\` names a target, and \`${to.name}\` is no output layer`;
        return null;
    };
    const what = problem();
    if (what !== null)
        scope.report(
            diagnose(badValue, member.span, { what, help: "say with `on a -> b` which connections it is for" }),
        );
    return what === null;
}

export function checkRecord(scope: NetworkScope, member: Extract<ast.NetworkMember, { kind: "record" }>): void {
    const args = argumentsOf(member.args);
    scope.refuseOthers(args, 0, ["every"], "a record");
    const every = args.labelled.get("every");
    const period = every ? demandFormula(scope.context(), every.value, TIME, "`every`") : null;
    const known = period === null ? undefined : scope.known(period);
    if (every && known !== undefined && known <= 0) {
        const what = `a record every ${known} ms is none`;
        scope.report(diagnose(badValue, every.value.span, { what, help: "leave `every` out to record each step" }));
    } else if (every) requirePeriod(scope, known, "`every`", every.value.span);
    for (const path of member.of) {
        const found = scope.find(path);
        if (found === null) continue;
        const { part } = found;
        const what = member.what.text;
        const states = part.kind === "population" ? part.model.states.map((state) => state.name) : [];
        if (part.kind !== "population" || (what !== "spikes" && !states.includes(what))) {
            const similar = nearest(what, ["spikes", ...states]);
            scope.report(
                diagnose(unknownPart, member.what.span, {
                    name: what,
                    what: `state of \`${part.name}\``,
                    similar,
                    known: part.kind === "population" ? ["spikes", ...states] : [],
                }),
            );
            continue;
        }
        if (what === "spikes" && part.model.spikes.length === 0) {
            const problem = `\`${part.model.name}\` says nowhere when \`${part.name}\` spikes`;
            scope.report(diagnose(badValue, path.span, { what: problem, help: "write `spike when …` in it" }));
            continue;
        }
        const before = scope.records.find((each) => each.what === what && each.of === part);
        if (before === undefined) scope.records.push({ what, of: part, every: period });
        else if (JSON.stringify(before.every) !== JSON.stringify(period)) {
            const problem = `\`${what}\` of \`${part.name}\` is recorded already, with another \`every\``;
            scope.report(diagnose(badValue, member.what.span, { what: problem, help: "keep the shorter one" }));
        }
    }
}

/** Refuses what is to happen more often than there are steps. */
function requirePeriod(scope: NetworkScope, period: number | undefined, subject: string, span: Span): void {
    const dt = scope.known(scope.dt ?? DEFAULT_STEP);
    if (period === undefined || dt === undefined || period >= dt * (1 - 1e-9)) return;
    const what = `${subject} is ${period} ms, which is shorter than a step of ${dt} ms`;
    scope.report(diagnose(badValue, span, { what, help: `take ${dt} ms or more, or a shorter \`dt\`` }));
}

function hasOwnWeights(connection: Connection): boolean {
    const { from, to, connectivity } = connection;
    const { window } = connectivity;
    if (isSupply(connection)) return false;
    if (from.kind === "layer" && to.kind === "population") return false;
    return window === null || (to.kind === "layer" && window.kind === "convolution");
}
