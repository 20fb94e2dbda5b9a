// `npm run bench:frontend`: how fast text becomes LLVM IR, stage by stage, and how the time grows with the text.

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
}

/** Processor time, so that what else the machine does counts little; garbage collection is in it. */
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
    const [checking, { program, diagnostics }] = seconds(() => checkProgram(source, loadModule));
    if (program === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    const [lowering, module] = seconds(() => lowerProgram(program));
    const [passes] = seconds(() => runPasses(module, DEFAULT_TARGET));
    const [emission] = seconds(() => {
        const contents = moduleContents(module);
        const manifest = manifestOf(program, contents, DEFAULT_TARGET, "bench");
        return emitModule(contents, manifest, source, DEFAULT_TARGET);
    });
    return { lex: lexing, parse: parsing, check: checking, lower: lowering, passes, emit: emission };
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

// The first compiles run in the interpreter of the JavaScript engine.
best(programOf(200_000), 4);

console.log(`${cpus()[0]?.model.trim()}, Node ${process.version}; MB of text per second of processor time`);
console.log("    size     lex   parse   check   lower  passes    emit | to checked  to LLVM IR");
const checked: [number, number][] = [];
const compiled: [number, number][] = [];
for (const [size, runs] of [
    [10_000, 20],
    [100_000, 5],
    [1_000_000, 3],
    [10_000_000, 1],
] as const) {
    const text = programOf(size);
    const bytes = Buffer.byteLength(text);
    const times = best(text, runs);
    const stages = [times.lex, times.parse, times.check, times.lower, times.passes, times.emit];
    const cells = stages.map((time) => rate(bytes, time)).join("");
    console.log(
        `${(bytes / 1e6).toFixed(2).padStart(8)}${cells} | ${rate(bytes, times.check)}${rate(bytes, toLlvm(times))}`,
    );
    checked.push([bytes, times.check]);
    compiled.push([bytes, toLlvm(times)]);
}
const [toChecked, toIr] = [checked, compiled].map((points) => exponentOf(points).toFixed(2));
console.log(`from 10 kB to 10 MB, time grows with size to the power of ${toChecked} to checked, ${toIr} to LLVM IR`);
