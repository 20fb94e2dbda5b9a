// Places: what an assignment writes, from the inside out.

import type { Local, Place } from "./program.js";

/** The variable, view or array that a place is a part of. */
export function rootOf(place: Place): Local {
    let part: Place = place;
    while (part.kind === "field" || part.kind === "swizzle" || part.kind === "item") part = part.base as Place;
    return part.kind === "local" ? part.local : part.base;
}
