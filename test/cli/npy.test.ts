// .npy files against the published format: bytes written out by hand, NumPy itself where it is installed, and files
// that are broken in every way.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../compiler/cli/errors.js";
import { type NpyType, readNpy, writeNpy } from "../../compiler/cli/npy.js";

function latin1(text: string): number[] {
    return [...Buffer.from(text, "latin1")];
}

/** A file put together as the format's description says, byte for byte. */
function file(version: 1 | 2 | 3, dictionary: string, data: readonly number[]): Uint8Array {
    const lengthBytes = version === 1 ? 2 : 4;
    const fixed = 6 + 2 + lengthBytes;
    const header = `${dictionary}${" ".repeat(64 - ((fixed + dictionary.length + 1) % 64))}\n`;
    const length = Array.from({ length: lengthBytes }, (_, byte) => (header.length >> (8 * byte)) & 0xff);
    return Uint8Array.from([0x93, ...latin1("NUMPY"), version, 0, ...length, ...latin1(header), ...data]);
}

const ONE_TWO = [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40];
const FLOATS = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

describe("reading", () => {
    test.each([1, 2, 3] as const)("version %i", (version) => {
        const array = readNpy(file(version, FLOATS, ONE_TWO));
        expect(array.type).toBe("f32");
        expect(array.shape).toEqual([2]);
        expect([...array.bytes]).toEqual(ONE_TWO);
    });

    test("shapes of no, one and three dimensions, keys in any order, either quotes, Python 2's longs", () => {
        expect(readNpy(file(1, "{'shape': (), 'descr': '|u1', 'fortran_order': False}", [7])).shape).toEqual([]);
        expect(readNpy(file(1, `{"fortran_order": False, "descr": "|i1", "shape": (0,)}`, [])).shape).toEqual([0]);
        const data = Array.from({ length: 12 }, (_, index) => index);
        const cube = readNpy(file(1, "{'descr': '<u2', 'fortran_order': False, 'shape': (1L, 2L, 3L), }", data));
        expect(cube).toMatchObject({ type: "u16", shape: [1, 2, 3] });
    });

    test("Fortran order means nothing for one dimension", () => {
        expect(readNpy(file(1, FLOATS.replace("False", "True"), ONE_TWO)).shape).toEqual([2]);
    });

    test.each([
        ["not .npy", new Uint8Array(latin1("PK\x03\x04 something else")), /no \.npy file/],
        ["empty", new Uint8Array(), /no \.npy file/],
        ["version 4", Uint8Array.from([0x93, ...latin1("NUMPY"), 4, 0, 0, 0]), /version 4/],
        ["cut in its header", file(1, FLOATS, ONE_TWO).subarray(0, 40), /cut short within its header/],
        ["cut in its data", file(1, FLOATS, ONE_TWO).subarray(0, -1), /needs 8 bytes, it has 7/],
        ["two arrays", file(1, FLOATS, [...ONE_TWO, 0]), /more than one array/],
        ["Fortran order", file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", ONE_TWO), /Fortran/],
        ["big-endian", file(1, FLOATS.replace("<", ">"), ONE_TWO), /big-endian/],
        ["objects", file(1, FLOATS.replace("<f4", "|O"), ONE_TWO), /\|O has no counterpart/],
        ["complex", file(1, FLOATS.replace("<f4", "<c8"), ONE_TWO), /<c8 has no counterpart/],
        [
            "structures",
            file(1, "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }", ONE_TWO),
            /struct/,
        ],
        ["no shape", file(1, "{'descr': '<f4', 'fortran_order': False, }", ONE_TWO), /header is malformed/],
        [
            "a key twice",
            file(1, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", []),
            /malformed/,
        ],
        ["a negative extent", file(1, FLOATS.replace("2,", "-2,"), ONE_TWO), /malformed/],
        ["a huge extent", file(1, FLOATS.replace("2,", "99999999999999999999,"), ONE_TWO), /malformed/],
        [
            "an endless header",
            Uint8Array.from([0x93, ...latin1("NUMPY"), 2, 0, 255, 255, 255, 255]),
            /claims 4294967295/,
        ],
    ])("refuses a file that is %s", (_, bytes, reason) => {
        expect(() => readNpy(bytes)).toThrow(UserError);
        expect(() => readNpy(bytes)).toThrow(reason);
    });

    test("no mutation of a file makes it throw anything but a UserError", () => {
        const original = file(1, FLOATS, ONE_TWO);
        let state = 1;
        const random = (below: number): number => {
            state = (Math.imul(state, 1103515245) + 12345) >>> 0;
            return (state >>> 8) % below;
        };
        for (let round = 0; round < 5000; round++) {
            const mutated = original.slice(0, random(8) === 0 ? random(original.length + 1) : original.length);
            for (let change = random(4); change >= 0 && mutated.length > 0; change--) {
                mutated[random(mutated.length)] = random(256);
            }
            try {
                const array = readNpy(mutated);
                expect(array.bytes.length).toBeLessThanOrEqual(ONE_TWO.length);
            } catch (error) {
                expect(error).toBeInstanceOf(UserError);
            }
        }
    });
});

describe("writing", () => {
    test("lays the file out as version 1.0 is described", () => {
        const written = writeNpy({ type: "f32", shape: [2], bytes: Uint8Array.from(ONE_TWO) });
        expect([...written.subarray(0, 10)]).toEqual([0x93, ...latin1("NUMPY"), 1, 0, 0x76, 0]);
        const header = Buffer.from(written.subarray(10, 128)).toString("latin1");
        expect(header.trimEnd()).toBe(FLOATS);
        expect(header.endsWith("\n")).toBe(true);
        expect([...written.subarray(128)]).toEqual(ONE_TWO);
    });

    test("what is written reads back", () => {
        for (const shape of [[], [0], [3], [2, 3], [2, 0, 3]]) {
            const count = shape.reduce((product, extent) => product * extent, 1);
            const bytes = Uint8Array.from({ length: count * 8 }, (_, index) => index);
            expect(readNpy(writeNpy({ type: "i64", shape, bytes }))).toEqual({ type: "i64", shape, bytes });
        }
    });
});

const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

describe.runIf(hasNumpy)("NumPy", () => {
    let folder: string;
    beforeAll(() => {
        folder = mkdtempSync(join(tmpdir(), "soma-npy-"));
    });
    afterAll(() => {
        rmSync(folder, { recursive: true });
    });

    const TYPES: readonly (readonly [NpyType, string])[] = [
        ["bool", "bool"],
        ["i8", "int8"],
        ["u8", "uint8"],
        ["i16", "int16"],
        ["u16", "uint16"],
        ["i32", "int32"],
        ["u32", "uint32"],
        ["i64", "int64"],
        ["u64", "uint64"],
        ["f16", "float16"],
        ["f32", "float32"],
        ["f64", "float64"],
    ];

    test("reads what we write, and we read what it writes, in every type", () => {
        const script = `
import numpy, sys
for soma, name in [pair.split(":") for pair in sys.argv[2:]]:
    ours = numpy.load(f"{sys.argv[1]}/{soma}.npy")
    assert ours.dtype == name and ours.shape == (2, 3) and ours.flags.c_contiguous, (soma, ours.dtype)
    assert ours.tobytes() == b"\\x01\\x00" * 3 * ours.dtype.itemsize, soma
    numpy.save(f"{sys.argv[1]}/{soma}.numpy.npy", ours)
`;
        const written = new Map<NpyType, Uint8Array>();
        for (const [type, name] of TYPES) {
            const size = Number(/\d+$/.exec(name)?.[0] ?? "8") / 8;
            const bytes = Uint8Array.from({ length: 6 * size }, (_, index) => (index + 1) % 2);
            written.set(type, bytes);
            writeFileSync(join(folder, `${type}.npy`), writeNpy({ type, shape: [2, 3], bytes }));
        }
        execFileSync("python3", ["-c", script, folder, ...TYPES.map((pair) => pair.join(":"))]);
        for (const [type] of TYPES) {
            const array = readNpy(readFileSync(join(folder, `${type}.numpy.npy`)));
            expect(array.type).toBe(type);
            expect(array.shape).toEqual([2, 3]);
            expect([...array.bytes]).toEqual([...(written.get(type) ?? [])]);
        }
    });
});
