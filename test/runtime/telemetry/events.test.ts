import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import {
    ArgumentError,
    open,
    TELEMETRY_CHANNEL,
    type TelemetryEvent,
    telemetry,
    traceOf,
} from "../../../runtime/index.js";

const SOURCE = `
kernel scale(a: f32, x: mut f32[n]) over i in n {
    assert(a < 100.0, "too large: {}", a)
    x[i] = a * x[i]
}`;

const events: TelemetryEvent[] = [];
let subscription = telemetry.subscribe((event) => events.push(event));

afterEach(() => {
    subscription.stop();
    events.length = 0;
    subscription = telemetry.subscribe((event) => events.push(event));
});

function only<K extends TelemetryEvent["kind"]>(kind: K): Extract<TelemetryEvent, { kind: K }>[] {
    return events.filter((event): event is Extract<TelemetryEvent, { kind: K }> => event.kind === kind);
}

describe("the stream of events", () => {
    it("tells of a program from its compile to the freeing of its memory, in order", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { scale } = await gpu.load<"scale">({ source: SOURCE, path: "scale.soma" });
        const x = gpu.tensor("f32", [1000]);
        await x.write(new Float32Array(1000).fill(3));
        const { counters } = await scale({ a: 2, x });
        await x.read();
        x.dispose();
        x.dispose();

        const [compile] = only("compile");
        expect(compile).toMatchObject({ path: "scale.soma", target: "gfx1100", ok: true });
        expect(compile?.bytes).toBeGreaterThan(1000);
        expect(only("allocate")[0]).toMatchObject({ device: "vgpu:gfx1100", bytes: 4000 });
        expect(only("free").map(({ bytes }) => bytes)).toEqual([4000]);
        expect(only("copy").map(({ direction, bytes }) => [direction, bytes])).toEqual([
            ["fill", 4000],
            ["host-to-device", 4000],
            ["device-to-host", 4000],
        ]);
        const [launch] = only("launch");
        const [finish] = only("finish");
        expect(launch).toMatchObject({ kernel: "scale", device: "vgpu:gfx1100" });
        expect((launch?.grid[0] ?? 0) * (launch?.block[0] ?? 0)).toBeGreaterThanOrEqual(1000);
        expect(finish).toMatchObject({ id: launch?.id, kernel: "scale", counters });
        const times = events.map(({ time }) => time);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it("orders a device's intervals as the device ran them", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { scale } = await gpu.load<"scale">({ source: SOURCE });
        const x = gpu.tensor("f32", [1000]);
        for (let i = 0; i < 3; i++) await scale({ a: 2, x });
        const intervals = [...only("copy"), ...only("finish")].map(({ interval }) => interval);
        expect(intervals).toHaveLength(4);
        for (const [at, interval] of intervals.slice(1).entries()) {
            const before = intervals[at];
            expect(interval?.start).toBeGreaterThanOrEqual((before?.start ?? 0) + (before?.milliseconds ?? 0) - 0.001);
        }
    });

    it("goes on with a device's clock after a reset", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { scale } = await gpu.load<"scale">({ source: SOURCE });
        await scale({ a: 2, x: gpu.tensor("f32", [1000]) });
        await gpu.reset();
        await scale({ a: 2, x: gpu.tensor("f32", [1000]) });
        const [before, after] = only("finish").map(({ interval }) => interval);
        expect(after?.start).toBeGreaterThanOrEqual((before?.start ?? 0) + (before?.milliseconds ?? 0) - 0.001);
    });

    it("tells of launches that nobody awaits, in their order, and of those that listeners make", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { add } = await gpu.load<"add">({
            source: "kernel add(x: mut i32[n], y: i32) over i in n { x[i] += y }",
        });
        const x = gpu.tensor("i32", [4]);
        await gpu.synchronize();
        events.length = 0;
        using _ = telemetry.subscribe((event) => {
            if (event.kind === "launch" && only("launch").length === 1) add.enqueue({ x, y: 100 });
        });
        add.enqueue({ x, y: 1 });
        add.enqueue({ x, y: 10 });
        await gpu.synchronize();
        expect([...(await x.read())]).toEqual(Array(4).fill(111));
        expect(only("launch").map(({ id }) => id)).toEqual(only("finish").map(({ id }) => id));
        const starts = only("finish").map(({ interval }) => interval?.start ?? Number.NaN);
        expect(starts).toHaveLength(3);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
    });

    it("tells of a graph's replays, of those that fail as well", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { scale } = await gpu.load<"scale">({ source: SOURCE, path: "scale.soma" });
        const [x, y] = [gpu.tensor("f32", [4]), gpu.tensor("f32", [4])];
        using graph = await gpu.capture({ a: 2 }, async ({ a }) => {
            scale.enqueue({ a, x });
            await gpu.copy(y, x);
            scale.enqueue({ a, x: y });
        });
        expect([...only("launch"), ...only("replay")]).toEqual([]);
        await graph.replay();
        graph.enqueue();
        await gpu.synchronize();
        const replays = only("replay");
        expect(replays).toHaveLength(2);
        for (const replay of replays) expect(replay).toMatchObject({ device: "vgpu:gfx1100", kernels: 2, copies: 1 });
        const [first, second] = replays.map(({ interval }) => interval);
        expect(second?.start).toBeGreaterThanOrEqual((first?.start ?? Number.NaN) + (first?.milliseconds ?? 0) - 0.001);
        await expect(graph.replay({ a: 200 })).rejects.toThrow("too large: 200");
        expect(only("fault")).toMatchObject([{ kernel: "scale", code: "ERR_SOMA_ASSERT", id: undefined }]);
        expect(only("replay")).toHaveLength(2);
        const { traceEvents } = traceOf(events);
        const shown = traceEvents.filter(({ name }) => name === "replay");
        expect(shown).toMatchObject(Array(2).fill({ ph: "X", pid: 2, args: { kernels: 2, copies: 1 } }));
    });

    it("tells of faults with their place, and of sources with errors", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { scale } = await gpu.load<"scale">({ source: SOURCE, path: "scale.soma" });
        const x = gpu.tensor("f32", [4]);
        await expect(scale({ a: 200, x })).rejects.toThrow("too large: 200");
        const [fault] = only("fault");
        expect(fault).toMatchObject({ kernel: "scale", code: "ERR_SOMA_ASSERT", id: only("launch")[0]?.id });
        expect(fault?.place).toEqual({ file: "scale.soma", line: 3 });
        await expect(gpu.load({ source: "kernel" })).rejects.toThrow();
        expect(only("compile").at(-1)).toMatchObject({ ok: false, bytes: 0 });
    });

    it("tells of what the compiler's cache had", async () => {
        using gpu = await open("vgpu:gfx1100");
        const source = `${SOURCE}\n// ${Math.random()}`;
        await gpu.load({ source, path: "a.soma" });
        await gpu.load({ source: `${source} again`, path: "a.soma" });
        expect(only("compile")).toHaveLength(1);
        expect(only("cache-hit")).toMatchObject([{ path: "a.soma", target: "gfx1100", where: "memory" }]);
    });

    it("takes functions as listeners alone", () => {
        for (const wrong of [undefined, 5, {}]) {
            expect(() => telemetry.subscribe(wrong as never)).toThrow(ArgumentError);
        }
    });

    it("measures and tells nothing when nobody listens", async () => {
        subscription.stop();
        expect(telemetry.listening).toBe(false);
        using gpu = await open("vgpu:gfx1100");
        await gpu.tensor("f32", [4]).read();
        expect(events).toEqual([]);
    });

    it("is a channel of diagnostics_channel", async () => {
        const heard: unknown[] = [];
        const listener = (message: unknown) => heard.push(message);
        subscribe(TELEMETRY_CHANNEL, listener);
        using gpu = await open("vgpu:gfx1100");
        await gpu.tensor("f32", [4]).read();
        unsubscribe(TELEMETRY_CHANNEL, listener);
        expect(heard).toEqual(events);
    });
});

describe("a trace", () => {
    it("has what the device did on tracks of its own, behind the calls", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { scale } = await gpu.load<"scale">({ source: SOURCE, path: "scale.soma" });
        const x = gpu.tensor("f32", [1000]);
        await scale({ a: 2, x });
        const { traceEvents } = JSON.parse(JSON.stringify(traceOf(events)));
        const named = (name: string) => traceEvents.filter((entry: { name: string }) => entry.name === name);
        const [call] = named("launch scale");
        const [run] = named("scale");
        expect(call).toMatchObject({ ph: "X", pid: 1, tid: 1 });
        expect(run).toMatchObject({ ph: "X", pid: 2 });
        expect(run.ts).toBeGreaterThanOrEqual(call.ts);
        expect(named("launch").map(({ ph }: { ph: string }) => ph)).toEqual(["s", "f"]);
        expect(named("memory")[0]).toMatchObject({ ph: "C", args: { bytes: 4000 } });
        expect(named("scale.soma from cache")[0]).toMatchObject({ ph: "X", ts: 0, pid: 1, tid: 2 });
        const process = named("process_name").find(({ pid }: { pid: number }) => pid === 2);
        expect(process.args.name).toBe("vgpu:gfx1100");
        for (const entry of traceEvents) expect(entry.ts).toBeGreaterThanOrEqual(0);
    });
});
