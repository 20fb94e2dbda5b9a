// What connections of spikes have in memory and in the manifest.

import { type Formula, substitute } from "../../codeobject/network/formula.js";
import { type Generation, inRule, sizeOf } from "./generation.js";
import { hasPresynapticStates, type Input } from "./inputs.js";
import type { Connection } from "./network.js";
import { rewires } from "./print-actions.js";
import { delayVaries, hasWeights, isMatrix, storageOf } from "./traits.js";

/** Buffers and manifest of a connection's synapses. */
export function declareSynapses(generation: Generation, { connection, states }: Input): void {
    const { name, from, to, connectivity, weight, delay, synapse, rule } = connection;
    const [pre, post] = [sizeOf(from), sizeOf(to)];
    const storage = storageOf(connection);
    const late = delayVaries(connection);
    const count = `synapses:${name}`;
    const zero = { initial: { kind: "zero" }, isState: true } as const;
    const filled = { initial: { kind: "filled" }, isState: true } as const;
    const buffers: Record<string, string> = {};
    const list = (role: string, extents: readonly Formula[], element: "i32" | "f32", isState = false) => {
        buffers[role] = `${name}.${role}`;
        generation.buffer({ name: `${name}.${role}`, element, extents, initial: { kind: "filled" }, isState });
    };
    if (!hasWeights(connection)) {
        generation.parameter(`${name}.weight`, weight, "a weight");
    } else {
        // Those that learn are each instance's own.
        const instances = rule === null ? 1 : "batch";
        buffers.weights = `${name}.weights`;
        const extents = isMatrix(connection) ? [instances, pre, post] : [instances, count];
        generation.buffer({ name: `${name}.weights`, element: "f32", extents, ...filled });
    }
    if (storage === "bitmask") {
        buffers.mask = `${name}.mask`;
        const words: Formula = ["ceil", ["/", post, 32]];
        generation.buffer({
            name: `${name}.mask`,
            element: "u32",
            extents: [pre, words],
            initial: { kind: "filled" },
            isState: false,
        });
    }
    if (storage === "procedural") {
        buffers.distances = `${name}.distances`;
        generation.buffer({
            name: `${name}.distances`,
            element: "u32",
            extents: [SEGMENT],
            initial: { kind: "filled" },
            isState: false,
        });
    }
    if (storage === "sparse") {
        const moves = rewires(rule?.model.reactions.get("every") ?? []);
        list("rows", [["+", pre, 1]], "i32");
        list("targets", [count], "i32", moves);
        if (late) list("delays", [count], "i32");
        if (rule !== null) {
            list("columns", [["+", post, 1]], "i32", moves);
            list("sources", [count], "i32", moves);
            list("places", [count], "i32", moves);
        }
    }
    generation.buffer({
        name: `${name}.arrived`,
        element: "i32",
        extents: ["batch", late ? `slots:${name}` : 1, post],
        ...zero,
    });
    if (synapse !== null) {
        generation.declare(name, synapse.model, synapse.uniform);
        for (const state of synapse.model.states) {
            const size = states.has(state.name) ? post : pre;
            const value = substitute(state.value as Formula, (each) =>
                synapse.uniform.has(each) ? `${name}.${each}` : undefined,
            );
            const initial = { kind: "formula", value, stream: generation.stream() } as const;
            generation.buffer({
                name: `${name}.${state.name}`,
                element: "f32",
                extents: ["batch", size],
                initial,
                isState: true,
            });
        }
        if (hasPresynapticStates(connection)) {
            generation.buffer({ name: `${name}.effect`, element: "f32", extents: ["batch", pre], ...zero });
        }
    }
    generation.connections.push({
        name,
        from: from.name,
        to: to.name,
        isRate: false,
        connectivity,
        weight,
        synapse: synapse?.model.name ?? null,
        delay,
        leastDelay: generation.network.order[0] === "spike" ? 0 : 1,
        stream: generation.stream(3),
        storage,
        buffers,
        hasDelays: late,
        bound: rule === null ? null : weightBound(connection),
        isScaled: hasPresynapticStates(connection),
        rewires: rewires(rule?.model.reactions.get("every") ?? []),
    });
}

/** Neurons of a part of a row that `procedural` storage draws by itself, as the runtime's structure.ts has them. */
export const SEGMENT = 256;

/** The greatest size of a weight by its rule's bounds; infinite without. */
function weightBound({ rule }: Connection): Formula {
    const bounds = rule?.model.bounds.find(({ name }) => name === "w");
    if (bounds === undefined || rule === null) return ["inf"];
    return ["max", ["abs", inRule(rule, bounds.low)], ["abs", inRule(rule, bounds.high)]];
}
