import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { open } from "../../../runtime/index.js";
import { collectMetrics } from "../../../runtime/telemetry/prometheus.js";

const SOURCE = `
kernel fill_with(a: f32, x: mut f32[n]) over i in n {
    assert(a < 100.0)
    x[i] = a
}`;

/** A metric's value in Prometheus' text format, by its name and labels as they are written there. */
async function metricValue(registry: Registry, metric: string): Promise<number | undefined> {
    const line = (await registry.metrics()).split("\n").find((each) => each.startsWith(`${metric} `));
    return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

it("counts what happens, in Prometheus' text format, until it is stopped", async () => {
    const registry = new Registry();
    const metrics = collectMetrics({ registry });
    using gpu = await open("vgpu:gfx1100");
    const { fill_with } = await gpu.load<"fill_with">({ source: SOURCE });
    const x = gpu.tensor("f32", [256]);
    const result = await fill_with({ a: 1, x });
    await fill_with({ a: 2, x });
    await expect(fill_with({ a: 200, x })).rejects.toThrow();
    await x.read();
    const graph = await gpu.capture({}, () => {
        for (let i = 0; i < 3; i++) fill_with.enqueue({ a: i, x });
    });
    for (let i = 0; i < 2; i++) await graph.replay();
    graph.dispose();

    const device = 'device="vgpu:gfx1100"';
    const kernel = `${device},kernel="fill_with"`;
    expect(await metricValue(registry, 'soma_compiles_total{target="gfx1100",ok="true"}')).toBe(1);
    expect(await metricValue(registry, 'soma_compile_seconds_count{target="gfx1100"}')).toBe(1);
    expect(await metricValue(registry, `soma_launches_total{${kernel}}`)).toBe(3);
    expect(await metricValue(registry, `soma_kernel_seconds_count{${kernel}}`)).toBe(2);
    expect(await metricValue(registry, `soma_faults_total{${kernel},code="ERR_SOMA_ASSERT"}`)).toBe(1);
    expect(await metricValue(registry, `soma_copied_bytes_total{${device},direction="device-to-host"}`)).toBe(1024);
    expect(await metricValue(registry, `soma_replays_total{${device}}`)).toBe(2);
    expect(await metricValue(registry, `soma_replayed_kernels_total{${device}}`)).toBe(6);
    expect(await metricValue(registry, `soma_replay_seconds_count{${device}}`)).toBe(2);
    const { counters } = result;
    const instructions = counters === "unavailable" ? Number.NaN : Number(counters.instructions);
    expect(await metricValue(registry, `soma_instructions_total{${kernel}}`)).toBeGreaterThan(instructions);

    const before = await metricValue(registry, `soma_memory_bytes{${device}}`);
    x.dispose();
    expect(await metricValue(registry, `soma_memory_bytes{${device}}`)).toBe(Number(before) - 1024);
    metrics.stop();
    expect(await registry.metrics()).not.toContain("soma_");
    collectMetrics({ registry }).stop();
});
