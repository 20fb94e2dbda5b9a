// `npm run bench:frontend`: how fast text becomes LLVM IR, stage by stage, and how the time grows with the text: in a process
// that has compiled before, and first of all in one that has not. Node has the flag that the command starts it with.

import { cpus } from "node:os";
import { emitModule } from "../../compiler/emit/emit.js";
import { moduleContents } from "../../compiler/ir/contents.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { manifestOf } from "../../compiler/lower/manifest.js";
import { runPasses } from "../../compiler/passes/pipeline.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { lex } from "../../compiler/syntax/lexer.js";
import { parse } from "../../compiler/syntax/parse.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { programOf } from "./program.js";

/** Seconds for each part; those of lexing are also in parsing, those of parsing also in checking. */
interface Times {
    readonly lex: number;
    readonly parse: number;
    readonly check: number;
    readonly lower: number;
    readonly passes: number;
    readonly emit: number;
    /** By the clock, to LLVM IR. */
    readonly elapsed: number;
}

/**
 * Processor time, so that what else the machine does counts little; garbage collection is in it, and what the JavaScript
 * engine compiles meanwhile on threads of its own.
 */
function seconds<T>(work: () => T): readonly [number, T] {
    const start = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(start);
    return [(user + system) / 1e6, result];
}

function measure(text: string): Times {
    const source = { path: "bench.soma", text };
    const [lexing] = seconds(() => lex(text));
    const [parsing] = seconds(() => parse(source));
    const start = performance.now();
    const [checking, { program, diagnostics }] = seconds(() => checkProgram(source, loadModule));
    if (program === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    const [lowering, module] = seconds(() => lowerProgram(program));
    const [passes] = seconds(() => runPasses(module, DEFAULT_TARGET));
    const [emission] = seconds(() => {
        const contents = moduleContents(module);
        const manifest = manifestOf(program, contents, DEFAULT_TARGET, "bench");
        return emitModule(contents, manifest, source, DEFAULT_TARGET);
    });
    const elapsed = (performance.now() - start) / 1e3;
    return { lex: lexing, parse: parsing, check: checking, lower: lowering, passes, emit: emission, elapsed };
}

function toLlvm({ check, lower, passes, emit }: Times): number {
    return check + lower + passes + emit;
}

/** Of several runs the one that was disturbed least. */
function best(text: string, runs: number): Times {
    const all = Array.from({ length: runs }, () => measure(text));
    return all.reduce((least, times) => (toLlvm(times) < toLlvm(least) ? times : least));
}

/** The slope of log(time) over log(size) by least squares: 1 is linear. */
function exponentOf(points: readonly (readonly [bytes: number, seconds: number])[]): number {
    const logs = points.map(([bytes, time]) => [Math.log(bytes), Math.log(time)] as const);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [x, y] = [mean(logs.map(([a]) => a)), mean(logs.map(([, b]) => b))];
    const covariance = mean(logs.map(([a, b]) => (a - x) * (b - y)));
    return covariance / mean(logs.map(([a]) => (a - x) ** 2));
}

const rate = (bytes: number, time: number) => (bytes / 1e6 / time).toFixed(2).padStart(8);

/** Sizes, and how often each is compiled: the engine is done with compiling what is hot after some megabytes. */
const SIZES = [
    [10_000, 20],
    [100_000, 10],
    [1_000_000, 10],
    [10_000_000, 2],
] as const;

function print(text: string, times: Times): void {
    const bytes = Buffer.byteLength(text);
    const stages = [times.lex, times.parse, times.check, times.lower, times.passes, times.emit];
    const cells = stages.map((time) => rate(bytes, time)).join("");
    const whole = [times.check, toLlvm(times), times.elapsed].map((time) => rate(bytes, time)).join("    ");
    console.log(`${(bytes / 1e6).toFixed(2).padStart(8)}${cells} | ${whole}`);
}

console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}; MB of text per second of processor time`);
console.log("    size     lex   parse   check   lower  passes    emit | to checked  to LLVM IR  by the clock");
const large = programOf(1_000_000);
print(large, measure(large));
console.log("above the first compile of the process, which the engine mostly interprets; below those that come later");
best(large, 5);

const checked: [number, number][] = [];
const compiled: [number, number][] = [];
for (const [size, runs] of SIZES) {
    const text = programOf(size);
    const bytes = Buffer.byteLength(text);
    const times = best(text, runs);
    print(text, times);
    checked.push([bytes, times.check]);
    compiled.push([bytes, toLlvm(times)]);
}
const [toChecked, toIr] = [checked, compiled].map((points) => exponentOf(points).toFixed(2));
console.log(`from 10 kB to 10 MB, time grows with size to the power of ${toChecked} to checked, ${toIr} to LLVM IR`);
