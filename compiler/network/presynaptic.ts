// States that synapses keep for each presynaptic neuron, as short-term plasticity does: at its spikes, and by themselves.

import { plan, type System } from "./analysis.js";
import { bound, CONSTANTS, type Generation } from "./generation.js";
import { postsynapticStates } from "./inputs.js";
import type { Connection, SynapseUse } from "./network.js";
import { localsOf, printActions } from "./print-actions.js";
import { printStep } from "./print-step.js";
import { type KernelParameter, STEP } from "./source.js";
import {
    delaySteps,
    draftOf,
    GROUP,
    NEURONS,
    OVER_SPIKES,
    overNeurons,
    spikeList,
    withGroups,
} from "./spike-kernels.js";
import { warnOfStiffness } from "./stiffness.js";
import { ownName, Printer, viewOf } from "./text.js";

/** States that a synapse keeps for each presynaptic neuron: they change by themselves, and at each of its spikes. */
export function presynaptic(generation: Generation, connection: Connection) {
    const { synapse, name } = connection;
    const { model, uniform } = synapse as SynapseUse;
    const post = postsynapticStates(model);
    const states = model.states.map((state) => state.name).filter((state) => !post.has(state));
    const actions = model.reactions.get("spike") ?? [];
    const locals = new Set(localsOf(actions));
    const code = (each: string) => (states.includes(each) || locals.has(each) ? ownName(each) : undefined);
    const printer = () =>
        new Printer(generation.constants, (each) => {
            const found = code(each);
            if (found !== undefined) return { code: found };
            if (each === "weight") return { code: "1.0" };
            return { uniform: uniform.has(each) ? `${name}.${each}` : each };
        });
    const parameters: KernelParameter[] = states.map((state) => ({
        name: viewOf(ownName(state)),
        type: "mut f32[b, q]",
        binding: bound(`${name}.${state}`),
    }));
    const load = (at: string) => states.map((state) => `var ${ownName(state)} = ${viewOf(ownName(state))}[r, ${at}]`);
    const store = (at: string) => states.map((state) => `${viewOf(ownName(state))}[r, ${at}] = ${ownName(state)}`);

    const list = spikeList(connection.from.name, delaySteps(generation, connection));
    const forJump = printer();
    const own = actions.map((action) =>
        // What the target gets is the spike's effect, which all of its synapses have in common but for the weight.
        action.kind === "set" && post.has(action.name)
            ? ({ kind: "set", name: "effect", op: "=", value: action.value } as const)
            : action,
    );
    const react = printActions(
        own,
        forJump,
        (each) => (each === "effect" ? "effect[r, pre]" : (code(each) ?? each)),
        () => "",
    );
    const jump = draftOf(
        generation,
        connection,
        "presynaptic",
        withGroups([
            ...(forJump.usesConstants ? [CONSTANTS] : []),
            STEP,
            ...list.parameters,
            ...parameters,
            { name: "effect", type: "mut f32[b, q]", binding: bound(`${name}.effect`) },
        ]),
        OVER_SPIKES,
        [
            "let r = group_id(0)",
            ...forJump.loads(""),
            ...list.lines,
            `for k in group_id(1) * ${GROUP} + local_id(1) .. count by group_count(1) * ${GROUP} {`,
            ...["let pre = spikes[r, slot, k] as index", ...load("pre"), ...react, ...store("pre")].map(
                (line) => `    ${line}`,
            ),
            "}",
        ],
    );

    const derivatives = new Map(
        states.flatMap((state) => {
            const each = model.derivatives.get(state);
            return each === undefined ? [] : [[state, each] as const];
        }),
    );
    if (derivatives.size === 0) return { jump, evolve: [] };
    const forStep = printer();
    const system: System = { derivatives, isUniform: (each) => uniform.has(each), held: new Set() };
    const found = plan(system, null);
    if (typeof found === "string") throw new Error(found);
    warnOfStiffness(generation, {
        system,
        plan: found,
        h: "dt",
        atStart: (each) =>
            states.includes(each)
                ? generation.atStart(`${name}.${each}`)
                : uniform.has(each)
                  ? `${name}.${each}`
                  : each,
        nameOf: (state) => `${name}.${state}`,
        dividesIn: null,
        span: connection.span,
    });
    const lines = printStep({
        system,
        plan: found,
        print: (formula, names) => forStep.print(formula, names),
        codeOf: (state) => ownName(state),
        heldWhen: null,
        h: "dt",
    });
    const evolve = draftOf(
        generation,
        connection,
        "evolve",
        [...(forStep.usesConstants ? [CONSTANTS] : []), ...parameters],
        overNeurons("q"),
        [
            "let r = group_id(0)",
            `let pre = group_id(1) * ${NEURONS} + local_id(1)`,
            ...forStep.loads(""),
            "if pre < q {",
            ...[...load("pre"), ...lines, ...store("pre")].map((line) => `    ${line}`),
            "}",
        ],
    );
    return { jump, evolve: [evolve] };
}
