// Programs on which the interpreter and the device once differed, reduced.

import { expect, test } from "vitest";
import { run, view } from "../run/harness.js";

test("a negative LDS address that its offset brings back is in bounds", async () => {
    const source = `kernel k(x: i64[n], y: mut i64[n]) groups 1 workgroup(32) {
        shared buf: i64[32]
        buf[local_id()] = x[local_id()]
        barrier()
        let r = (x[0] as index) % 32
        y[local_id()] = buf[if r < 0 { r + 32 } else { r }]
    }`;
    const x = Array.from({ length: 32 }, (_, at) => BigInt(at === 0 ? -2 : at));
    const { y } = await run(source, { x: view("i64", [32], x), y: view("i64", [32]) }, { optimisation: 0 });
    expect([...y]).toEqual(new Array(32).fill(30n));
});
