// `soma tune`: every combination of the constants that a kernel lets tuning choose, launched with the same arguments; what
// was best goes to the file of results, which programs give to `gpu.matrix`.

import { existsSync } from "node:fs";
import { CompileError, type Gpu, type Kernel, open, SomaError } from "../../../runtime/index.js";
import { cyclesOfCounters } from "../../../runtime/matrix/estimate.js";
import { NO_RESULTS, readResults, type TuningResult, withResult } from "../../../runtime/matrix/results.js";
import { combinationsOf, dimsOf } from "../../../runtime/matrix/tuned.js";
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
    const kernels = manifest.kernels.filter(({ tune: tunable = [] }) => tunable.length > 0);
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
    const measured: { readonly values: Readonly<Record<string, number>>; readonly cost: number }[] = [];
    for (const combination of combinationsOf(kernel)) {
        const name = Object.entries(combination)
            .map(([constant, value]) => `${constant}=${value}`)
            .join(" ");
        const cost = await costOf(gpu, source, kernel.name, combination, args.all);
        if (typeof cost === "string") writeError(`${name}: left out: ${cost}`);
        else {
            measured.push({ values: combination, cost });
            writeError(`${name}: ${cost < 100 ? cost.toFixed(3) : Math.round(cost).toLocaleString("en")} ${unit}`);
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
        dims: dimsOf(kernel, args.all),
        values: best.values,
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

/** What a launch costs, or in a few words why there is none. */
async function costOf(
    gpu: Gpu,
    source: { readonly text: string; readonly path: string },
    name: string,
    values: Readonly<Record<string, number>>,
    args: Parameters<Kernel>[0],
): Promise<number | string> {
    try {
        using module = await gpu.load({ source: source.text, path: source.path }, { const: values });
        const kernel = module.kernels[name] as Kernel;
        const launch = async () => {
            const result = await kernel(args);
            // Those that were not given are new with each launch.
            for (const output of Object.values(result.outputs)) output.dispose();
            return result;
        };
        const { counters } = await launch();
        if (counters !== "unavailable") return cyclesOfCounters(counters);
        const times: number[] = [];
        for (let round = 0; round < TIMED; round++) times.push((await launch()).milliseconds);
        return times.sort((a, b) => a - b)[Math.floor(TIMED / 2)] as number;
    } catch (error) {
        if (error instanceof CompileError) return error.message.split("\n")[0] ?? "it does not compile";
        if (error instanceof SomaError) return error.message;
        throw error;
    }
}
