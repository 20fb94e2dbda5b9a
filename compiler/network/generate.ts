// From a checked network to the source of its kernels and the manifest that says how to step it.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { badValue } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Target } from "../targets/targets.js";
import type { Around } from "./check-model.js";
import { generateLayers, layersInOrder } from "./generate-layers.js";
import { generatePopulations } from "./generate-populations.js";
import { Generation } from "./generation.js";
import type { Network } from "./network.js";
import { ringOf, stepsOf } from "./recording.js";

export interface Generated {
    /** Kernels, which are checked and compiled like all others. */
    readonly source: string;
    readonly manifest: NetworkManifest;
}

/** What kernels may use of the standard library. */
const IMPORTS = [
    "import std.random { below_u32, normal_f32, philox4x32, poisson_f32, uniform_f32 }",
    "import std.neuro { phi }",
];

/** Null where it can't run, which was reported. */
export function generateNetwork(network: Network, target: Target, given: Around["report"]): Generated | null {
    let failed = false;
    const report: Around["report"] = (diagnostic) => {
        failed ||= diagnostic.severity === "error";
        given(diagnostic);
    };
    const order = layersInOrder(network);
    if (order === null) {
        const what = "the layers of this network connect in a circle";
        const help = "activity passes each layer once: a circle of populations has time and delays";
        report(diagnose(badValue, network.span, { what, help }));
        return null;
    }
    const generation = new Generation(network, target, report);
    const { forward, learn } = generateLayers(generation, order);
    const step = generatePopulations(generation);
    if (step === null || failed) return null;
    const hasPopulations = network.populations.length > 0;
    const kernels = generation.texts;
    const source = [...IMPORTS.filter((line) => usesImport(line, kernels)), ...kernels].join("\n\n");
    const incoming = (name: string) => network.connections.some(({ to }) => to.name === name);
    const outgoing = (name: string) => network.connections.some(({ from }) => from.name === name);
    const passes = (name: string) =>
        network.connections.some(({ from, to }) => from.name === name && to.kind === "layer");
    // Where all layers lead somewhere, those that lead to populations alone are the last ones.
    const isLast = network.layers.every(({ name }) => outgoing(name)) ? passes : outgoing;
    const manifest: NetworkManifest = {
        name: network.name,
        doc: network.doc,
        dt: network.dt,
        parameters: generation.parameters,
        constants: generation.columns,
        parts: [
            ...network.layers.map(({ name, size }) => ({
                kind: "layer" as const,
                name,
                size,
                isInput: !incoming(name),
                isOutput: !isLast(name),
            })),
            ...network.populations.map(({ name, size, model }) => ({
                kind: "population" as const,
                name,
                size,
                emits: model.spikes.length > 0,
                model: model.name,
            })),
        ],
        connections: generation.connections,
        buffers: [
            {
                name: "constants",
                element: "f32",
                extents: ["batch", Math.max(1, generation.columns.length)],
                initial: { kind: "filled" },
                isState: false,
                pool: null,
            },
            ...(hasPopulations
                ? [
                      {
                          name: "clock",
                          element: "i32" as const,
                          extents: [1],
                          initial: { kind: "filled" as const },
                          isState: false,
                          pool: null,
                      },
                      {
                          name: "findings",
                          element: "u64" as const,
                          extents: ["batch"],
                          initial: { kind: "ones" as const },
                          isState: false,
                          pool: null,
                      },
                  ]
                : []),
            ...generation.buffers,
        ],
        schedules: { forward, learn, step },
        records: network.records.map((record) => ({
            what: record.what,
            of: record.of.name,
            every: record.what === "spikes" ? 1 : stepsOf(record),
            ring: record.what === "spikes" ? null : ringOf(record),
        })),
        findings: generation.findings,
        notes: generation.notes,
    };
    return { source: `${source}\n`, manifest };
}

/** The imports that name something the kernels mention: an unused one is a warning. */
function usesImport(line: string, kernels: readonly string[]): boolean {
    const names = line.match(/\{(.*)\}/)?.[1]?.split(",") ?? [];
    return names.some((name) => kernels.some((kernel) => new RegExp(`\\b${name.trim()}\\b`).test(kernel)));
}
