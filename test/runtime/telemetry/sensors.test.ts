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
import { FakeDevice } from "../fake-device.js";

const folder = mkdtempSync(join(tmpdir(), "soma-smi-"));
afterAll(() => rmSync(folder, { recursive: true }));

function build(name: string, ...flags: readonly string[]): string {
    const output = join(folder, name);
    const source = join(packageRoot(), "test/runtime/telemetry/fake_smi.c");
    execFileSync("cc", ["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", ...flags, source, "-o", output]);
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
        const library = build(`${name.slice(0, 4)}.so`, ...flags);
        // It has no function for how busy the GPU is.
        expect(loadAddon().readSensors(0, 3, 0, library)).toEqual({ ...COMMON, temperatureCelsius });
        expect(loadAddon().readSensors(0, 4, 0, library)).toBeUndefined();
        expect(loadAddon().readSensors(1, 3, 0, library)).toBeUndefined();
    });

    it("are not there without a library, or of a virtual GPU", async () => {
        expect(loadAddon().readSensors(0, 3, 0, join(folder, "missing.so"))).toBeUndefined();
        expect(loadAddon().readSensors(0, 3, 0, "libm.so.6")).toBeUndefined();
        expect(() => loadAddon().readSensors(-1, 3, 0)).toThrow(RangeError);
        using gpu = await open("vgpu:gfx1100");
        expect(gpu.sensors()).toBeUndefined();
    });

    it("are metrics", async () => {
        process.env.SOMA_SMI_LIBRARY = build("metrics.so");
        const gpu = new Gpu(new DeviceOnBus3(), "hip");
        expect(gpu.sensors()).toMatchObject(COMMON);
        const registry = new Registry();
        const metrics = collectMetrics({ registry, gpus: [gpu] });
        const text = await registry.metrics();
        expect(text).toContain('soma_gpu_temperature_celsius{device="hip:0"} 45.5');
        expect(text).toContain('soma_gpu_core_clock_hertz{device="hip:0"} 1000000000');
        expect(text).not.toContain("soma_gpu_busy_ratio{");
        gpu.close();
        expect(await registry.metrics()).not.toContain('{device="hip:0"} 45.5');
        metrics.stop();
        delete process.env.SOMA_SMI_LIBRARY;
    });
});
