// Makes small code objects from nothing but the ELF layout, so that the reader is tested against bytes it did not make.

import { encode } from "@msgpack/msgpack";
import type { Manifest } from "../../codeobject/manifest.js";

export interface ElfParts {
    readonly flags?: number;
    readonly osAbi?: number;
    readonly abiVersion?: number;
    readonly machine?: number;
    readonly metadata?: unknown;
    readonly manifest?: unknown;
}

const SAXPY_KERNEL = {
    ".name": "saxpy",
    ".symbol": "saxpy.kd",
    ".args": [{ ".offset": 0, ".size": 4, ".value_kind": "by_value" }],
    ".kernarg_segment_size": 32,
    ".kernarg_segment_align": 8,
    ".group_segment_fixed_size": 0,
    ".private_segment_fixed_size": 0,
    ".wavefront_size": 32,
    ".sgpr_count": 18,
    ".vgpr_count": 6,
    ".max_flat_workgroup_size": 256,
};

export const SAXPY_METADATA = {
    "amdhsa.version": [1, 2],
    "amdhsa.target": "amdgcn-amd-amdhsa--gfx1100",
    "amdhsa.kernels": [SAXPY_KERNEL],
};

export const SAXPY_MANIFEST: Manifest = {
    version: 1,
    compiler: "soma test",
    target: "gfx1100",
    kernels: [
        {
            name: "saxpy",
            symbol: "saxpy",
            doc: "",
            parameters: [
                { kind: "scalar", name: "a", type: "f32" },
                { kind: "view", name: "x", element: "f32", dims: ["n"], mutable: false },
                { kind: "view", name: "y", element: "f32", dims: ["n"], mutable: true },
            ],
            dims: ["n"],
            arguments: [
                { kind: "scalar", name: "a", type: "f32", offset: 0 },
                { kind: "view", name: "x", offset: 8 },
                { kind: "view", name: "y", offset: 16 },
                { kind: "dim", name: "n", offset: 24 },
            ],
            argumentSize: 32,
            launch: { kind: "over", extents: ["n"], workgroup: [256] },
        },
    ],
    reports: [],
};

/** An ELF-64 file with a `.note` and, unless it is null, a `.note.soma`, laid out as the gABI says. */
export function buildElf(parts: ElfParts = {}): Uint8Array {
    const metadata = note("AMDGPU", 32, encode(parts.metadata ?? SAXPY_METADATA));
    const manifest =
        parts.manifest === null
            ? Buffer.alloc(0)
            : note("Soma", 1, Buffer.from(JSON.stringify(parts.manifest ?? SAXPY_MANIFEST)));
    const names = Buffer.from("\0.note\0.note.soma\0.shstrtab\0");
    const header = Buffer.alloc(64);
    header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, parts.osAbi ?? 64, parts.abiVersion ?? 3]);
    header.writeUInt16LE(3, 16);
    header.writeUInt16LE(parts.machine ?? 224, 18);
    header.writeUInt32LE(1, 20);
    const contents = [metadata, manifest, names];
    const sectionsAt = 64 + contents.reduce((total, { length }) => total + length, 0);
    header.writeBigUInt64LE(BigInt(sectionsAt), 40);
    header.writeUInt32LE(parts.flags ?? 0x41, 48);
    header.writeUInt16LE(64, 52);
    header.writeUInt16LE(64, 58);
    header.writeUInt16LE(4, 60);
    header.writeUInt16LE(3, 62);
    let at = 64;
    const sections = contents.map((content, index) => {
        const section = Buffer.alloc(64);
        section.writeUInt32LE([1, 7, 18][index] as number, 0);
        section.writeUInt32LE(index === 2 ? 3 : 7, 4);
        section.writeBigUInt64LE(BigInt(at), 24);
        section.writeBigUInt64LE(BigInt(content.length), 32);
        at += content.length;
        return section;
    });
    return Uint8Array.from(Buffer.concat([header, ...contents, Buffer.alloc(64), ...sections]));
}

function note(name: string, type: number, description: Uint8Array): Buffer {
    const header = Buffer.alloc(12);
    header.writeUInt32LE(name.length + 1, 0);
    header.writeUInt32LE(description.length, 4);
    header.writeUInt32LE(type, 8);
    return Buffer.concat([header, pad(Buffer.from(`${name}\0`)), pad(description)]);
}

function pad(bytes: Uint8Array): Buffer {
    return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
