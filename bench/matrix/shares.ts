// `npm run bench:shares`: what equal shares (stream-K) bring where blocks are no multiple of the compute units. A product of f16 with five
// blocks of 128 by 128 for every four units of the target, once with a workgroup for each block and once in shares. What is executed and asked of
// global memory the virtual GPU counts; how long the busiest unit takes, and how much of the units' time is used, is an estimate (runtime/matrix/estimate.ts).
// `--update` writes the table into RESULTS.md.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { type Gpu, type Kernel, type LaunchResult, open } from "../../runtime/index.js";
import {
    cyclesOfBlocks,
    cyclesOfCounters,
    cyclesOfShares,
    type Extents,
    shareOfBusiest,
} from "../../runtime/matrix/estimate.js";
import { workgroupsFor } from "../../runtime/matrix/shares.js";

const TARGETS = ["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"];
const RESULTS = join(packageRoot(), "bench", "matrix", "RESULTS.md");
const MARKS = ["<!-- shares -->", "<!-- /shares -->"] as const;
const DEPTH = 2048;
const WHOLE: Extents = [128, 128, 32];
const SHARE: Extents = [128, 64, 32];
const SOURCE = `import std.linalg { matmul, matmul_shares, sum_shares }
instance whole = matmul<f16, BM: 128, BN: 128>
instance shares = matmul_shares<f16>
instance sum = sum_shares<f16>
`;
const HEADINGS = [
    "target",
    "units",
    "m, n",
    "blocks",
    "used",
    "shares",
    "used",
    "instructions",
    "bytes",
    "counted",
    "model",
];

/** Five blocks for every four units, as square as can be. */
function extentsFor(computeUnits: number): readonly [m: number, n: number] {
    const blocks = Math.round((5 * computeUnits) / 4);
    let rows = Math.floor(Math.sqrt(blocks));
    while (blocks % rows !== 0) rows--;
    return [128 * rows, (128 * blocks) / rows];
}

interface Counted {
    readonly instructions: number;
    readonly bytes: number;
    /** Of the busiest unit, by what `soma tune` counts for instructions. */
    readonly cycles: number;
}

async function counted(gpu: Gpu, launch: () => Promise<readonly LaunchResult[]>): Promise<Counted> {
    const { virtual } = gpu;
    if (!virtual) throw new Error("only a virtual GPU counts");
    virtual.profiling(true);
    const launches = await launch();
    const { kernels } = virtual.profile();
    virtual.profiling(false);
    let [instructions, bytes] = [0, 0];
    for (const { instructions: by, global } of kernels) {
        const { wait = 0, other = 0 } = by;
        instructions += Object.values(by).reduce((sum, each) => sum + each, 0) - wait - other;
        bytes += global.usefulBytes;
    }
    let cycles = 0;
    for (const { counters, grid } of launches) {
        if (counters === "unavailable") throw new Error("launches were not counted apart");
        cycles += cyclesOfCounters(counters) * shareOfBusiest(grid[0] * grid[1], gpu.properties.computeUnits);
    }
    return { instructions, bytes, cycles };
}

const ratio = (to: number, from: number) => (to / from).toFixed(3);
const percent = (share: number) => `${Math.round(100 * share)} %`;

async function row(target: string): Promise<readonly string[]> {
    using gpu = await open(`vgpu:${target}`);
    const { computeUnits } = gpu.properties;
    const [m, n] = extentsFor(computeUnits);
    const k = DEPTH;
    const blocks = (m / 128) * (n / 128);
    const workgroups = workgroupsFor([m, n, k], SHARE, computeUnits);
    const rounds = 2 * blocks * (k / 32);
    using module = await gpu.load({ source: SOURCE });
    const { whole, shares, sum } = module.kernels;
    const values = (count: number) => Array.from({ length: count }, (_, at) => ((at * 7) % 13) - 6);
    using a = gpu.tensor("f16", [m, k], values(m * k));
    using b = gpu.tensor("f16", [k, n], values(k * n));
    using c = gpu.tensor("f16", [m, n]);
    using parts = gpu.tensor("f32", [workgroups, 2, 128, 64]);
    const before = await counted(gpu, async () => [await (whole as Kernel)({ a, b, c })]);
    const expected = await c.read();
    const after = await counted(gpu, async () => [
        await (shares as Kernel)({ a, b, c, parts }),
        await (sum as Kernel)({ parts, k, c }),
    ]);
    requireSame(expected, await c.read());
    return [
        target,
        String(computeUnits),
        `${m}, ${n}`,
        String(blocks),
        percent(blocks / computeUnits / Math.ceil(blocks / computeUnits)),
        String(workgroups),
        percent(rounds / workgroups / Math.ceil(rounds / workgroups)),
        ratio(after.instructions, before.instructions),
        ratio(after.bytes, before.bytes),
        ratio(after.cycles, before.cycles),
        ratio(
            cyclesOfShares([m, n, k], SHARE, workgroups, computeUnits),
            cyclesOfBlocks(blocks, [WHOLE[0], WHOLE[1], k], computeUnits),
        ),
    ];
}

/** Sums of small integers are exact, in whatever order. */
function requireSame(expected: ArrayLike<number>, found: ArrayLike<number>): void {
    for (let at = 0; at < expected.length; at++) {
        if (expected[at] !== found[at]) throw new Error(`${expected[at]} and ${found[at]} at ${at}`);
    }
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const lines = [
    line(HEADINGS),
    `|---|${HEADINGS.slice(1)
        .map(() => "---:|")
        .join("")}`,
];
for (const target of TARGETS) lines.push(line(await row(target)));
const table = lines.join("\n");
console.log(table);
if (process.argv.includes("--update")) {
    const text = readFileSync(RESULTS, "utf8");
    const [before = "", rest = ""] = text.split(MARKS[0]);
    const [, after = ""] = rest.split(MARKS[1]);
    writeFileSync(RESULTS, [before, [MARKS[0], table, MARKS[1]].join("\n\n"), after].join(""));
}
