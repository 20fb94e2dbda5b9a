// The space between two neighbours on a line.

import type { Piece, Role } from "./pieces.js";

/** After these an opening bracket belongs to what stands before it: a call, an index, a generic. */
const TAKES_BRACKET = new Set<Role>(["operand", "close"]);

export function spaceBetween(left: Piece, right: Piece): "" | " " {
    if (left.role === "open" || right.role === "close") return "";
    if (left.role === "openBrace" && right.role === "closeBrace") return "";
    if (left.role === "tight" || left.role === "prefix" || left.role === "hash") return "";
    switch (right.role) {
        case "tight":
        case "suffix":
        case "comma":
            return "";
        case "colon":
            // A whole axis (`x[i, :]`) stands like an operand.
            return left.role === "comma" ? " " : "";
        case "open":
            return TAKES_BRACKET.has(left.role) ? "" : " ";
        default:
            return " ";
    }
}
