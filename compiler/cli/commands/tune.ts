// `soma tune`: every combination of the constants that a kernel lets tuning choose, launched with the same arguments; what
// was best goes to the file of results, which programs give to `gpu.matrix`.

import { existsSync } from "node:fs";
import { CompileError, type Gpu, type Kernel, type LaunchResult, open, SomaError } from "../../../runtime/index.js";
import { cyclesOfCounters, shareOfBusiest } from "../../../runtime/matrix/estimate.js";
import { NO_RESULTS, readResults, type TuningResult, withResult } from "../../../runtime/matrix/results.js";
import { Shares } from "../../../runtime/matrix/shares.js";
import { dimsOf, Split } from "../../../runtime/matrix/split.js";
import { type Choice, combinationsOf } from "../../../runtime/matrix/tuned.js";
import { EXIT, UsageError, UserError } from "../errors.js";
import { readSource, writeAtomically } from "../files.js";
import { writeError } from "../terminal.js";
import { makeArguments } from "../values/arguments.js";
import { parseBinding, type Value } from "../values/value.js";

export interface TuneOptions {
    readonly kernel?: string;
    readonly arg?: readonly string[];
    readonly device?: string;
    readonly output?: string;
    /** Names of kernels, `parts,sum`, that split the sums of this one. */
    readonly split?: string;
    /** Names of kernels, `shares,sum`, that give workgroups equal shares of it. */
    readonly shares?: string;
}

/** Launches that are timed on hardware, of which the middle one counts, behind one that warms up. */
const TIMED = 9;

export async function tune(file: string, options: TuneOptions): Promise<number> {
    const source = await readSource(file);
    const output = options.output ?? `${file.replace(/\.soma$/, "")}.tune.json`;
    const values = new Map<string, Value>(
        (options.arg ?? []).map((text) => {
            const { name, value } = parseBinding(text);
            return [name, value];
        }),
    );
    using gpu = await open(options.device);
    const { manifest } = await gpu.load({ source: source.text, path: source.path });
    const namesIn = (text: string | undefined) => text?.split(",").map((name) => name.trim()) ?? [];
    const [splitting, sharing] = [namesIn(options.split), namesIn(options.shares)];
    const named = [...splitting, ...sharing];
    const kernels = manifest.kernels.filter(
        ({ name, tune: tunable = [] }) => (tunable.length > 0 || named.length > 0) && !named.includes(name),
    );
    const kernel = kernels.find(({ name }) => options.kernel === undefined || name === options.kernel);
    if (kernel === undefined) {
        const help = "write `const BM: index in [64, 128]` between `<` and `>` of a kernel";
        throw new UserError(`${file} has no ${options.kernel ?? "kernel"} with constants to choose`, help);
    }
    if (options.kernel === undefined && kernels.length > 1) {
        const names = kernels.map(({ name }) => name).join(", ");
        throw new UsageError(`${file} has several kernels`, `choose one with --kernel: ${names}`);
    }
    const args = await makeArguments(gpu, kernel, values);
    const unit = gpu.counts ? "estimated cycles" : "ms";
    const dims = dimsOf(kernel, args.all);
    const split = pair(splitting, "--split", "parts");
    const share = pair(sharing, "--shares", "shares");
    const plans = new Plans(
        gpu,
        kernel.name,
        split && new Split({ parts: split[0], sum: split[1] }, kernel, manifest.kernels),
        share && new Shares({ shares: share[0], sum: share[1] }, kernel, manifest.kernels),
    );
    const measured: Measured[] = [];
    for (const values of combinationsOf(kernel)) {
        for (const plan of plans.all(dims)) {
            const constants = Object.entries(values).map(([constant, value]) => `${constant}=${value}`);
            const name = [...constants, ...plans.described(plan)].join(" ");
            const cost = await costOf(gpu, source, plans.run(plan, args.all), values);
            if (typeof cost === "string") writeError(`${name}: left out: ${cost}`);
            else {
                measured.push({ values, plan, cost });
                writeError(`${name}: ${cost < 100 ? cost.toFixed(3) : Math.round(cost).toLocaleString("en")} ${unit}`);
            }
        }
    }
    const [first] = measured;
    if (first === undefined) throw new UserError("no combination could be launched");
    const best = measured.reduce((least, each) => (each.cost < least.cost ? each : least));
    const { compiler } = manifest;
    const result: TuningResult = {
        kernel: kernel.name,
        device: gpu.target,
        compiler,
        dims,
        values: best.values,
        ...(best.plan.parts > 1 && { parts: best.plan.parts }),
        ...(best.plan.shares > 0 && { shares: best.plan.shares }),
        cost: best.cost,
        costOfDefault: first.cost,
        unit,
    };
    const before = existsSync(output) ? readResults(output) : NO_RESULTS;
    const text = `${JSON.stringify(withResult(before, result), null, 4)}\n`;
    await writeAtomically(output, new TextEncoder().encode(text));
    writeError(`wrote ${output}`);
    return EXIT.ok;
}

interface Measured {
    readonly values: Readonly<Record<string, number>>;
    readonly plan: Plan;
    readonly cost: number;
}

/** The two kernels that an option names; null without it. */
function pair(names: readonly string[], option: string, what: string): readonly [string, string] | null {
    const [first, sum] = names;
    if (names.length === 0) return null;
    if (first === undefined || sum === undefined || names.length > 2) {
        throw new UsageError(
            `${option} takes two kernels`,
            `the one that makes ${what} and the one that adds them: ${option} ${what},sum`,
        );
    }
    return [first, sum];
}

/** How several workgroups share blocks. */
type Plan = Pick<Choice, "parts" | "shares">;

/** One run of what is tuned: each of its launches. */
type Run = (kernels: Readonly<Record<string, Kernel>>) => Promise<readonly LaunchResult[]>;

/** The ways in which a kernel's work can be shared out. */
class Plans {
    constructor(
        readonly gpu: Gpu,
        readonly name: string,
        readonly split: Split | null,
        readonly shares: Shares | null,
    ) {}

    all(dims: Readonly<Record<string, number>>): readonly Plan[] {
        const { computeUnits } = this.gpu.properties;
        const parts = this.split?.candidates(dims, computeUnits) ?? [1];
        const shares = this.shares?.candidates(dims, computeUnits) ?? [];
        return [
            ...parts.map((count) => ({ parts: count, shares: 0 })),
            ...shares.map((count) => ({ parts: 1, shares: count })),
        ];
    }

    described({ parts, shares }: Plan): readonly string[] {
        return [...(this.split ? [`parts=${parts}`] : []), ...(this.shares ? [`shares=${shares}`] : [])];
    }

    run({ parts, shares }: Plan, args: Parameters<Kernel>[0]): Run {
        return async (kernels) => {
            const results = await this.#launches(kernels, { parts, shares }, args);
            // Those that were not given are new with each launch.
            for (const { outputs } of results) for (const output of Object.values(outputs)) output.dispose();
            return results;
        };
    }

    async #launches(
        kernels: Readonly<Record<string, Kernel>>,
        { parts, shares }: Plan,
        args: Parameters<Kernel>[0],
    ): Promise<readonly LaunchResult[]> {
        if (this.shares && shares > 0) return (await this.shares.launch(this.gpu, kernels, args, shares)).each;
        if (this.split && parts > 1) return (await this.split.launch(this.gpu, kernels, args, parts)).each;
        return [await (kernels[this.name] as Kernel)(args)];
    }
}

/** What a run costs, or in a few words why there is none. */
async function costOf(
    gpu: Gpu,
    source: { readonly text: string; readonly path: string },
    run: Run,
    values: Readonly<Record<string, number>>,
): Promise<number | string> {
    try {
        using module = await gpu.load({ source: source.text, path: source.path }, { const: values });
        const launches = await run(module.kernels);
        const { computeUnits } = gpu.properties;
        let cycles: number | null = 0;
        for (const { counters, grid } of launches) {
            if (counters === "unavailable") cycles = null;
            else if (cycles !== null) {
                const workgroups = grid.reduce((product, count) => product * count, 1);
                cycles += cyclesOfCounters(counters) * shareOfBusiest(workgroups, computeUnits);
            }
        }
        if (cycles !== null) return cycles;
        const times: number[] = [];
        for (let round = 0; round < TIMED; round++) {
            times.push((await run(module.kernels)).reduce((sum, { milliseconds }) => sum + milliseconds, 0));
        }
        return times.sort((a, b) => a - b)[Math.floor(TIMED / 2)] as number;
    } catch (error) {
        if (error instanceof CompileError) return error.message.split("\n")[0] ?? "it does not compile";
        if (error instanceof SomaError) return error.message;
        throw error;
    }
}
