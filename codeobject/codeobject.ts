// readCodeObject(): everything that a code object says of itself, without loading it on a device.

import { Bytes } from "./bytes.js";
import { readElf } from "./elf.js";
import { CodeObjectError } from "./error.js";
import { type FeatureSetting, readMachine } from "./machine.js";
import { MANIFEST_NOTE_NAME, MANIFEST_NOTE_TYPE, MANIFEST_PTX_PREFIX, type Manifest } from "./manifest.js";
import { readManifest } from "./manifest-reader.js";
import { METADATA_NOTE_NAME, METADATA_NOTE_TYPE, type Metadata, readMetadata } from "./metadata.js";
import { isPtx, type Ptx, readPtx } from "./ptx.js";

const ELFOSABI_AMDGPU_HSA = 64;
/** `EI_ABIVERSION` counts HSA code object versions from V2 = 0; V4 brought target ids. */
const FIRST_ABI_VERSION = 2;
const ABI_VERSION_TO_CODE_OBJECT = 2;

export type CodeObject = AmdCodeObject | PtxCodeObject;

/** An `.hsaco` file: machine code of an AMD GPU. */
export interface AmdCodeObject {
    readonly format: "hsaco";
    /** A gfx target, such as `gfx1100`. */
    readonly target: string;
    readonly xnack: FeatureSetting;
    readonly sramecc: FeatureSetting;
    /** The code object version, 4 or later. */
    readonly version: number;
    readonly metadata: Metadata;
    /** Undefined for a code object that Soma did not make. */
    readonly manifest: Manifest | undefined;
}

/** A `.ptx` file: text that the driver of an NVIDIA GPU assembles. */
export interface PtxCodeObject extends Ptx {
    readonly format: "ptx";
    /** Undefined for PTX that Soma did not make. */
    readonly manifest: Manifest | undefined;
}

/**
 * Reads a code object (an `.hsaco` or `.ptx` file).
 * @throws CodeObjectError that says what is wrong with the bytes.
 */
export function readCodeObject(array: Uint8Array): CodeObject {
    const bytes = new Bytes(array);
    return isPtx(bytes) ? readPtxCodeObject(bytes) : readAmdCodeObject(array);
}

function readPtxCodeObject(bytes: Bytes): PtxCodeObject {
    // A C program may have kept the zero byte that CUDA wants at its end.
    const text = bytes.utf8("the PTX").replace(/\0+$/, "");
    const ptx = readPtx(text);
    const line = text.split("\n").find((each) => each.startsWith(MANIFEST_PTX_PREFIX));
    if (line === undefined) {
        return { format: "ptx", ...ptx, manifest: undefined };
    }
    const manifest = readManifest(new Bytes(new TextEncoder().encode(line.slice(MANIFEST_PTX_PREFIX.length))));
    requirePtxAgreement(ptx, manifest);
    return { format: "ptx", ...ptx, manifest };
}

/** The manifest's kernels are there, and take the argument buffer that it describes. */
function requirePtxAgreement({ target, kernels }: Ptx, manifest: Manifest): void {
    if (manifest.target !== target) {
        throw new CodeObjectError(
            `the PTX is damaged: it is for ${target}, and its Soma manifest for ${manifest.target}`,
        );
    }
    for (const { name, symbol, arguments: declared } of manifest.kernels) {
        const found = kernels.find((kernel) => kernel.name === symbol);
        if (found === undefined) {
            throw new CodeObjectError(
                `the PTX is damaged: its Soma manifest declares the kernel ${JSON.stringify(name)}, and it has no .entry ${symbol}`,
            );
        }
        const offsets = found.arguments.map(({ offset }) => offset).join(", ");
        if (offsets !== declared.map(({ offset }) => offset).join(", ")) {
            throw new CodeObjectError(
                `the PTX is damaged: its Soma manifest lays the arguments of ${JSON.stringify(name)} out otherwise than its .entry ${symbol}`,
            );
        }
    }
}

function readAmdCodeObject(bytes: Uint8Array): AmdCodeObject {
    const elf = readElf(bytes);
    if (elf.osAbi !== ELFOSABI_AMDGPU_HSA) {
        throw new CodeObjectError(
            `not an HSA code object: the ELF file is for OS ABI ${elf.osAbi} (AMD's HSA is ${ELFOSABI_AMDGPU_HSA})`,
        );
    }
    const version = elf.abiVersion + ABI_VERSION_TO_CODE_OBJECT;
    if (elf.abiVersion < FIRST_ABI_VERSION) {
        throw new CodeObjectError(`the code object has version ${version}: compile it again as version 4 or later`);
    }
    const machine = readMachine(elf.flags);
    if (machine.target === undefined) {
        throw new CodeObjectError(
            `the code object is for a processor that this Soma does not know (e_flags 0x${elf.flags.toString(16)})`,
        );
    }
    const note = (name: string, type: number) => elf.notes.find((each) => each.name === name && each.type === type);
    const metadataNote = note(METADATA_NOTE_NAME, METADATA_NOTE_TYPE);
    if (metadataNote === undefined) {
        throw new CodeObjectError("the code object has no metadata note of AMD's: it was stripped, or not linked");
    }
    const manifestNote = note(MANIFEST_NOTE_NAME, MANIFEST_NOTE_TYPE);
    const { target } = machine;
    const metadata = readMetadata(metadataNote.description);
    const manifest = manifestNote && readManifest(manifestNote.description);
    requireAgreement(target, metadata, manifest);
    return { format: "hsaco", target, xnack: machine.xnack, sramecc: machine.sramecc, version, metadata, manifest };
}

/** The header, AMD's note and Soma's manifest speak of the same target and kernels; otherwise the file was tampered with. */
function requireAgreement(target: string, metadata: Metadata, manifest: Manifest | undefined): void {
    const named = metadata.target?.split("--")[1]?.split(":")[0];
    if (named !== undefined && named !== target) {
        throw new CodeObjectError(`the code object is damaged: its header says ${target}, and AMD's metadata ${named}`);
    }
    if (manifest === undefined) {
        return;
    }
    if (manifest.target !== target) {
        throw new CodeObjectError(
            `the code object is damaged: its header says ${target}, and its Soma manifest ${manifest.target}`,
        );
    }
    for (const { name, symbol, argumentSize } of manifest.kernels) {
        const found = metadata.kernels.find((kernel) => kernel.symbol === `${symbol}.kd`);
        if (found === undefined) {
            throw new CodeObjectError(
                `the code object is damaged: its Soma manifest declares the kernel ${JSON.stringify(name)}, and AMD's metadata has no ${symbol}.kd`,
            );
        }
        if (argumentSize > found.kernargSegmentSize) {
            throw new CodeObjectError(
                `the code object is damaged: its Soma manifest gives ${JSON.stringify(name)} ${argumentSize} bytes of arguments, and AMD's metadata ${found.kernargSegmentSize}`,
            );
        }
    }
}
