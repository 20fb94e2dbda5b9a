// The graph of a NIR file as nodes and edges without graphs within it: a nested graph's nodes are named `graph.node`, as nir's own
// flattening names them, and what leads to it leads on from its inputs, what it gives comes from what leads to its outputs.

import { type Hdf5Tree, isArray } from "./hdf5.js";
import { refuse } from "./nir-maps.js";

type Edge = readonly [from: string, to: string];

export interface Graph {
    readonly nodes: ReadonlyMap<string, Hdf5Tree>;
    readonly edges: readonly Edge[];
}

/** Graphs are nested no deeper. */
const MOST_LEVELS = 64;

/** @throws ArgumentError for what is no graph */
export function graphOf({ node }: Hdf5Tree): Graph {
    if (node === undefined || typeof node === "string" || isArray(node) || node.type !== "NIRGraph")
        throw refuse("the file has no graph", "its group `node` is of type NIRGraph");
    return flat(node, "", MOST_LEVELS);
}

function flat(graph: Hdf5Tree, prefix: string, levels: number): Graph {
    const which = prefix === "" ? "the graph" : `the graph ${prefix.slice(0, -1)}`;
    if (levels === 0) throw refuse(`graphs are nested more than ${MOST_LEVELS} deep`, "flatten them");
    const { nodes, edges: listed } = graph;
    if (nodes === undefined || typeof nodes === "string" || isArray(nodes))
        throw refuse(`${which} has no nodes`, "it has a group of them");
    const all = new Map<string, Hdf5Tree>();
    const inner = new Map<string, Graph>();
    for (const [name, each] of Object.entries(nodes)) {
        if (typeof each === "string" || isArray(each))
            throw refuse(`the node ${prefix}${name} is no group`, "it has a type and fields");
        if (each.type === "NIRGraph") inner.set(prefix + name, flat(each, `${prefix}${name}.`, levels - 1));
        else all.set(prefix + name, each);
    }
    const list = isArray(listed) && !(listed.data instanceof Float64Array) ? listed.data : [];
    let edges: Edge[] = Array.from(
        { length: list.length / 2 },
        (_, at) => [prefix + list[2 * at], prefix + list[2 * at + 1]] as const,
    );
    const lost = edges.flat().find((name) => !all.has(name) && !inner.has(name));
    if (lost !== undefined)
        throw refuse(
            `an edge names ${lost}, which is no node`,
            `there are ${[...all.keys(), ...inner.keys()].join(", ")}`,
        );
    for (const [name, { nodes: parts, edges: within }] of inner) {
        const end = (type: string, isMet: boolean): string => {
            const ends = [...parts.keys()].filter((part) => parts.get(part)?.type === type);
            if (ends.length > 1 || (ends.length === 0 && isMet))
                throw refuse(
                    `the graph ${name} has ${ends.length} nodes of type ${type}`,
                    "a graph in another has one",
                );
            return ends[0] ?? "";
        };
        const [input, output] = [
            end(
                "Input",
                edges.some(([, to]) => to === name),
            ),
            end(
                "Output",
                edges.some(([from]) => from === name),
            ),
        ];
        const joined = edges.map(([from, to]) => [from === name ? output : from, to === name ? input : to] as const);
        edges = without(input, without(output, [...joined, ...within]));
        for (const [part, fields] of parts) if (part !== input && part !== output) all.set(part, fields);
    }
    return { nodes: all, edges };
}

/** What leads to a node leads to what it leads to. */
function without(node: string, edges: readonly Edge[]): Edge[] {
    const before = edges.filter(([from, to]) => to === node && from !== node);
    const behind = edges.filter(([from, to]) => from === node && to !== node);
    return [
        ...edges.filter((edge) => !edge.includes(node)),
        ...before.flatMap(([from]) => behind.map(([, to]) => [from, to] as const)),
    ];
}
