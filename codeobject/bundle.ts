// Clang's offload bundles: code objects of several targets in one file, which hipModuleLoad takes as it takes one.
// Layout: clang's documentation, "Clang Offload Bundler", section "Bundled Code Object Layout".

import { CodeObjectError } from "./error.js";

const MAGIC = "__CLANG_OFFLOAD_BUNDLE__";
/** Clang bundles an empty host entry first, and tools expect it. */
const HOST_ID = "host-x86_64-unknown-linux-gnu-";
const DEVICE_ID = /^hip(?:v4)?-amdgcn-amd-amdhsa-(?:unknown)?-([a-z0-9-]+)((?::[a-z]+[+-])*)$/;
const WORD = 8;
/** Of code objects in a bundle, as HIP's loader maps them by pages. */
const ALIGNMENT = 4096;
const MOST_ENTRIES = 4096;

export interface BundleEntry {
    /** A gfx target, such as `gfx1100`. */
    readonly target: string;
    readonly codeObject: Uint8Array;
}

export function isBundle(bytes: Uint8Array): boolean {
    return bytes.length >= MAGIC.length && ascii(bytes, 0, MAGIC.length) === MAGIC;
}

/** The bundle of these code objects, in this order. Equal entries give equal bytes. */
export function writeBundle(entries: readonly BundleEntry[]): Uint8Array {
    const ids = [HOST_ID, ...entries.map(({ target }) => `hipv4-amdgcn-amd-amdhsa--${target}`)];
    const header = MAGIC.length + WORD + ids.reduce((sum, id) => sum + 3 * WORD + id.length, 0);
    const sizes = [0, ...entries.map(({ codeObject }) => codeObject.length)];
    const offsets: number[] = [];
    let end = header;
    for (const size of sizes) {
        const start = size === 0 ? end : Math.ceil(end / ALIGNMENT) * ALIGNMENT;
        offsets.push(start);
        end = start + size;
    }
    const bytes = new Uint8Array(end);
    const view = new DataView(bytes.buffer);
    const encoder = new TextEncoder();
    let at = encoder.encodeInto(MAGIC, bytes).written;
    const word = (value: number): void => {
        view.setBigUint64(at, BigInt(value), true);
        at += WORD;
    };
    word(ids.length);
    ids.forEach((id, index) => {
        word(offsets[index] ?? 0);
        word(sizes[index] ?? 0);
        word(id.length);
        at += encoder.encodeInto(id, bytes.subarray(at)).written;
    });
    entries.forEach(({ codeObject }, index) => {
        bytes.set(codeObject, offsets[index + 1]);
    });
    return bytes;
}

/**
 * The AMD GPU code objects of a bundle.
 * @throws CodeObjectError where the bundle is damaged.
 */
export function readBundle(bytes: Uint8Array): readonly BundleEntry[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = MAGIC.length;
    const word = (): number => {
        if (at + WORD > bytes.length)
            throw new CodeObjectError("the offload bundle is truncated in its table of entries");
        const value = Number(view.getBigUint64(at, true));
        at += WORD;
        return value;
    };
    const count = word();
    if (count > MOST_ENTRIES) throw new CodeObjectError(`the offload bundle is damaged: it claims ${count} entries`);
    const entries: BundleEntry[] = [];
    for (let index = 0; index < count; index += 1) {
        const [offset, size, idLength] = [word(), word(), word()];
        if (idLength > bytes.length - at || offset > bytes.length || size > bytes.length - offset) {
            throw new CodeObjectError(`the offload bundle is damaged: its entry ${index} lies outside of the file`);
        }
        const id = DEVICE_ID.exec(ascii(bytes, at, idLength));
        at += idLength;
        if (id?.[1] !== undefined) {
            entries.push({ target: id[1], codeObject: bytes.subarray(offset, offset + size) });
        }
    }
    return entries;
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
    return String.fromCharCode(...bytes.subarray(start, start + length));
}
