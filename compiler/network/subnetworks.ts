// Networks within networks: `network left = column(n: 100)` has the parts, connections and records of `column`, whose names begin with
// `left.`; its parameters are this network's, as `left.n`.

import { type Formula, substitute } from "../../codeobject/network/formula.js";
import type { Window } from "../../codeobject/network/manifest.js";
import { duplicate } from "../diagnostics/catalogue/names.js";
import { badValue, wrongArgument } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { demandFormula } from "./formulas.js";
import type { Connection, Layer, Network, Population, RuleUse } from "./network.js";
import type { NetworkScope } from "./network-scope.js";

export function checkSubnetwork(
    scope: NetworkScope,
    { name, network: called, args, span }: Extract<ast.NetworkMember, { kind: "subnetwork" }>,
): void {
    const network = scope.around.network(called);
    if (scope.parts.has(name.text) || scope.names.has(name.text)) {
        scope.report(diagnose(duplicate, name.span, { name: name.text, what: "a part of this network" }));
    }
    if (network === null) {
        scope.failed = true;
        scope.broken.add(name.text);
        return;
    }
    if (network.populations.length > 0 && String(network.order) !== String(scope.order)) {
        const what = `the steps of \`${called.text}\` go in another order than this network's`;
        scope.report(diagnose(badValue, span, { what, help: "give both the same `step { … }`" }));
    }
    const prefix = `${name.text}.`;
    for (const { label, value } of args) {
        if (network.params.some((param) => param.name === label?.text)) continue;
        const known = network.params.map((param) => param.name);
        const similar = label ? nearest(label.text, known) : undefined;
        const what = label
            ? `\`${called.text}\` has no parameter \`${label.text}\``
            : "arguments of a network have names";
        const help = similar ? `did you mean \`${similar}\`?` : `it has ${known.join(", ") || "none"}`;
        scope.report(diagnose(wrongArgument, label?.span ?? value.span, { what, help }));
    }
    for (const { name: param, dimension, value } of network.params) {
        const given = args.find(({ label }) => label?.text === param);
        const chosen = given
            ? demandFormula(scope.context(), given.value, dimension, `\`${param}\` of \`${called.text}\``)
            : value === null
              ? null
              : renamed(value, network, prefix);
        scope.params.push({ name: prefix + param, dimension, value: chosen, span });
        scope.names.set(prefix + param, { formula: prefix + param, type: dimension });
    }
    for (const [key, domain] of network.domains) scope.domains.set(prefix + key, domain);
    adopt(scope, network, prefix);
}

/** A formula over the network's parameters and those of its populations, by the names that the outer network has for them. */
function renamed(formula: Formula, { params, populations }: Network, prefix: string): Formula {
    return substitute(formula, (each) =>
        params.some(({ name }) => name === each) || populations.some(({ name }) => each.startsWith(`${name}.`))
            ? prefix + each
            : undefined,
    );
}

function adopt(scope: NetworkScope, network: Network, prefix: string): void {
    const own = (formula: Formula) => renamed(formula, network, prefix);
    const maybe = (formula: Formula | null) => (formula === null ? null : own(formula));
    const values = (map: ReadonlyMap<string, Formula>) => new Map([...map].map(([key, value]) => [key, own(value)]));
    const uniform = (map: Population["uniform"]): Population["uniform"] =>
        new Map([...map].map(([key, { value, dimension }]) => [key, { value: own(value), dimension }]));
    const parts = new Map<Layer | Population, Layer | Population>();
    for (const part of [...network.layers, ...network.populations]) {
        const base = { name: prefix + part.name, size: own(part.size), shape: part.shape.map(own) };
        const copy: Layer | Population =
            part.kind === "layer"
                ? {
                      ...part,
                      ...base,
                      activation: { ...part.activation, args: part.activation.args.map(own) },
                      bias: maybe(part.bias),
                  }
                : {
                      ...part,
                      ...base,
                      uniform: uniform(part.uniform),
                      elements: values(part.elements),
                      initial: values(part.initial),
                  };
        parts.set(part, copy);
        scope.parts.set(copy.name, copy);
    }
    const partOf = <P extends Layer | Population>(part: P) => parts.get(part) as P;
    const windowOf = (window: Window): Window => ({
        ...window,
        kernel: own(window.kernel),
        stride: own(window.stride),
        padding: own(window.padding),
        pre: window.pre.map(own),
        post: window.post.map(own),
    });
    const rules = new Map<RuleUse, RuleUse>();
    const ruleOf = (rule: RuleUse): RuleUse => {
        const modulators = new Map([...rule.modulators].map(([port, part]) => [port, partOf(part)]));
        const copy = rules.get(rule) ?? {
            ...rule,
            name: prefix + rule.name,
            uniform: uniform(rule.uniform),
            modulators,
        };
        rules.set(rule, copy);
        return copy;
    };
    for (const connection of network.connections) {
        const { connectivity, from, to, synapse } = connection;
        const copy: Connection = {
            ...connection,
            name: connection.name
                .replace(from.name, prefix + from.name)
                .replace(`->${to.name}`, `->${prefix}${to.name}`),
            from: partOf(from),
            to: partOf(to),
            synapse: synapse && { ...synapse, uniform: uniform(synapse.uniform) },
            connectivity: {
                ...connectivity,
                value: maybe(connectivity.value),
                window: connectivity.window && windowOf(connectivity.window),
            },
            weight: own(connection.weight),
            delay: maybe(connection.delay),
            rule: connection.rule && ruleOf(connection.rule),
        };
        scope.connections.push(copy);
    }
    for (const record of network.records) {
        scope.records.push({ ...record, of: partOf(record.of), every: maybe(record.every) });
    }
}
