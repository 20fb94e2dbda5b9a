// Views of tensors, and when two of them overlap: against sets of addresses.

import { describe, expect, test } from "vitest";
import { type Lattice, overlaps } from "../../runtime/overlap.js";
import { openFake } from "./fake-device.js";

describe("a view of a tensor", () => {
    const { gpu } = openFake();
    const x = gpu.tensor("i32", [2, 3, 4], [...Array(24).keys()]);

    test("slices and transposes share the memory", async () => {
        expect([...(await x.slice(1, [1, 3], null).read())]).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
        expect([...(await x.slice(null, 0, [0, 2]).read())]).toEqual([0, 1, 12, 13]);
        expect(x.transpose().shape).toEqual([4, 3, 2]);
        expect([...(await x.slice(0, null, null).transpose().read())]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
        expect([...(await x.transpose(1, 0, 2).slice(2, null, [3, 4]).read())]).toEqual([11, 23]);
        expect([...(await x.slice([1, 1], null, null).read())]).toEqual([]);
    });

    test("a row-major one has other shapes", async () => {
        const part = x.slice(1, null, null).reshape(2, 6);
        expect([part.shape, part.strides]).toEqual([
            [2, 6],
            [6, 1],
        ]);
        expect([...(await part.slice(1, null).read())]).toEqual([18, 19, 20, 21, 22, 23]);
        expect(x.slice([0, 0], null, null).reshape(0, 7).size).toBe(0);
        expect(() => x.transpose().reshape(24)).toThrow("not row-major");
    });

    test("a row-major one can be written", async () => {
        const y = gpu.tensor("u8", [3, 2]);
        await y.slice([1, 2], null).write([7, 8]);
        expect([...(await y.read())]).toEqual([0, 0, 7, 8, 0, 0]);
        await expect(y.slice(null, 0).write([1, 2, 3])).rejects.toThrow(/not row-major/);
        y.slice(null, 0).dispose();
        expect(y.disposed).toBe(false);
    });

    test.each([
        ["too few parts", () => x.slice(1, null), /each of the 3 dimensions/],
        ["no range", () => x.slice(1, 1, 1), /one at least is a range/],
        ["an index beyond", () => x.slice(2, null, null), /slice: 2 is not within dimension 0/],
        ["a range backwards", () => x.slice(null, [2, 1], null), /\[2, 1\] is not within dimension 1/],
        ["a shape of other size", () => x.reshape(5, 5), /reshape: \[5, 5\] has not the 24 elements/],
        ["axes twice", () => x.transpose(0, 0, 1), /no order of the dimensions/],
    ])("refuses %s", (_what, make, message) => {
        expect(make).toThrow(message);
    });
});

/** Every byte that a view has. */
function bytesOf({ address, elementSize, shape, strides }: Lattice): Set<number> {
    const bytes = new Set<number>();
    const visit = (axis: number, at: number): void => {
        if (axis === shape.length) {
            for (let byte = 0; byte < elementSize; byte++) bytes.add(at + byte);
            return;
        }
        for (let index = 0; index < (shape[axis] as number); index++)
            visit(axis + 1, at + index * (strides[axis] as number));
    };
    visit(0, Number(address));
    return bytes;
}

describe("overlaps", () => {
    const lattice = (address: number, elementSize: number, shape: number[], strides: number[]): Lattice => {
        return { address: BigInt(address), elementSize, shape, strides };
    };

    test("columns of one matrix don't, though their ranges do", () => {
        const column = (at: number) => lattice(1000 + 4 * at, 4, [1 << 20], [64]);
        expect(overlaps(column(3), column(4))).toBe(false);
        expect(overlaps(column(3), column(3))).toBe(true);
        expect(overlaps(column(3), lattice(1000, 4, [1 << 24], [4]))).toBe(true);
    });

    test("agrees with the sets of addresses", () => {
        let seed = 1;
        const pick = (count: number) => {
            seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
            return (seed >>> 8) % count;
        };
        const one = (): Lattice => {
            const rank = 1 + pick(3);
            const size = 1 << pick(4);
            const shape = Array.from({ length: rank }, () => pick(5));
            return lattice(
                64 + pick(100),
                size,
                shape,
                shape.map(() => size * pick(12)),
            );
        };
        let both = 0;
        for (let round = 0; round < 2000; round++) {
            const [a, b] = [one(), one()];
            const bytes = bytesOf(b);
            const expected = [...bytesOf(a)].some((byte) => bytes.has(byte));
            both += expected ? 1 : 0;
            expect(
                overlaps(a, b),
                JSON.stringify([a, b], (_, value) => String(value)),
            ).toBe(expected);
        }
        expect(both).toBeGreaterThan(300);
        expect(both).toBeLessThan(1700);
    });
});
