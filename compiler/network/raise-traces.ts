// Traces: numbers of neurons that events raise and that fade in between. They are kept as of their last event, whose step lies beside them
// (−1 before the first), and raised where no launch of the step that reads them runs at the same time. Reactions of a step see traces as
// they were before it: a trace that is raised before its readers run is kept as it was just before its event.

import { namesOf } from "../../codeobject/network/formula.js";
import { bound, CONSTANTS, type Generation, ruleNames } from "./generation.js";
import type { Model, Trace } from "./model.js";
import type { Connection, RuleUse } from "./network.js";
import { type Draft, STEP } from "./source.js";
import { delaySteps, draftOf, GROUP, OVER_SPIKES, spikeList, withGroups } from "./spike-kernels.js";
import { Printer } from "./text.js";

export type Raising = "beside deliveries" | "beside reactions" | "last";

/** When a trace is raised: events of presynaptic neurons are known from the beginning of a step, others once spikes are found. */
export function raisingOf(model: Model, { name, event }: Trace): Raising {
    const reads = (formulas: unknown) => JSON.stringify(formulas ?? null).includes(JSON.stringify(name));
    const isReadAlways = [...model.derivatives.values()].some((each) => namesOf(each).has(name));
    const isReadBy = (each: string) => reads(model.reactions.get(each));
    const isBounding = reads(model.bounds);
    if ((event !== "pre" && event !== "post") || isBounding) return "last";
    if (event === "pre" && !isReadBy("pre") && !isReadBy("every")) return "beside deliveries";
    return isReadBy("post") || isReadAlways ? "last" : "beside reactions";
}

interface KeptTrace {
    /** Code of what is kept of it: its value and the step of its last event. */
    readonly value: string;
    readonly last: string;
    /** dt / τ as code. */
    readonly rate: string;
    /** Whether it is kept as it was before its last event. */
    readonly isEarly: boolean;
    readonly isNearest: boolean;
}

/** What a trace is in a step, before what that step brings, as code. */
export function traceAt({ value, last, rate, isEarly, isNearest }: KeptTrace): string {
    const fading = `exp((${last} - step) as f32 * ${rate})`;
    if (!isEarly) return `${value} * ${fading}`;
    const raised = isNearest ? fading : `(${value} + 1.0) * ${fading}`;
    return `(if ${last} == step { ${value} } else if ${last} < 0 { 0.0 } else { ${raised} })`;
}

/** Adds 1 to a trace at each event, or with nearest pairing sets it to 1. */
export function raise(
    generation: Generation,
    connection: Connection,
    rule: RuleUse,
    { name, tau, event }: Trace,
): Draft {
    const modulator = rule.modulators.get(event);
    if (modulator !== undefined)
        return raiseByPopulation(generation, connection, rule, { name, tau, event }, modulator.name);
    const isPre = event === "pre";
    const part = isPre ? connection.from.name : connection.to.name;
    const list = spikeList(part, isPre ? delaySteps(generation, connection) : 0);
    const printer = new Printer(generation.constants, ruleNames(rule, {}));
    const rate = printer.print(["/", "dt", tau]);
    const isEarly = raisingOf(rule.model, { name, event, tau }) === "beside deliveries";
    const isNearest = rule.model.pairing === "nearest";
    const now = traceAt({ value: "value[r, i]", last: "last[r, i]", rate, isEarly, isNearest });
    const raised = isEarly ? now : isNearest ? "1.0" : `1.0 + ${now}`;
    const body = [
        "let r = group_id(0)",
        ...printer.loads(""),
        ...list.lines,
        `for k in group_id(1) * ${GROUP} + local_id(1) .. count by group_count(1) * ${GROUP} {`,
        "    let i = spikes[r, slot, k] as index",
        `    value[r, i] = ${raised}`,
        "    last[r, i] = step",
        "}",
    ];
    const parameters = withGroups([
        ...(printer.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...list.parameters,
        { name: "value", type: "mut f32[b, q]", binding: bound(`${connection.name}.${name}`) },
        { name: "last", type: "mut i32[b, q]", binding: bound(`${connection.name}.${name}.last`) },
    ]);
    return draftOf(generation, connection, `raise_${name}`, parameters, OVER_SPIKES, body);
}

/** Counts all spikes of a population in one number. */
function raiseByPopulation(
    generation: Generation,
    connection: Connection,
    rule: RuleUse,
    { name, tau }: Trace,
    part: string,
): Draft {
    const list = spikeList(part, 0);
    const printer = new Printer(generation.constants, ruleNames(rule, {}));
    const rate = printer.print(["/", "dt", tau]);
    const body = [
        "let r = group_id(0)",
        ...printer.loads(""),
        ...list.lines,
        "if local_id(1) == 0 && group_id(1) == 0 && count > 0 {",
        `    value[r] = value[r] * exp((last[r] - step) as f32 * ${rate}) + count as f32`,
        "    last[r] = step",
        "}",
    ];
    const parameters = withGroups([
        ...(printer.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...list.parameters.filter((each) => each.name !== "spikes"),
        { name: "value", type: "mut f32[b]", binding: bound(`${connection.name}.${name}`) },
        { name: "last", type: "mut i32[b]", binding: bound(`${connection.name}.${name}.last`) },
    ]);
    return draftOf(generation, connection, `raise_${name}`, parameters, OVER_SPIKES, body);
}
