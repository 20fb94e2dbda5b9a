// HIP calls that fail: each is an error of its own, nothing is lost by it but what the call was about, and random ones leave
// neither leaks nor wrong results. `npm run fuzz:faults` does many more.

import { afterAll, afterEach, describe, expect, it } from "vitest";
import { compile, loadCodegen, loadModule } from "../../../compiler/index.js";
import { HipError, type Kernel, type TelemetryEvent, telemetry } from "../../../runtime/index.js";
import { FaultyHip } from "./faulty.js";
import { runSequences, SOURCE } from "./sequences.js";

const hip = new FaultyHip();
afterEach(() => hip.stop());
afterAll(() => hip[Symbol.dispose]());

const source = { path: "faults.soma", text: SOURCE };
const { output } = await compile(source, loadModule, loadCodegen(), { target: "gfx1100" });
const image = output as Uint8Array;

describe("a HIP call that fails", () => {
    it.each([
        ["hipModuleLaunchKernel", 701, "hipErrorLaunchOutOfResources"],
        ["hipMemcpyHtoDAsync", 1, "hipErrorInvalidValue"],
        ["hipMemcpyDtoHAsync", 999, "hipErrorUnknown"],
        ["somaVgpuModuleLoad", 200, "hipErrorInvalidImage"],
    ])("%s with %i is an error that names it, and the device goes on", async (name, code, text) => {
        using gpu = await hip.open();
        const run = async () => {
            const module = await gpu.load(image);
            const { twice } = module.kernels as Record<"twice", Kernel>;
            const x = gpu.tensor("f32", [8]);
            await x.write(new Float32Array(8).fill(4));
            await twice({ x });
            return x.read();
        };
        hip.plan({ function: name, code });
        const error = await run().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(HipError);
        expect((error as HipError).hip).toMatchObject({ code, name: text });
        expect(hip.counts().failed).toBeGreaterThan(0);
        hip.stop();
        expect([...(await run())]).toEqual(Array(8).fill(8));
    });

    it("fails only the call that is meant", async () => {
        using gpu = await hip.open();
        const x = gpu.tensor("f32", [8], new Float32Array(8));
        hip.plan({ function: "hipMemcpyDtoHAsync", nth: 2 });
        await x.read();
        await x.read();
        await expect(x.read()).rejects.toThrow(/hipMemcpyDtoHAsync failed with hipErrorUnknown/);
        expect(hip.counts()).toEqual({ calls: 3, failed: 1 });
    });

    it("of a report buffer's initialisation keeps the kernel from running", async () => {
        const text = "kernel doubled(x: mut f32[n]) over i in n { assert(x[i] < 10.0); x[i] = 2.0 * x[i] }";
        using gpu = await hip.open();
        using module = await gpu.load({ source: text });
        const { doubled } = module.kernels as Record<"doubled", Kernel>;
        const x = gpu.tensor("f32", [8], new Float32Array(8).fill(4));
        await gpu.synchronize();
        for (const call of ["hipMemsetAsync", "hipMemcpyHtoDAsync"]) {
            hip.plan({ function: call });
            await expect(doubled({ x })).rejects.toThrow(new RegExp(`^${call} failed`));
            hip.stop();
            expect([...(await x.read())]).toEqual(Array(8).fill(4));
        }
        await doubled({ x });
        expect([...(await x.read())]).toEqual(Array(8).fill(8));
    });

    it("of measuring for listeners fails nothing", async () => {
        using gpu = await hip.open();
        const events: TelemetryEvent[] = [];
        using _ = telemetry.subscribe((event) => events.push(event));
        const x = gpu.tensor("f32", [8], new Float32Array(8).fill(4));
        await gpu.synchronize();
        hip.plan({ function: "hipEventElapsedTime" });
        expect([...(await x.read())]).toEqual(Array(8).fill(4));
        expect(hip.counts().failed).toBeGreaterThan(0);
        hip.plan({ function: "hipEventCreateWithFlags" });
        expect([...(await x.read())]).toEqual(Array(8).fill(4));
        const copies = events.flatMap((event) => (event.kind === "copy" ? [event.interval !== undefined] : []));
        expect(copies.slice(0, 2)).toEqual([true, false]);
    });

    it("is told to those whom it is about, of many that went to the device together", async () => {
        using gpu = await hip.open();
        const { twice } = (await gpu.load(image)).kernels as Record<"twice", Kernel>;
        const tensors = Array.from({ length: 100 }, (_, i) => gpu.tensor("f32", [8], new Float32Array(8).fill(i)));
        await gpu.synchronize();
        hip.plan({ function: "hipModuleLaunchKernel", nth: 41, code: 701 });
        const outcomes = await Promise.allSettled(tensors.map((x) => twice({ x })));
        const failed = outcomes.flatMap(({ status }, at) => (status === "rejected" ? [at] : []));
        expect(failed).toHaveLength(100 - 41);
        const contents = await Promise.all(tensors.map((x) => x.read()));
        expect(contents.map(([first]) => first)).toEqual(tensors.map((_, i) => (failed.includes(i) ? i : 2 * i)));
    });
});

describe("random sequences of calls", () => {
    const seeds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

    it("succeed where no HIP call fails", async () => {
        expect(await runSequences(hip, image, seeds(20), () => 0)).toMatchObject({ failures: 0 });
    });

    it("leave no leak and no wrong result where some fail", async () => {
        const { failures } = await runSequences(hip, image, seeds(60), (seed) => 0.004 * 2 ** (seed % 6));
        expect(failures).toBeGreaterThan(50);
    });
});
