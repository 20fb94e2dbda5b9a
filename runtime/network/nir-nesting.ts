// Nodes with paths, `rnn.lif`, as graphs within graphs. An edge of NIR names a graph as a whole: so a graph is one where all that leads into
// it leads to one of its nodes, and all that leaves it comes from one; the nodes of others stay in the graph around them, under their paths.

import type { Hdf5Array, Hdf5Tree } from "./hdf5.js";

export interface WrittenNode {
    readonly fields: Hdf5Tree;
    /** Elements that it takes and gives. */
    readonly size: number;
}

export type WrittenEdge = readonly [from: string, to: string];

/** @param nodes by their paths, which are changed */
export function nestedGraph(nodes: Map<string, WrittenNode>, edges: readonly WrittenEdge[]): Hdf5Tree {
    const graphs = new Set([...nodes.keys()].flatMap((path) => (path.includes(".") ? [path.replace(/\..*/, "")] : [])));
    let outer = edges;
    const inner: Record<string, Hdf5Tree> = {};
    for (const graph of graphs) {
        const prefix = `${graph}.`;
        const isWithin = (path: string) => path.startsWith(prefix);
        const entries = new Set(outer.filter(([from, to]) => !isWithin(from) && isWithin(to)).map(([, to]) => to));
        const exits = new Set(outer.filter(([from, to]) => isWithin(from) && !isWithin(to)).map(([from]) => from));
        if (entries.size > 1 || exits.size > 1 || nodes.has(graph)) continue;
        const own = (path: string) => path.slice(prefix.length);
        const parts = new Map([...nodes].filter(([path]) => isWithin(path)).map(([path, node]) => [own(path), node]));
        const within = outer.flatMap(([from, to]): WrittenEdge[] =>
            isWithin(from) && isWithin(to) ? [[own(from), own(to)]] : [],
        );
        const end = (type: "Input" | "Output", part: string): string => {
            const { size } = nodes.get(part) as WrittenNode;
            let name = type.toLowerCase();
            while (parts.has(name)) name += "_";
            parts.set(name, { fields: { type, shape: extents(size) }, size });
            return name;
        };
        const ends = [
            ...[...entries].map((part): WrittenEdge => [end("Input", part), own(part)]),
            ...[...exits].map((part): WrittenEdge => [own(part), end("Output", part)]),
        ];
        inner[graph] = nestedGraph(parts, [...within, ...ends]);
        for (const path of [...nodes.keys()]) if (isWithin(path)) nodes.delete(path);
        const outside = (path: string) => (isWithin(path) ? graph : path);
        outer = outer.flatMap(([from, to]): WrittenEdge[] =>
            isWithin(from) && isWithin(to) ? [] : [[outside(from), outside(to)]],
        );
    }
    const list = outer.flat();
    return {
        type: "NIRGraph",
        nodes: { ...Object.fromEntries([...nodes].map(([path, { fields }]) => [path, fields])), ...inner },
        edges: { shape: [list.length / 2, 2], data: list },
    };
}

export function extents(size: number): Hdf5Array {
    return { shape: [1], data: Float64Array.of(size), isInteger: true };
}
