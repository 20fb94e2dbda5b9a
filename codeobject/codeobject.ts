// readCodeObject(): everything that a code object says of itself, without loading it on a device.

import { readElf } from "./elf.js";
import { CodeObjectError } from "./error.js";
import { type FeatureSetting, readMachine } from "./machine.js";
import { MANIFEST_NOTE_NAME, MANIFEST_NOTE_TYPE, type Manifest } from "./manifest.js";
import { readManifest } from "./manifest-reader.js";
import { METADATA_NOTE_NAME, METADATA_NOTE_TYPE, type Metadata, readMetadata } from "./metadata.js";

const ELFOSABI_AMDGPU_HSA = 64;
/** `EI_ABIVERSION` counts HSA code object versions from V2 = 0; V4 brought target ids. */
const FIRST_ABI_VERSION = 2;
const ABI_VERSION_TO_CODE_OBJECT = 2;

export interface CodeObject {
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

/**
 * Reads a code object (an `.hsaco` file).
 * @throws CodeObjectError that says what is wrong with the bytes.
 */
export function readCodeObject(bytes: Uint8Array): CodeObject {
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
    return { target, xnack: machine.xnack, sramecc: machine.sramecc, version, metadata, manifest };
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
