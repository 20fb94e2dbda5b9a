// A result of the code generator as the bytes of one cache entry: a SHA-256 over the key and the rest, the length of the
// messages' JSON (32 bits, little-endian), the messages, the output. The key in the checksum ties an entry to its name.

import { createHash } from "node:crypto";
import type { CodegenMessage } from "../codegen.js";

/** A result that is worth keeping: one that has an output. */
export interface CacheableResult {
    readonly output: Uint8Array;
    readonly messages: readonly CodegenMessage[];
}

const CHECKSUM_BYTES = 32;
const HEADER_BYTES = CHECKSUM_BYTES + 4;

export function encodeEntry(key: string, { output, messages }: CacheableResult): Uint8Array {
    const json = Buffer.from(JSON.stringify(messages));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const body = Buffer.concat([length, json, output]);
    return Buffer.concat([checksum(key, body), body]);
}

/** Undefined for bytes that are not exactly what `encodeEntry` gave for this key. */
export function decodeEntry(key: string, bytes: Uint8Array): CacheableResult | undefined {
    const entry = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (entry.length < HEADER_BYTES) return undefined;
    const body = entry.subarray(CHECKSUM_BYTES);
    if (!checksum(key, body).equals(entry.subarray(0, CHECKSUM_BYTES))) return undefined;
    const end = HEADER_BYTES + body.readUInt32LE(0);
    const messages = JSON.parse(entry.toString("utf8", HEADER_BYTES, end)) as CodegenMessage[];
    return { messages, output: Uint8Array.from(entry.subarray(end)) };
}

function checksum(key: string, body: Uint8Array): Buffer {
    return createHash("sha256").update(key).update(body).digest();
}
