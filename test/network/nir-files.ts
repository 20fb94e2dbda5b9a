// NIR files for tests, as nir.write lays them out: groups of a type and its fields, and of graphs with nodes and edges.

import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import h5wasm, { type Group } from "h5wasm/node";

export type Fields = Readonly<Record<string, string | { readonly shape: number[]; readonly data: readonly number[] }>>;

/** A graph within a graph. */
export interface Inner {
    readonly nodes: Nodes;
    readonly edges: readonly string[];
}

export type Nodes = Readonly<Record<string, Fields | Inner>>;

export const list = (...data: readonly number[]) => ({ shape: [data.length], data });

/** @param edges from, to, from, to … */
export async function nirFile(nodes: Nodes, edges: readonly string[]): Promise<Uint8Array> {
    await h5wasm.ready;
    const path = join(tmpdir(), `${randomUUID()}.nir`);
    const file = new h5wasm.File(path, "w");
    file.create_dataset({ name: "version", data: "1.0" });
    putGraph(file.create_group("node"), { nodes, edges });
    file.close();
    const bytes = new Uint8Array(await readFile(path));
    await rm(path);
    return bytes;
}

function putGraph(graph: Group, { nodes, edges }: Inner): void {
    graph.create_dataset({ name: "type", data: "NIRGraph" });
    if (edges.length > 0) graph.create_dataset({ name: "edges", data: [...edges], shape: [edges.length / 2, 2] });
    const group = graph.create_group("nodes");
    for (const [name, fields] of Object.entries(nodes)) {
        const node = group.create_group(name);
        if (isInner(fields)) {
            putGraph(node, fields);
            continue;
        }
        for (const [field, value] of Object.entries(fields)) {
            if (typeof value === "string") node.create_dataset({ name: field, data: value });
            else
                node.create_dataset({
                    name: field,
                    data: Float64Array.from(value.data),
                    shape: value.shape,
                    dtype: "<f8",
                });
        }
    }
}

function isInner(fields: Fields | Inner): fields is Inner {
    return Array.isArray(fields.edges);
}
