// Functions that take shared arrays and have barriers.

import { describe, expect, it } from "vitest";
import { check } from "../sema/programs.js";
import { expectElements, run, view, WAVE_DEVICES } from "./harness.js";

const SOURCE = `fn swap(shared buf: u32[256], me: index, other: index, value: u32) -> u32 {
    buf[me] = value
    barrier()
    let found = buf[other]
    barrier()
    found
}

fn total<T: Number, const N: index>(shared buf: T[N], me: index, value: T) -> T {
    buf[me] = value
    barrier()
    var s: index = N / 2
    while s > 0 {
        if me < s { buf[me] += buf[me + s] }
        barrier()
        s /= 2
    }
    let sum = buf[0]
    barrier()
    sum
}

kernel reverse(x: mut u32[n]) groups n / 256 workgroup(256) {
    shared buf: u32[256]
    let me = local_id()
    for _round in 0 .. 3 { x[global_id()] = swap(buf, me, 255 - me, x[global_id()]) }
}

kernel shares(x: f64[n], y: mut f64[n], counts: mut u32[g]) groups g workgroup(64) {
    shared sums: f64[64]
    shared wide: u32[64]
    let i = global_id()
    let value = if i < n { x[i] } else { 0.0 }
    let sum = total(sums, local_id(), value)
    let count = total(wide, local_id(), if i < n { 1 } else { 0 })
    if i < n { y[i] = value / sum }
    if local_id() == 0 { counts[group_id()] = count }
}
`;

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([0, 3] as const)("at -O%i they exchange and reduce", async (optimisation) => {
        const data = Uint32Array.from({ length: 512 }, (_, i) => i * i);
        const reverse = { kernel: "reverse", device, optimisation } as const;
        const { x } = await run(SOURCE, { x: view("u32", [512], data) }, reverse);
        expectElements(
            x,
            data.map((_, i) => data[(i & 256) + 255 - (i & 255)] as number),
        );

        const n = 100;
        const values = Float64Array.from({ length: n }, (_, i) => i + 1);
        const { y, counts } = await run(
            SOURCE,
            { x: view("f64", [n], values), y: view("f64", [n]), counts: view("u32", [2]) },
            { kernel: "shares", device, optimisation },
        );
        // 1 + … + 64 and 65 + … + 100.
        expectElements(
            y,
            values.map((value, i) => value / (i < 64 ? 2080 : 2970)),
        );
        expectElements(counts, Uint32Array.of(64, 36));
    });
});

it("what all work-items get may decide whether they meet again; it is doubtful, as it comes from memory", () => {
    const text = `${SOURCE}kernel k(x: mut u32[n]) groups 1 workgroup(64) {
    shared buf: u32[64]
    if total(buf, local_id(), x[local_id()]) > 3 { barrier() }
}
`;
    expect(check(text).diagnostics.map(({ code }) => code)).toEqual(["W0501"]);
});
