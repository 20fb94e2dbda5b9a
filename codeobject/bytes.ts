// Bounds-checked little-endian reads of untrusted bytes. Every read that would leave them is a CodeObjectError that says
// what was being read and where the bytes end.

import { CodeObjectError } from "./error.js";

const text = new TextDecoder("utf-8", { fatal: true });

export class Bytes {
    private readonly view: DataView;

    constructor(readonly array: Uint8Array) {
        this.view = new DataView(array.buffer, array.byteOffset, array.byteLength);
    }

    get length(): number {
        return this.array.byteLength;
    }

    /** Whether they begin with these ASCII characters. */
    startsWith(ascii: string): boolean {
        return this.length >= ascii.length && [...ascii].every((c, i) => this.array[i] === c.charCodeAt(0));
    }

    u8(offset: number, what: string): number {
        this.require(offset, 1, what);
        return this.view.getUint8(offset);
    }

    u16(offset: number, what: string): number {
        this.require(offset, 2, what);
        return this.view.getUint16(offset, true);
    }

    u32(offset: number, what: string): number {
        this.require(offset, 4, what);
        return this.view.getUint32(offset, true);
    }

    /** A 64-bit size or file offset. One that a number can't hold exactly can't lie in these bytes either. */
    size(offset: number, what: string): number {
        this.require(offset, 8, what);
        const value = this.view.getBigUint64(offset, true);
        if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
            throw new CodeObjectError(`the code object is damaged: ${what} is 0x${value.toString(16)}`);
        }
        return Number(value);
    }

    slice(offset: number, length: number, what: string): Bytes {
        this.require(offset, length, what);
        return new Bytes(this.array.subarray(offset, offset + length));
    }

    /** All of it as UTF-8. */
    utf8(what: string): string {
        try {
            return text.decode(this.array);
        } catch {
            throw new CodeObjectError(`the code object is damaged: ${what} is not UTF-8`);
        }
    }

    /** The bytes from `offset` up to a NUL, as UTF-8. */
    cString(offset: number, what: string): string {
        this.require(offset, 1, what);
        const end = this.array.indexOf(0, offset);
        if (end < 0) {
            throw new CodeObjectError(`the code object is damaged: ${what} has no end`);
        }
        return this.slice(offset, end - offset, what).utf8(what);
    }

    private require(offset: number, length: number, what: string): void {
        if (offset + length > this.length) {
            throw new CodeObjectError(
                `the code object is truncated: ${what} needs bytes ${offset} to ${offset + length}, but there are ${this.length}`,
            );
        }
    }
}
