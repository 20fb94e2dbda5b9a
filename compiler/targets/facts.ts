// What a program can ask of the target that it is compiled for: `target.has_wmma`. Sources: as of targets.ts; matrix
// instructions and conversions of fp8 by AMD's ISA manuals.

import { TARGETS, type Target } from "./targets.js";

type Family = Target["family"];

export interface Fact {
    readonly doc: string;
    readonly of: (target: Target) => boolean | bigint;
}

const inFamilies =
    (...families: readonly Family[]) =>
    ({ family }: Target) =>
        families.includes(family);

const families: readonly Family[] = [...new Set(TARGETS.map(({ family }) => family))];
const word = (name: string) => name.replace(/\W/g, "_");

const hasWaves = ({ waveSizes }: Target, size: number) => waveSizes.some((each) => each === size);

export const FACTS: Readonly<Record<string, Fact>> = {
    wave_size: {
        doc: "The lanes of a wave where a kernel doesn't say.",
        of: ({ waveSize }) => BigInt(waveSize),
    },
    lds_bytes: {
        doc: "The bytes that a workgroup's shared arrays can have.",
        of: ({ limits }) => BigInt(limits.ldsPerWorkgroup),
    },
    has_wave32: { doc: "Whether kernels can have waves of 32 lanes.", of: (target) => hasWaves(target, 32) },
    has_wave64: { doc: "Whether kernels can have waves of 64 lanes.", of: (target) => hasWaves(target, 64) },
    has_wmma: {
        doc: "Whether it has the matrix instructions of RDNA.",
        of: inFamilies("rdna3", "rdna3.5", "rdna4", "gfx1250"),
    },
    has_mfma: {
        doc: "Whether it has the matrix instructions of CDNA.",
        of: inFamilies("cdna1", "cdna2", "cdna3", "cdna4", "cdna3-4"),
    },
    has_fp8_ocp: {
        doc: "Whether it converts f8e4m3 and f8e5m2 in hardware.",
        of: inFamilies("cdna4", "rdna4", "gfx1250"),
    },
    has_fp8_fnuz: { doc: "Whether it converts f8e4m3fnuz and f8e5m2fnuz in hardware.", of: inFamilies("cdna3") },
    ...Object.fromEntries(
        families.map((family): [string, Fact] => [
            `is_${word(family)}`,
            { doc: `Whether its family is ${family}.`, of: inFamilies(family) },
        ]),
    ),
    ...Object.fromEntries(
        TARGETS.filter(({ name, family }) => word(family) !== name).map(({ name }): [string, Fact] => [
            `is_${word(name)}`,
            { doc: `Whether it is ${name}.`, of: (target) => target.name === name },
        ]),
    ),
};
