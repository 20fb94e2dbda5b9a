// Reading the ELF container of a code object: its header, sections and notes. Layouts are those of the System V ABI's
// ELF-64 (gABI, chapters 4 and 5). Everything is input: each offset and size is checked before it is used.

import { Bytes } from "./bytes.js";
import { CodeObjectError } from "./error.js";

const EM_AMDGPU = 224;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;
const PT_NOTE = 4;
const SECTION_HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;

export interface ElfSection {
    readonly name: string;
    /** `SHT_…`. */
    readonly type: number;
    /** Empty for a section that occupies no bytes in the file. */
    readonly content: Bytes;
}

/** One entry of a note section. */
export interface ElfNote {
    readonly name: string;
    readonly type: number;
    readonly description: Bytes;
}

export interface Elf {
    /** `EI_OSABI`: 64 is AMD's HSA. */
    readonly osAbi: number;
    /** `EI_ABIVERSION`: for HSA it gives the version of the code object. */
    readonly abiVersion: number;
    readonly flags: number;
    readonly sections: readonly ElfSection[];
    readonly notes: readonly ElfNote[];
}

/**
 * Reads a linked AMDGPU ELF.
 * @throws CodeObjectError where the bytes are no ELF, one of another machine or class, truncated or inconsistent.
 */
export function readElf(array: Uint8Array): Elf {
    const bytes = new Bytes(array);
    requireElf(bytes);
    const identification = { osAbi: bytes.u8(7, "the ELF header"), abiVersion: bytes.u8(8, "the ELF header") };
    const machine = bytes.u16(18, "the ELF header");
    if (machine !== EM_AMDGPU) {
        throw new CodeObjectError(
            `not a code object for an AMD GPU: the ELF file is for machine ${machine} (AMDGPU is ${EM_AMDGPU})`,
        );
    }
    const sections = readSections(bytes);
    const noteSections = sections.filter((section) => section.type === SHT_NOTE).map((section) => section.content);
    return {
        ...identification,
        flags: bytes.u32(48, "the ELF header"),
        sections,
        // A file stripped of its section headers still has its loaded notes as segments.
        notes: (sections.length > 0 ? noteSections : readNoteSegments(bytes)).flatMap(readNotes),
    };
}

/**
 * The notes of a 64-bit ELF file for any machine, by its program headers: its first bytes are enough where the notes are there.
 * @throws CodeObjectError where the bytes are no such file, or end before its notes do.
 */
export function readLoadedNotes(array: Uint8Array): readonly ElfNote[] {
    const bytes = new Bytes(array);
    requireElf(bytes);
    return readNoteSegments(bytes).flatMap(readNotes);
}

function requireElf(bytes: Bytes): void {
    if (!bytes.startsWith("\x7fELF")) {
        const reason = bytes.startsWith("__CLANG_OFFLOAD_BUNDLE__")
            ? "it is a bundle of several; take the one for your target out with clang-offload-bundler"
            : bytes.length === 0
              ? "there are no bytes"
              : "it does not begin as an ELF file does (7f 45 4c 46)";
        throw new CodeObjectError(`not a code object: ${reason}`);
    }
    if (bytes.u8(4, "the ELF header") !== 2 || bytes.u8(5, "the ELF header") !== 1) {
        throw new CodeObjectError("not a code object for an AMD GPU: the ELF file is not 64-bit little-endian");
    }
}

function readSections(bytes: Bytes): ElfSection[] {
    const offset = bytes.size(40, "the ELF header");
    const entrySize = bytes.u16(58, "the ELF header");
    const count = bytes.u16(60, "the ELF header");
    const nameIndex = bytes.u16(62, "the ELF header");
    if (offset === 0 || count === 0) {
        return [];
    }
    if (entrySize !== SECTION_HEADER_SIZE) {
        throw new CodeObjectError(
            `the code object is damaged: its section headers have ${entrySize} bytes, not ${SECTION_HEADER_SIZE}`,
        );
    }
    const table = bytes.slice(offset, count * SECTION_HEADER_SIZE, "the section header table");
    const raw = Array.from({ length: count }, (_, index) => {
        const at = index * SECTION_HEADER_SIZE;
        const what = `section ${index}`;
        const type = table.u32(at + 4, what);
        const size = type === SHT_NOBITS ? 0 : table.size(at + 32, what);
        return {
            name: table.u32(at, what),
            type,
            content: bytes.slice(size === 0 ? 0 : table.size(at + 24, what), size, what),
        };
    });
    const names = raw[nameIndex]?.content;
    return raw.map(({ name, type, content }, index) => ({
        name: names === undefined || names.length === 0 ? "" : names.cString(name, `the name of section ${index}`),
        type,
        content,
    }));
}

function readNoteSegments(bytes: Bytes): Bytes[] {
    const offset = bytes.size(32, "the ELF header");
    const entrySize = bytes.u16(54, "the ELF header");
    const count = bytes.u16(56, "the ELF header");
    if (offset === 0 || count === 0 || entrySize !== PROGRAM_HEADER_SIZE) {
        return [];
    }
    const table = bytes.slice(offset, count * PROGRAM_HEADER_SIZE, "the program header table");
    return Array.from({ length: count }, (_, index) => index * PROGRAM_HEADER_SIZE)
        .filter((at) => table.u32(at, "a segment") === PT_NOTE)
        .map((at) =>
            bytes.slice(table.size(at + 8, "a note segment"), table.size(at + 32, "a note segment"), "a note segment"),
        );
}

/** Entries are a header of three words, a name and a description, each padded to 4 bytes. */
function readNotes(content: Bytes): ElfNote[] {
    const notes: ElfNote[] = [];
    let at = 0;
    while (at < content.length) {
        const nameSize = content.u32(at, "a note");
        const descriptionSize = content.u32(at + 4, "a note");
        const type = content.u32(at + 8, "a note");
        const name = content.slice(at + 12, nameSize, "a note's name");
        const descriptionAt = at + 12 + align4(nameSize);
        notes.push({
            name: nameSize === 0 ? "" : name.cString(0, "a note's name"),
            type,
            description: content.slice(descriptionAt, descriptionSize, "a note's description"),
        });
        at = descriptionAt + align4(descriptionSize);
    }
    return notes;
}

function align4(size: number): number {
    return Math.ceil(size / 4) * 4;
}
