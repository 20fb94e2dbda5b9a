// What events call the streams of this thread.

import type { NativeStream } from "../hip/binding.js";

const numbers = new WeakMap<NativeStream, number>();
let last = 0;

/** The number of a stream in events: those of a thread are counted from 1. */
export function streamNumber(stream: NativeStream): number {
    let number = numbers.get(stream);
    if (number === undefined) {
        number = ++last;
        numbers.set(stream, number);
    }
    return number;
}
