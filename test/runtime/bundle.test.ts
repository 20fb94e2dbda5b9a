// Offload bundles: written as clang's documentation lays them out, and read back however they are damaged.

import { describe, expect, it } from "vitest";
import { isBundle, readBundle, writeBundle } from "../../codeobject/bundle.js";
import { CodeObjectError } from "../../codeobject/error.js";

const entries = [
    { target: "gfx1100", codeObject: new Uint8Array([1, 2, 3]) },
    { target: "gfx942", codeObject: new Uint8Array(5000).fill(7) },
];
const bundle = writeBundle(entries);

describe("a bundle", () => {
    it("begins with the magic number, the count and the host's empty entry", () => {
        const view = new DataView(bundle.buffer);
        expect(new TextDecoder().decode(bundle.subarray(0, 24))).toBe("__CLANG_OFFLOAD_BUNDLE__");
        expect(view.getBigUint64(24, true)).toBe(3n);
        // Offset, size and length of the id, then the id.
        expect(view.getBigUint64(40, true)).toBe(0n);
        const id = bundle.subarray(56, 56 + Number(view.getBigUint64(48, true)));
        expect(new TextDecoder().decode(id)).toMatch(/^host-/);
    });

    it("holds each code object at a page's start", () => {
        expect(isBundle(bundle)).toBe(true);
        expect([...bundle.subarray(4096, 4099)]).toEqual([1, 2, 3]);
        expect(bundle.length).toBe(8192 + 5000);
    });

    it("is read back", () => {
        expect(readBundle(bundle)).toEqual(entries);
    });

    it("reads the ids of other compilers, with features, and passes over other devices", () => {
        const text = new TextDecoder("latin1").decode(bundle);
        const changed = Uint8Array.from(
            text.replace("hipv4-amdgcn-amd-amdhsa--gfx1100", "hip-amdgcn-amd-amdhsa--gfx90a:x-"),
            (c) => c.charCodeAt(0),
        );
        expect(readBundle(changed).map(({ target }) => target)).toEqual(["gfx90a", "gfx942"]);
        const foreign = Uint8Array.from(text.replace("hipv4-amdgcn-amd", "cuda-nvptx64-amd"), (c) => c.charCodeAt(0));
        expect(readBundle(foreign).map(({ target }) => target)).toEqual(["gfx942"]);
    });

    it("is refused where it is cut off or its table points outside", () => {
        for (let length = 24; length < 200; length += 1) {
            expect(() => readBundle(bundle.subarray(0, length))).toThrow(CodeObjectError);
        }
        const many = bundle.slice();
        new DataView(many.buffer).setBigUint64(24, 2n ** 60n, true);
        expect(() => readBundle(many)).toThrow(/claims/);
    });
});
