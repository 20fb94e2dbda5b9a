// Batches through two streams: while a kernel works on one batch, the next is copied to the device and the one before is
// copied back. Two buffers take turns; what has to wait for what, the runtime knows from the tensors.

import { type Gpu, type LaunchResult, type TelemetryEvent, telemetry } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

const BATCHES = 6;
const ROUNDS = 30;

export async function run(gpu: Gpu, n = 1_000_000) {
    const { kernels, compileMilliseconds } = await loadSample<"settle">(gpu, "pipeline");
    const batches = Array.from({ length: BATCHES }, (_, batch) => randomFloats(n, batch + 1));
    const events: TelemetryEvent[] = [];
    using copies = gpu.stream();
    using compute = gpu.stream({ priority: -1 });
    using x0 = gpu.tensor("f32", [n]);
    using x1 = gpu.tensor("f32", [n]);
    using y0 = gpu.tensor("f32", [n]);
    using y1 = gpu.tensor("f32", [n]);
    const buffers = [
        { x: x0, y: y0 },
        { x: x1, y: y1 },
    ];
    await gpu.synchronize();

    const subscription = telemetry.subscribe((event) => events.push(event));
    const written: Promise<void>[] = [];
    const runs: Promise<LaunchResult>[] = [];
    const reads: Promise<Float32Array>[] = [];
    for (let batch = 0; batch <= BATCHES; batch++) {
        // The next batch goes in before this one's results are asked for, which wait for its kernel.
        const next = buffers[batch % 2];
        const data = batches[batch];
        if (next && data) written.push(next.x.write(data, { stream: copies }));
        const current = buffers[(batch + 1) % 2];
        if (batch === 0 || !current) continue;
        runs.push(kernels.settle({ ...current, rounds: ROUNDS }, { stream: compute }));
        reads.push(current.y.read({ stream: copies }));
    }
    await Promise.all(written);
    const y = await Promise.all(reads);
    const results = await Promise.all(runs);
    subscription.stop();
    return {
        x: batches,
        y0: y[0] as Float32Array,
        yLast: y.at(-1) as Float32Array,
        y,
        overlapMilliseconds: overlapOf(events),
        compileMilliseconds,
        launches: { settle: results[0] as LaunchResult },
    };
}

/** Milliseconds of copies during which a kernel ran. */
function overlapOf(events: readonly TelemetryEvent[]): number {
    const spans = (kind: "copy" | "finish") =>
        events.flatMap((event) => (event.kind === kind && event.interval ? [event.interval] : []));
    const kernels = spans("finish");
    return spans("copy").reduce((sum, copy) => {
        const shared = kernels.map((kernel) => {
            const end = Math.min(copy.start + copy.milliseconds, kernel.start + kernel.milliseconds);
            return Math.max(0, end - Math.max(copy.start, kernel.start));
        });
        return sum + shared.reduce((a, b) => a + b, 0);
    }, 0);
}

export function check({ x, y, y0, yLast }: Awaited<ReturnType<typeof run>>) {
    const results = [y0, ...y.slice(1, -1), yLast];
    const errors = x.map((batch, at) => {
        // v_k = 2·x·(1 − 2⁻ᵏ); each round adds one rounding of at most 2·|x|, and halves those before.
        const expected = Float64Array.from(batch, (value) => 2 * value);
        const tolerance = expected.map((value) => 2 * Math.abs(value) * F32_ROUNDOFF);
        return largestError(`settle of batch ${at}`, results[at] as Float32Array, expected, tolerance);
    });
    return { settle: Math.max(...errors) };
}

await main(import.meta.url, { run, check });
