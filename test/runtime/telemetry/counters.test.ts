// Counters of AMD GPUs through a library that answers as ROCm's profiling library does. Each test is a process of its own: a process
// registers with that library once.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../../../compiler/shell/package-root.js";

const folder = mkdtempSync(join(tmpdir(), "soma-counters-"));
afterAll(() => rmSync(folder, { recursive: true }));

const library = join(folder, "librocprofiler.so");
execFileSync("cc", [
    ...["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"],
    ...[join(packageRoot(), "test/runtime/telemetry/fake_rocprofiler.c"), "-o", library],
]);

/** What the body of a function gives that has `addon`, the native one, and `read()`, the counters at 0000:03:00. */
function run(body: string, environment: Readonly<Record<string, string>> = {}): unknown {
    const addon = join(packageRoot(), "build/native/soma_hip.node");
    const script = `const addon = require(${JSON.stringify(addon)});
        const library = ${JSON.stringify(library)};
        const read = () => addon.readSensors(0, 3, 0, "/no/such/library")?.counters;
        console.log(JSON.stringify((() => { ${body} })()));`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script], {
        encoding: "utf8",
        env: { ...process.env, ...environment },
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    return JSON.parse(stdout);
}

it("are added up over the parts of the device, from their start on", () => {
    const told = run(`return [
        addon.prepareCounters(library), addon.startCounters(0, 3, 0, ["WAVES"]), read(), read(),
        addon.startCounters(0, 3, 0, ["CYCLES"]), read(), addon.readSensors(0, 1, 0, "/no/such/library") ?? "nothing",
    ];`);
    // Each part counts ten with each sample, and the second one more.
    expect(told).toEqual([true, [], { WAVES: 21 }, { WAVES: 41 }, [], { CYCLES: 10 }, "nothing"]);
});

it("that a device lacks, or not at a time, are named", () => {
    const told = run(`return [
        addon.prepareCounters(library), addon.startCounters(0, 3, 0, ["WAVES", "SPAM", "EGGS"]), read() ?? "nothing",
        addon.startCounters(0, 3, 0, ["WAVES", "CYCLES"]), read() ?? "nothing",
        addon.startCounters(0, 4, 0, ["WAVES"]) ?? "nothing",
    ];`);
    expect(told).toEqual([true, ["SPAM", "EGGS"], "nothing", ["WAVES", "CYCLES"], "nothing", "nothing"]);
});

it("are not there without a library, or where HIP is in use already", () => {
    const missing =
        'return [addon.prepareCounters("libm.so.6"), addon.startCounters(0, 3, 0, ["WAVES"]) ?? "nothing"];';
    expect(run(missing)).toEqual([false, "nothing"]);
    const locked = 'return [addon.prepareCounters(library), addon.startCounters(0, 3, 0, ["WAVES"]) ?? "nothing"];';
    expect(run(locked, { FAKE_ROCPROFILER_LOCKED: "1" })).toEqual([false, "nothing"]);
});

it("are refused by names that are none", () => {
    const refusals =
        run(`return [() => addon.startCounters(0, 3, 0, "WAVES"), () => addon.startCounters(-1, 3, 0, [])].map((call) => {
        try { call(); } catch (error) { return error.name; }
    });`);
    expect(refusals).toEqual(["TypeError", "RangeError"]);
});
