// How far a constant may reach from a 32-bit byte offset within a view: what a view is smaller than 4 GiB by. An access in
// bounds less such a constant is still below 2^32 bytes.

import { MAX_VIEW_BYTES } from "../../codeobject/manifest.js";

const REACH = 2n ** 32n - BigInt(MAX_VIEW_BYTES);

/** Whether a constant number of elements of so many bytes is within it. */
export function reaches(elements: bigint, bytes: number): boolean {
    const distance = elements * BigInt(bytes);
    return distance <= REACH && distance >= -REACH;
}
