// Checks a network: that its parts are there, their models and units agree, and its numbers make sense as far as they are
// known before it runs.

import { duplicate } from "../diagnostics/catalogue/names.js";
import { badValue, misplacedMember, wrongArgument } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { argumentsOf } from "./arguments.js";
import { checkConnection, checkStorage } from "./check-connections.js";
import { checkLayer, checkPopulation, checkStimulus } from "./check-parts.js";
import { checkLearning, checkRecord } from "./check-rules.js";
import { checkFormula, demandFormula } from "./formulas.js";
import { type Network, PHASES, type Phase } from "./network.js";
import { type AroundNetwork, DEFAULT_STEP, NetworkScope } from "./network-scope.js";
import { checkSubnetwork } from "./subnetworks.js";
import { DIMENSIONS, PLAIN, sameDimension, TIME } from "./units.js";

const CHECKS = { layer: checkLayer, population: checkPopulation, stimulus: checkStimulus } as const;

/** Null where it has a mistake, which was reported. */
export function checkNetwork(item: ast.NetworkItem, around: AroundNetwork): Network | null {
    const scope = new NetworkScope(around);
    const each = <K extends ast.NetworkMember["kind"]>(
        kind: K,
        check: (scope: NetworkScope, member: Extract<ast.NetworkMember, { kind: K }>) => void,
    ) => {
        for (const member of item.members) {
            if (member.kind === kind) check(scope, member as Extract<ast.NetworkMember, { kind: K }>);
        }
    };
    for (const field of item.params) param(scope, field);
    each("declare", local);
    each("step", steps);
    for (const member of item.members) part(scope, member);
    each("subnetwork", checkSubnetwork);
    each("connect", checkConnection);
    each("plasticity", checkLearning);
    each("record", checkRecord);
    for (const connection of scope.connections) checkStorage(scope, connection);
    if (scope.parts.size === 0 && !scope.failed) {
        const help = "declare one: `layer input(784, activation: identity)`";
        scope.report(diagnose(badValue, item.name.span, { what: "this network has no layers or populations", help }));
    }
    if (scope.failed) return null;
    const all = [...scope.parts.values()];
    const populations = all.filter((part) => part.kind === "population");
    const { params, connections, records, order, domains } = scope;
    return {
        name: item.name.text,
        doc: item.doc,
        span: item.name.span,
        dt: scope.dt ?? (populations.length > 0 ? DEFAULT_STEP : null),
        params,
        layers: all.filter((part) => part.kind === "layer"),
        populations,
        connections,
        records,
        order,
        domains,
    };
}

function param(scope: NetworkScope, field: ast.Field): void {
    const { text: name, span } = field.name;
    const type = field.type.name.text;
    const dimension = type === "index" ? PLAIN : DIMENSIONS[type];
    if (dimension === undefined) {
        const help = `they are ${["index", ...Object.keys(DIMENSIONS)].join(", ")}`;
        scope.report(
            diagnose(wrongArgument, field.type.span, { what: `a network's parameter is no \`${type}\``, help }),
        );
        return;
    }
    const value =
        field.value === null
            ? null
            : demandFormula(scope.context(), field.value, dimension, `the value of \`${name}\``);
    if (name === "dt") {
        if (!sameDimension(dimension, TIME)) {
            const what = "`dt`, the length of a step, is a time";
            scope.report(diagnose(badValue, field.type.span, { what, help: "write `dt: time = 0.1 ms`" }));
            return;
        }
        scope.dt = value ?? scope.dt;
        const step = value === null ? undefined : scope.known(value);
        if (step !== undefined && !(step > 0)) {
            scope.report(
                diagnose(badValue, (field.value as ast.Expr).span, {
                    what: `a step of ${step} ms is none`,
                    help: "write a time above 0: `0.1 ms`",
                }),
            );
        }
    } else scope.params.push({ name, dimension, value, span });
    scope.names.set(name, { formula: name, type: dimension });
}

/** `let n = 4 * 100` */
function local(scope: NetworkScope, { statement }: Extract<ast.NetworkMember, { kind: "declare" }>): void {
    if (statement.kind !== "declare" || statement.keyword !== "let" || !statement.value || statement.type) {
        const help = "name a number with `let n = …`";
        scope.report(diagnose(misplacedMember, statement.span, { what: "this", where: "a network", help }));
        return;
    }
    const ctx = scope.context();
    const found = checkFormula(ctx, statement.value);
    if (found !== null) scope.names.set(statement.name.text, found);
}

function steps(scope: NetworkScope, { phases, span }: Extract<ast.NetworkMember, { kind: "step" }>): void {
    const named = phases.map(({ text }) => text);
    const sorted = [...named].sort().join();
    const order = named.join();
    const possible = ["deliver,integrate,spike,learn", "spike,deliver,integrate,learn"];
    if (sorted !== [...PHASES].sort().join() || !possible.includes(order)) {
        const what = "this is no order of a step";
        const help = "it is `step { deliver; integrate; spike; learn }` or `step { spike; deliver; integrate; learn }`";
        scope.report(diagnose(badValue, span, { what, help }));
        return;
    }
    scope.order = named as Phase[];
}

function part(scope: NetworkScope, member: ast.NetworkMember): void {
    if (member.kind === "attribute") {
        const what = `\`#${member.attribute.name.text}\``;
        scope.report(diagnose(misplacedMember, member.span, { what, where: "a network" }));
    }
    if (member.kind === "pairing") {
        const help = "it belongs to a plasticity rule";
        scope.report(diagnose(misplacedMember, member.span, { what: "a pairing", where: "a network", help }));
    }
    if (member.kind !== "layer" && member.kind !== "population" && member.kind !== "stimulus") return;
    const { text: name, span } = member.name;
    if (scope.parts.has(name) || scope.names.has(name)) {
        scope.report(diagnose(duplicate, span, { name, what: "a part of this network" }));
        return;
    }
    const part = CHECKS[member.kind](scope, member.name, argumentsOf(member.args));
    if (part !== null) scope.parts.set(name, part);
    else scope.broken.add(name);
}
