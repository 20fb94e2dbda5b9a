// The synapses of a connection on the device: drawn, laid out as its storage says, with weights and delays.

import type { ConnectionManifest } from "../../codeobject/network/manifest.js";
import { drawStructure, drawValues, type SynapseData } from "./connectivity.js";
import type { Memory } from "./memory.js";
import type { Values } from "./values.js";

export type { SynapseData } from "./connectivity.js";

/** Draws a connection's structure and sets the extents that follow from it; the result fills the buffers. */
export function fillConnection(
    connection: ConnectionManifest,
    memory: Memory,
    values: Values,
    seed: bigint,
    _data: SynapseData | undefined,
): () => void {
    void drawStructure;
    const sizes = { pre: values.get(`size.${connection.from}`), post: values.get(`size.${connection.to}`) };
    return () => {
        const { weights } = connection.buffers;
        if (weights === undefined) return;
        const count = sizes.pre * sizes.post;
        const pairOf = (at: number) => [Math.floor(at / sizes.post), at % sizes.post] as const;
        const drawn = drawValues(connection.weight, connection.stream + 1, seed, values, sizes, { count, pairOf });
        memory.fill(weights, repeat(drawn, values.batch));
    };
}

/** The same for every instance. */
function repeat(data: Float32Array, times: number): Float32Array {
    if (times === 1) return data;
    const all = new Float32Array(data.length * times);
    for (let r = 0; r < times; r++) all.set(data, r * data.length);
    return all;
}
