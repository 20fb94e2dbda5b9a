// The connections of a network, drawn: in an order in which what doesn't fit is refused before the work is done.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { ArgumentError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import { didYouMean } from "../suggest.js";
import type { Memory } from "./memory.js";
import { type DrawnConnection, drawConnection, expectConnection, type SynapseData } from "./synapses.js";
import type { Values } from "./values.js";

/**
 * Draws all connections, sets the extents that follow from them, and fills their buffers.
 * @param data synapses from the program, by connection
 * @param kept steps for which spikes have to be kept after they have arrived everywhere
 * @throws LaunchError for a network that is larger than the device; ArgumentError
 */
export function drawConnections(
    gpu: Gpu,
    manifest: NetworkManifest,
    memory: Memory,
    values: Values,
    seed: bigint,
    data: Readonly<Record<string, SynapseData>>,
    kept: number,
): readonly DrawnConnection[] {
    const fromData = manifest.connections.flatMap(({ name, connectivity }) =>
        connectivity.kind === "data" ? [name] : [],
    );
    const other = Object.keys(data).find((name) => !fromData.includes(name));
    if (other !== undefined) {
        const is = manifest.connections.some(({ name }) => name === other)
            ? `${other} draws its synapses itself: write \`synapses: data\``
            : `no connection ${other} takes its synapses from data${didYouMean(other, fromData) || (fromData.length > 0 ? `: ${fromData.join(", ")} does` : "")}`;
        throw new ArgumentError(`network ${manifest.name}: ${is}`);
    }
    const populations = manifest.parts.filter(({ kind }) => kind === "population");
    // Spikes stay in the ring while they travel, and until they are fetched.
    const setRings = (travel: (population: string) => number) => {
        for (const { name } of populations) values.define(`ring:${name}`, travel(name) + 2 + kept);
    };
    // What surely doesn't fit is refused before anything is drawn.
    for (const connection of manifest.connections)
        expectConnection(connection, values, data[connection.name], gpu.properties.memoryBytes);
    setRings(() => 0);
    memory.requireRoom();
    const drawn = manifest.connections.map((connection) =>
        drawConnection(connection, memory, values, seed, data[connection.name]),
    );
    setRings((name) => Math.max(0, ...drawn.map((each) => (each.manifest.from === name ? each.longestDelay : 0))));
    memory.requireRoom();
    memory.layOut();
    for (const { fill, manifest: connection } of drawn) {
        if (connection.rewires && values.batch > 1)
            throw new ArgumentError(
                `network ${manifest.name}: the synapses of ${connection.name} find other targets, which instances of a batch share: make networks of one instance`,
            );
        fill();
    }
    return drawn;
}
