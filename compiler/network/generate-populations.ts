// The populations of a network: their buffers, and the launches of a step in their order.

import type { Formula } from "../../codeobject/network/formula.js";
import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import { badValue } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { declareSynapses } from "./declare-synapses.js";
import { generateDelivery } from "./generate-delivery.js";
import { generateLearning, generatePeriodic } from "./generate-learning.js";
import { type Generation, inRule, sizeOf } from "./generation.js";
import { gainsOf, inputOf } from "./inputs.js";
import type { Connection, Population, RuleUse } from "./network.js";
import { PopulationKernels } from "./population-kernels.js";
import { hasRefractory } from "./population-system.js";
import { declareRings } from "./recording.js";
import { isDrive, isSpiking, isSupply } from "./traits.js";

/** The launches of a step; null where a mistake was reported. */
export function generatePopulations(generation: Generation): NetworkLaunch[] | null {
    const { network } = generation;
    const { populations, order } = network;
    const connections = network.connections.filter(isSpiking);
    let failed = false;
    const refuse = (span: Connection["span"], what: string) => {
        failed = true;
        generation.report(diagnose(badValue, span, { what }));
    };
    const gains = new Map<Connection, ReadonlyMap<string, Formula>>();
    for (const connection of connections) {
        const found = connection.synapse ? gainsOf(connection.synapse.model) : new Map<string, Formula>();
        if (typeof found === "string") refuse(connection.span, found);
        else gains.set(connection, found);
    }
    if (failed) return null;
    const inputs = connections.map((connection, at) => {
        const place = connections.slice(0, at).filter(({ to }) => to === connection.to).length;
        return inputOf(connection, place, gains.get(connection) ?? new Map());
    });
    for (const population of populations) declarePopulation(generation, population);
    for (const input of inputs) declareSynapses(generation, input);
    const delivery = inputs.map((input) => generateDelivery(generation, input));
    const neurons = populations.map((population) => {
        const own = inputs.filter(({ connection }) => connection.to === population);
        const drives = network.connections.filter(
            (each) => each.to === population && (isDrive(each) || isSupply(each)),
        );
        return new PopulationKernels(generation, population, own, drives).generate((what) =>
            refuse(population.span, what),
        );
    });
    const learning = inputs.map((input) =>
        generateLearning(generation, input, (what) => refuse(input.connection.span, what)),
    );
    const periodic = inputs.flatMap((input) => {
        const draft = generatePeriodic(generation, input, (what) => refuse(input.connection.span, what));
        return draft === null ? [] : [{ draft, rule: input.connection.rule as RuleUse }];
    });
    if (failed) return null;
    // Connections deliver beside each other, once their presynaptic states have moved; what each learns goes in its own order.
    const longest = Math.max(0, ...learning.map(({ phases }) => phases.length));
    const [jump = [], arrive = [], integrate = [], spike = [], ...learned] = generation.phases([
        delivery.flatMap((each) => each.jump),
        [...delivery.flatMap((each) => each.deliver), ...learning.flatMap((each) => each.early)],
        [...neurons.flatMap((each) => each.integrate), ...delivery.flatMap((each) => each.evolve)],
        neurons.flatMap((each) => each.spike),
        ...Array.from({ length: longest }, (_, at) => learning.flatMap(({ phases }) => phases[at] ?? [])),
    ]);
    const deliver = [...jump, ...arrive];
    const learn = learned.flat();
    const every = periodic.flatMap(({ draft, rule }) =>
        generation.emit([draft]).map((launch) => ({ ...launch, every: inRule(rule, rule.model.every as Formula) })),
    );
    // Of two that exclude each other a network has one.
    const launched = [...deliver, ...integrate, ...spike, ...learn].filter(({ when }) => !isNegation(when));
    generation.notes.push(`a step is ${launched.length} launches`);
    return order[0] === "spike"
        ? [...spike, ...deliver, ...integrate, ...learn, ...every]
        : [...deliver, ...integrate, ...spike, ...learn, ...every];
}

function isNegation(formula: Formula | null): boolean {
    return typeof formula === "object" && formula?.[0] === "!";
}

function declarePopulation(generation: Generation, population: Population): void {
    const { name, elements, initial, uniform, model } = population;
    const size = sizeOf(population);
    generation.declare(name, model, uniform);
    for (const [each, value] of [...elements, ...initial]) {
        generation.buffer({
            name: `${name}.${each}`,
            element: "f32",
            extents: ["batch", size],
            initial: { kind: "formula", value, stream: generation.stream() },
            isState: true,
        });
    }
    declareRings(generation, population);
    if (model.spikes.length === 0) return;
    const ring = `ring:${name}`;
    const list = { element: "i32", initial: { kind: "zero" }, isState: true } as const;
    generation.buffer({ name: `${name}.counts`, extents: ["batch", ring], ...list });
    generation.buffer({ name: `${name}.spikes`, extents: ["batch", ring, size], ...list });
    if (hasRefractory(population)) generation.buffer({ name: `${name}.refractory`, extents: ["batch", size], ...list });
}
