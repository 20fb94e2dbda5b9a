// NIR's nested graphs, delays and neurons without spikes, against their equations (nir/ir of the package nir) stepped in
// double precision; written and read again.

import { expect, test } from "vitest";
import { exportNir, type ImportedNetwork, importNir, type NetworkDefinition } from "../../runtime/index.js";
import { decodeHdf5, type Hdf5Tree } from "../../runtime/network/hdf5.js";
import { testGpu } from "../run/harness.js";
import { list, nirFile } from "./nir-files.js";

const matrix = (...rows: readonly (readonly number[])[]) => ({
    shape: [rows.length, (rows[0] as readonly number[]).length],
    data: rows.flat(),
});

const W_IN = [
    [0.9, -0.4, 2],
    [1.5, 0.8, -1],
] as const;
const W_BACK = [
    [0, -1.5],
    [0.7, 0],
] as const;
const W_LATE = [3, 5] as const;

/** input → 3 ms → a graph with a recurrent LIF → a current-based leaky integrator, and late by neuron an integrator. */
const FILE = () =>
    nirFile(
        {
            input: { type: "Input", shape: list(3) },
            wait: { type: "Delay", delay: list(0.003, 0.003, 0.003) },
            rnn: {
                nodes: {
                    input: { type: "Input", shape: list(3) },
                    fc: { type: "Linear", weight: matrix(...W_IN) },
                    lif: {
                        type: "LIF",
                        tau: list(0.01, 0.02),
                        r: list(1, 2),
                        v_leak: list(0, 0.1),
                        v_threshold: list(0.15, 0.2),
                    },
                    back: { type: "Linear", weight: matrix(...W_BACK) },
                    output: { type: "Output", shape: list(2) },
                },
                edges: ["input", "fc", "fc", "lif", "lif", "back", "back", "lif", "lif", "output"],
            },
            cuba: {
                type: "CubaLI",
                tau_syn: list(0.004, 0.008),
                tau_mem: list(0.01, 0.03),
                r: list(1, 2),
                v_leak: list(0.25, 0),
                w_in: list(2, 1),
            },
            late: { type: "Delay", delay: list(0.002, 0) },
            fc2: { type: "Linear", weight: matrix(W_LATE) },
            total: { type: "I", r: list(20) },
            sum: { type: "Linear", weight: matrix([0.7, 1]) },
            both: { type: "Threshold", threshold: list(0.8) },
            output: { type: "Output", shape: list(1) },
        },
        [
            ...["input", "wait", "wait", "rnn", "rnn", "cuba"],
            ...["rnn", "late", "late", "fc2", "fc2", "total", "total", "output"],
            ...["rnn", "sum", "sum", "both", "both", "output"],
        ],
    );

const STEPS = 40;
const inputAt = (step: number, i: number) => (step >= 0 && (step * (i + 3)) % 4 === 0 ? 1 : 0);

interface Course {
    readonly lif: string[];
    /** Steps in which the threshold's sum was above it. */
    readonly both: number[];
    readonly cuba: number[];
    readonly total: number[];
}

/** A spike is an input of 1 in the step after its delay, of which one step is the least; equations step by exponential Euler. */
function reference(): Course {
    const course: Course = { lif: [], both: [], cuba: [], total: [] };
    const fired: number[][] = [];
    const before = (step: number, j: number) => fired[step]?.[j] ?? 0;
    let [v, i, u, total] = [[0, 0], [0, 0], [0, 0], 0];
    const approach = (x: number, goal: number, tau: number) => goal + (x - goal) * Math.exp(-1 / tau);
    for (let step = 0; step < STEPS; step++) {
        const last = [before(step - 1, 0), before(step - 1, 1)] as const;
        if (0.7 * last[0] + last[1] > 0.8) course.both.push(step);
        const product = (row: readonly [number, number]) => row[0] * last[0] + row[1] * last[1];
        total += (20 * (W_LATE[0] * before(step - 2, 0) + W_LATE[1] * last[1])) / 1000;
        u = u.map((x, j) =>
            approach(x, ([0.25, 0][j] as number) + ([1, 2][j] as number) * (i[j] as number), [10, 30][j] as number),
        );
        i = i.map((x, j) => approach(x, ([2, 1][j] as number) * (last[j] as number), [4, 8][j] as number));
        const next = [0, 0];
        v = v.map((x, at) => {
            const j = at as 0 | 1;
            const given = W_IN[j].reduce((sum, w, k) => sum + w * inputAt(step - 3, k), product(W_BACK[j]));
            const moved = approach(x, [0, 0.1][j] as number, [10, 20][j] as number);
            const raised = moved + ([1, 2][j] as number) * given * (1 - Math.exp(-1 / ([10, 20][j] as number)));
            if (raised <= ([0.15, 0.2][j] as number)) return raised;
            next[j] = 1;
            course.lif.push(`${step}:${j}`);
            return 0;
        });
        fired.push(next);
        course.cuba.push(...u);
        course.total.push(total);
    }
    return course;
}

async function run(imported: ImportedNetwork, nameOf: (node: string) => string) {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: imported.source, path: "nodes.soma" });
    using net = gpu.network(networks.imported as NetworkDefinition, { data: imported.data });
    await imported.load(net);
    const course: Course = { lif: [], both: [], cuba: [], total: [] };
    for (let step = 0; step < STEPS; step++) {
        await net.state(`${nameOf("input")}.emits`).write(Float32Array.from([0, 1, 2], (k) => inputAt(step, k)));
        await net.step();
        for (const [node, values] of [
            ["cuba", course.cuba],
            ["total", course.total],
        ] as const)
            values.push(...((await net.state(`${nameOf(node)}.v`).read()) as Float32Array));
    }
    const { steps, neurons } = net.spikes(nameOf("rnn.lif"));
    course.both.push(...net.spikes(nameOf("both")).steps);
    course.lif.push(...Array.from(steps, (step, at) => `${step}:${neurons[at]}`));
    return { course, file: await exportNir(net) };
}

test("nested graphs, delays, thresholds, CubaLI and I", async () => {
    const expected = reference();
    expect(expected.lif.length).toBeGreaterThan(5);
    expect(expected.both.length).toBeGreaterThan(1);
    const imported = await importNir(await FILE());
    expect(imported.names["rnn.lif"]).toBe("node_rnn.node_lif");
    const first = await run(imported, (node) => imported.names[node] as string);
    // The graph within the graph is written as one.
    const { node } = (await decodeHdf5(first.file)) as { node: { nodes: Hdf5Tree } };
    const inner = node.nodes.rnn as { type: string; nodes: Hdf5Tree };
    expect([inner.type, Object.keys(inner.nodes).sort()]).toEqual(["NIRGraph", ["input", "lif", "lif_lif", "output"]]);
    const again = await importNir(first.file);
    expect(Object.keys(again.names)).toContain("rnn.lif");
    const second = await run(again, (node) => again.names[node] as string);
    for (const { course } of [first, second]) {
        expect(course.lif).toEqual(expected.lif);
        expect(course.both).toEqual(expected.both);
        for (const key of ["cuba", "total"] as const) {
            expect(course[key]).toHaveLength(expected[key].length);
            for (const [at, value] of course[key].entries()) expect(value).toBeCloseTo(expected[key][at] as number, 4);
        }
    }
});
