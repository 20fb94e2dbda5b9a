// What telemetry costs: launches with nobody listening, and with somebody, and how many events that gives.

import { type Gpu, type Kernel, telemetry } from "../../runtime/index.js";

export interface TelemetryRates {
    /** Launches a second, from the first call to the last end. */
    readonly silent: number;
    /** The same with a listener that counts. */
    readonly heard: number;
    /** Events a second that it gets. */
    readonly events: number;
}

/** The best of some rounds. */
export async function measureTelemetry(gpu: Gpu, launches: number, rounds: number): Promise<TelemetryRates> {
    const source = "kernel add(x: f32[n], y: mut f32[n]) over i in n { y[i] += x[i] }";
    using module = await gpu.load({ source, path: "telemetry.soma" });
    const add = module.kernels.add as Kernel;
    using x = gpu.tensor("f32", [256]);
    using y = gpu.tensor("f32", [256]);
    const seconds = async (): Promise<number> => {
        const start = performance.now();
        await Promise.all(Array.from({ length: launches }, () => add({ x, y })));
        return (performance.now() - start) / 1000;
    };
    let [silent, heard, events] = [0, 0, 0];
    for (let round = 0; round < rounds; round++) {
        silent = Math.max(silent, launches / (await seconds()));
        let count = 0;
        using _ = telemetry.subscribe(() => {
            count++;
        });
        const taken = await seconds();
        heard = Math.max(heard, launches / taken);
        events = Math.max(events, count / taken);
    }
    return { silent, heard, events };
}
