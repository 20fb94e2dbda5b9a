// npm run bench:runtime: what the host takes around a device's work, with a device that does nothing and with the virtual GPU.

import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { open } from "../../runtime/index.js";
import { measureGraph, measureLaunches } from "./launch.js";
import { measureAllocator, measureCopies } from "./memory.js";
import { table } from "./table.js";
import { measureTelemetry } from "./telemetry.js";

// Many short rounds: the least of them is one that nothing else of the machine got in the way of.
const DEVICES = [
    {
        title: "null device",
        device: join(packageRoot(), "build", "native", "libsoma_null.so"),
        launches: 1000,
        rounds: 50,
    },
    { title: "virtual GPU", device: "vgpu:gfx1100", launches: 200, rounds: 10 },
] as const;

for (const { title, device, launches, rounds } of DEVICES) {
    using gpu = await open(device);
    const rows = (await measureLaunches(gpu, launches, rounds)).map((each) => [
        each.count,
        each.enqueue,
        each.enqueueToEnd,
        each.call,
        each.awaited,
    ]);
    console.log(
        table(`launches on the ${title}, µs`, ["arguments", "enqueue", "enqueue, to the end", "call", "awaited"], rows),
    );
    const { same, toEnd, changed } = await measureGraph(gpu, Math.ceil(launches / 200), rounds);
    console.log(
        table(
            `replays of a graph of 100 launches on the ${title}, µs for each launch`,
            ["", "replay", "replay, to the end", "replay with a changed argument in all"],
            [["4 arguments", same, toEnd, changed]],
        ),
    );
    const { silent, heard, events } = await measureTelemetry(gpu, launches, rounds);
    console.log(
        table(
            `telemetry on the ${title}, thousands a second`,
            ["", "launches without a listener", "launches with one", "events"],
            [["2 arguments", silent / 1000, heard / 1000, events / 1000]],
        ),
    );
    const copies = (await measureCopies(gpu, [4 << 10, 1 << 20, 64 << 20], rounds)).map((each) => [
        each.bytes,
        each.memcpy,
        each.write,
        each.read,
        each.copy,
    ]);
    console.log(table(`copies on the ${title}, GB/s`, ["bytes", "memcpy", "write", "read", "on the device"], copies));
    const { raw, pooled, overhead, hits } = measureAllocator(gpu, 3);
    console.log(
        table(
            `memory on the ${title}`,
            ["", "hipMalloc and hipFree, µs", "pool, µs", "reserved over asked", "requests without the device, %"],
            [["a training program", raw, pooled, overhead, hits * 100]],
        ),
    );
}
