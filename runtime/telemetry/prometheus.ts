// `soma-lang/prometheus`: the runtime's events as metrics of prom-client (https://github.com/siimon/prom-client), which the
// program installs itself. Names and units follow Prometheus' conventions: base units, `_total` for what only grows.

import { Counter, Gauge, Histogram, type Registry, register } from "prom-client";
import type { Gpu } from "../gpu.js";
import type { TelemetryEvent } from "./events.js";
import type { Sensors } from "./sensors.js";
import { type Subscription, telemetry } from "./telemetry.js";

export interface PrometheusOptions {
    /** Where the metrics are registered. Default: prom-client's global registry. */
    readonly registry?: Registry;
    /** What their names begin with. Default `soma_`. */
    readonly prefix?: string;
    /** Upper bounds of the kernels' and compiles' times in seconds. Default: 1, 2.5 and 5 times the powers of ten from 10 µs to 10 s. */
    readonly buckets?: readonly number[];
    /** GPUs whose clocks, temperature, power and memory are told at each collection. Default none. */
    readonly gpus?: readonly Gpu[];
}

const BUCKETS = [-5, -4, -3, -2, -1, 0].flatMap((power) => [1, 2.5, 5].map((digit) => digit * 10 ** power)).concat(10);

interface SensorMetric {
    readonly name: string;
    readonly help: string;
    readonly read: (sensors: Sensors) => number | undefined;
}

const SENSORS: readonly SensorMetric[] = [
    { name: "gpu_temperature_celsius", help: "Of the GPU", read: (each) => each.temperatureCelsius },
    { name: "gpu_power_watts", help: "Of the socket", read: (each) => each.powerWatts },
    { name: "gpu_core_clock_hertz", help: "Of the compute units", read: (each) => hertz(each.coreMHz) },
    { name: "gpu_memory_clock_hertz", help: "Of the memory", read: (each) => hertz(each.memoryMHz) },
    { name: "gpu_memory_used_bytes", help: "By all processes", read: (each) => each.usedBytes },
    { name: "gpu_memory_total_bytes", help: "Of the device", read: (each) => each.totalBytes },
    {
        name: "gpu_busy_ratio",
        help: "Of the time, from 0 to 1",
        read: (each) => (each.busyPercent === undefined ? undefined : each.busyPercent / 100),
    },
];

function hertz(megahertz: number | undefined): number | undefined {
    return megahertz === undefined ? undefined : megahertz * 1e6;
}

/**
 * Counts from now on, until it is stopped, which also removes the metrics from the registry.
 * @throws what prom-client throws for metrics whose names are taken: one registry takes one prefix once
 */
export function collectMetrics(options: PrometheusOptions = {}): Subscription {
    const { registry = register, prefix = "soma_", buckets = BUCKETS } = options;
    const names: string[] = [];
    function named<L extends string>(name: string, help: string, labelNames: readonly L[]) {
        names.push(prefix + name);
        return { name: prefix + name, help, labelNames, registers: [registry] };
    }
    const launchLabels = ["device", "kernel"] as const;
    const compiles = new Counter(named("compiles_total", "Sources that were compiled", ["target", "ok"]));
    const compileSeconds = new Histogram({
        ...named("compile_seconds", "Time of a compile", ["target"]),
        buckets: [...buckets],
    });
    const cacheHits = new Counter(named("cache_hits_total", "Compiles that a cache made needless", ["where"]));
    const memory = new Gauge(named("memory_bytes", "Device memory taken since metrics are collected", ["device"]));
    const allocations = new Counter(named("allocations_total", "Allocations of device memory", ["device"]));
    const copied = new Counter(named("copied_bytes_total", "Bytes copied or filled", ["device", "direction"]));
    const launches = new Counter(named("launches_total", "Kernels that were launched", launchLabels));
    const kernelSeconds = new Histogram({
        ...named("kernel_seconds", "Time of a kernel on the device", launchLabels),
        buckets: [...buckets],
    });
    const instructions = new Counter(
        named("instructions_total", "Instructions that the virtual GPU executed, counted once a wave", launchLabels),
    );
    const products = new Counter(
        named("products_total", "Matrix products that launches did, by instruction", ["device", "kernel", "algorithm"]),
    );
    const replays = new Counter(named("replays_total", "Replays of graphs", ["device"]));
    const replayedKernels = new Counter(named("replayed_kernels_total", "Kernels that replays ran", ["device"]));
    const replaySeconds = new Histogram({
        ...named("replay_seconds", "Time of a graph's replay on the device", ["device"]),
        buckets: [...buckets],
    });
    const faults = new Counter(
        named("faults_total", "Launches, copies and replays that failed", ["device", "kernel", "code"]),
    );

    function count(event: TelemetryEvent): void {
        switch (event.kind) {
            case "compile":
                compiles.inc({ target: event.target, ok: String(event.ok) });
                compileSeconds.observe({ target: event.target }, event.milliseconds / 1000);
                break;
            case "cache-hit":
                cacheHits.inc({ where: event.where });
                break;
            case "allocate":
                allocations.inc({ device: event.device });
                memory.inc({ device: event.device }, event.bytes);
                break;
            case "free":
                memory.dec({ device: event.device }, event.bytes);
                break;
            case "copy":
                copied.inc({ device: event.device, direction: event.direction }, event.bytes);
                break;
            case "launch":
                launches.inc({ device: event.device, kernel: event.kernel });
                break;
            case "product":
                products.inc({ device: event.device, kernel: event.kernel, algorithm: event.algorithm ?? "fma" });
                break;
            case "finish": {
                const { device, kernel, interval, counters } = event;
                if (interval !== undefined) kernelSeconds.observe({ device, kernel }, interval.milliseconds / 1000);
                if (counters !== "unavailable") instructions.inc({ device, kernel }, counters.instructions ?? 0);
                break;
            }
            case "replay": {
                const { device, kernels, interval } = event;
                replays.inc({ device });
                replayedKernels.inc({ device }, kernels);
                if (interval !== undefined) replaySeconds.observe({ device }, interval.milliseconds / 1000);
                break;
            }
            case "fault":
                faults.inc({ device: event.device, kernel: event.kernel ?? "", code: event.code ?? "" });
                break;
        }
    }

    const { gpus = [] } = options;
    for (const { name, help, read } of gpus.length === 0 ? [] : SENSORS) {
        new Gauge({
            ...named(name, help, ["device"]),
            collect() {
                for (const gpu of gpus) {
                    const sensors = gpu.closed ? undefined : gpu.sensors();
                    const value = sensors && read(sensors);
                    if (value === undefined) this.remove({ device: gpu.id });
                    else this.set({ device: gpu.id }, value);
                }
            },
        });
    }

    if (gpus.length > 0) {
        new Gauge({
            ...named("gpu_counter", "What the GPU counted since it was opened", ["device", "counter"]),
            collect() {
                this.reset();
                for (const gpu of gpus) {
                    const { counters = {} } = (gpu.closed ? undefined : gpu.sensors()) ?? {};
                    for (const [counter, value] of Object.entries(counters))
                        this.set({ device: gpu.id, counter }, value);
                }
            },
        });
    }

    const subscription = telemetry.subscribe(count);
    const stop = (): void => {
        subscription.stop();
        for (const name of names) registry.removeSingleMetric(name);
    };
    return { stop, [Symbol.dispose]: stop };
}
