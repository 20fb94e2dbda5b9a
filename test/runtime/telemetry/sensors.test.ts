// Sensors of AMD GPUs through a library that answers as ROCm's does, in the layouts of its versions.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import { Gpu } from "../../../runtime/gpu.js";
import { loadAddon } from "../../../runtime/hip/addon.js";
import { open } from "../../../runtime/index.js";
import { collectMetrics } from "../../../runtime/telemetry/prometheus.js";
import { prepareCounters, startCounters } from "../../../runtime/telemetry/sensors.js";
import { FakeDevice } from "../fake-device.js";

const folder = mkdtempSync(join(tmpdir(), "soma-smi-"));
afterAll(() => rmSync(folder, { recursive: true }));

function build(source: string, name: string, ...flags: readonly string[]): string {
    const output = join(folder, name);
    const path = join(packageRoot(), `test/runtime/telemetry/${source}.c`);
    execFileSync("cc", ["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", ...flags, path, "-o", output]);
    return output;
}

const COMMON = { powerWatts: 123, coreMHz: 1000, memoryMHz: 2000, usedBytes: 3 * 2 ** 30, totalBytes: 24 * 2 ** 30 };

class DeviceOnBus3 extends FakeDevice {
    override attribute(name: Parameters<FakeDevice["attribute"]>[0]): number {
        return name === "pciBusId" ? 3 : super.attribute(name);
    }
}

describe("sensors", () => {
    it.each([
        ["today's", [], 45.5],
        ["ROCm 5's", ["-DOLD"], 45.501],
    ])("are told by %s library, for the device at the address", (name, flags, temperatureCelsius) => {
        const library = build("fake_smi", `${name.slice(0, 4)}.so`, ...flags);
        // It has no function for how busy the GPU is.
        expect(loadAddon().readSensors(0, 3, 0, library)).toEqual({ ...COMMON, temperatureCelsius });
        expect(loadAddon().readSensors(0, 4, 0, library)).toBeUndefined();
        expect(loadAddon().readSensors(1, 3, 0, library)).toBeUndefined();
    });

    it("are not there without a library, or of a virtual GPU", async () => {
        expect(loadAddon().readSensors(0, 3, 0, join(folder, "missing.so"))).toBeUndefined();
        expect(loadAddon().readSensors(0, 3, 0, "libm.so.6")).toBeUndefined();
        expect(() => loadAddon().readSensors(-1, 3, 0)).toThrow(RangeError);
        using gpu = await open("vgpu:gfx1100", { counters: ["SQ_WAVES"] });
        expect(gpu.sensors()).toBeUndefined();
        await expect(open("vgpu:gfx1100", { counters: [] })).rejects.toThrow(/counters are names/);
    });

    it("are metrics", async () => {
        process.env.SOMA_SMI_LIBRARY = build("fake_smi", "metrics.so");
        process.env.SOMA_ROCPROFILER_LIBRARY = build("fake_rocprofiler", "rocprofiler.so");
        prepareCounters(["WAVES"]);
        const device = new DeviceOnBus3();
        expect(() => startCounters(device, ["WAVES", "SPAM"])).toThrow(/fake GPU can't count SPAM: `rocprofv3/);
        startCounters(device, ["WAVES"]);
        const gpu = new Gpu(device, "hip");
        expect(gpu.sensors()).toEqual({ ...COMMON, temperatureCelsius: 45.5, counters: { WAVES: 21 } });
        const registry = new Registry();
        const metrics = collectMetrics({ registry, gpus: [gpu] });
        const text = await registry.metrics();
        expect(text).toContain('soma_gpu_temperature_celsius{device="hip:0"} 45.5');
        expect(text).toContain('soma_gpu_core_clock_hertz{device="hip:0"} 1000000000');
        expect(text).not.toContain("soma_gpu_busy_ratio{");
        expect(text).toMatch(/soma_gpu_counter\{device="hip:0",counter="WAVES"\} \d+1\n/);
        gpu.close();
        expect(await registry.metrics()).not.toContain('{device="hip:0"} 45.5');
        metrics.stop();
        delete process.env.SOMA_SMI_LIBRARY;
        delete process.env.SOMA_ROCPROFILER_LIBRARY;
    });
});
