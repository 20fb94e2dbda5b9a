// Sorting against JavaScript's own stable sort.

import { describe, expect, it } from "vitest";
import { argsort, sort } from "../../runtime/library/index.js";
import { expectElements, run, testGpu, view, WAVE_DEVICES } from "../run/harness.js";
import { words } from "./data.js";

/** The places of the elements in ascending order, stable. */
function order<T extends number | bigint>(keys: ArrayLike<T>, less: (a: T, b: T) => boolean): Uint32Array {
    const places = Array.from({ length: keys.length }, (_, i) => i);
    places.sort((i, j) => {
        const [a, b] = [keys[i] as T, keys[j] as T];
        return less(a, b) ? -1 : less(b, a) ? 1 : i - j;
    });
    return Uint32Array.from(places);
}

const below = <T extends number | bigint>(a: T, b: T): boolean => a < b;

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([1, 2, 2047, 2048, 2049, 10_007])("sorts %i keys of 32 bits, and carries values along", async (n) => {
        const gpu = await testGpu(device);
        // Many equal keys, so that stability shows.
        const data = words(n, 6).map((word) => (word % 3 === 0 ? word : word & 0xf00f));
        const places = order(data, below);
        using keys = gpu.tensor("u32", [n], data);
        using values = gpu.tensor("u32", [n], Uint32Array.from(data.keys()));
        using halves = gpu.tensor(
            "f64",
            [n],
            Float64Array.from(data, (_, i) => i / 2),
        );
        await sort(keys, values, halves);
        expectElements(
            await keys.read(),
            Uint32Array.from(places, (i) => data[i] as number),
        );
        expectElements(await values.read(), places);
        expectElements(
            await halves.read(),
            Float64Array.from(places, (i) => i / 2),
        );
    });

    it("sorts 64-bit and signed keys", async () => {
        const gpu = await testGpu(device);
        const n = 5000;
        const [high, low] = [words(n, 7), words(n, 8)];
        const wide = BigInt64Array.from({ length: n }, (_, i) =>
            BigInt.asIntN(64, (BigInt(high[i] as number) << 32n) | BigInt(low[i] as number)),
        );
        using keys = gpu.tensor("i64", [n], wide);
        await sort(keys);
        expectElements(await keys.read(), wide.sort());
        const small = Int8Array.from(low);
        using bytes = gpu.tensor("i8", [n], small);
        await sort(bytes);
        expectElements(await bytes.read(), small.sort());
    });

    it.each([0, 1, 300, 5000])("radix_sort sorts %i keys in one launch", async (n) => {
        const source = "import std.sort { radix_sort }\ninstance sort_i16 = radix_sort<i16>\n";
        const data = words(n, 11).map((word) => (word % 3 === 0 ? word : word & 0xff));
        const spare = { spare_values: view("u32", [n]), values: view("u32", [n], Uint32Array.from(data.keys())) };
        const wide = { ...spare, keys: view("u32", [n], data), spare_keys: view("u32", [n]) };
        const sorted = await run(source, wide, { device, kernel: "radix_sort" });
        const places = order(data, below);
        expectElements(sorted.values, places);
        expectElements(
            sorted.keys,
            Uint32Array.from(places, (i) => data[i] as number),
        );
        const signed = Int16Array.from(data);
        const narrow = { ...spare, keys: view("i16", [n], signed), spare_keys: view("i16", [n]) };
        const { keys, values } = await run(source, narrow, { device, kernel: "sort_i16" });
        expectElements(values, order(signed, below));
        expectElements(keys, signed.sort());
    });

    it("sorts floats by IEEE 754's totalOrder", async () => {
        const gpu = await testGpu(device);
        const special = [0, -0, Infinity, -Infinity, 2 ** -149, -(2 ** -149), 1, -1, 3.4028234663852886e38];
        const data = Float32Array.of(...special, ...Array.from(words(3000, 9), (word) => word / 2 ** 31 - 1));
        using keys = gpu.tensor("f32", [data.length], data);
        await sort(keys);
        const rank = (a: number, b: number) => a < b || (a === b && Object.is(a, -0) && Object.is(b, 0));
        const expected = Float32Array.from(order(data, rank), (i) => data[i] as number);
        expectElements(await keys.read(), expected);
        using doubles = gpu.tensor("f64", [data.length + 1], Float64Array.of(Number.NaN, ...data));
        await sort(doubles);
        expectElements(await doubles.read(), Float64Array.of(...expected, Number.NaN));
    });

    it("argsort tells places, and leaves the keys alone", async () => {
        const gpu = await testGpu(device);
        const data = Int32Array.from(words(3000, 10), (word) => (word % 100) - 50);
        using keys = gpu.tensor("i32", [data.length], data);
        using places = await argsort(keys);
        expectElements(await places.read(), order(data, below));
        expectElements(await keys.read(), data);
    });
});

it("refuses what can't be sorted", async () => {
    const gpu = await testGpu();
    using keys = gpu.tensor("f32", [2]);
    using values = gpu.tensor("f32", [3]);
    using flags = gpu.tensor("bool", [2]);
    await expect(sort(keys, values)).rejects.toThrow("equal length, not of the shapes [2] and [3]");
    await expect(sort(flags)).rejects.toThrow(/sort takes elements of type u8, .* not bool/);
});
