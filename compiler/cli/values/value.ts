// The VALUE forms of `soma run --arg name=VALUE`, from text to data. Types come later, from the kernel's parameter.
//
//   VALUE  = NUMBER | "true" | "false" | LIST
//          | "zeros(" SHAPE ")" | "fill(" NUMBER "," SHAPE ")" | "range(" SHAPE ")" | "random(" SHAPE "," SEED ")"
//          | a path that ends in ".npy"
//   LIST   = "[" ( NUMBER { "," NUMBER } | LIST { "," LIST } ) "]"        rows of one length
//   SHAPE  = EXTENT { "x" EXTENT }        outermost first: 1000, 16x16, 8x28x28

import { formatShape } from "../../../runtime/dims.js";
import { UsageError } from "../errors.js";
import { isScalarText, parseInteger } from "./number.js";

export type Value =
    | { readonly kind: "scalar"; readonly text: string }
    /** A vector's lanes, or the elements of a view in row-major order. */
    | { readonly kind: "list"; readonly texts: readonly string[]; readonly shape: readonly number[] }
    | { readonly kind: "zeros"; readonly shape: readonly number[] }
    /** `text` is the number every element gets. */
    | { readonly kind: "fill"; readonly text: string; readonly shape: readonly number[] }
    /** 0, 1, 2, … in row-major order. */
    | { readonly kind: "range"; readonly shape: readonly number[] }
    | { readonly kind: "random"; readonly shape: readonly number[]; readonly seed: bigint }
    | { readonly kind: "npy"; readonly path: string };

const CALL = /^([a-z_]+)\s*\(([^()]*)\)$/i;
const LIST = /^\[.*\]$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const EXTENT = /^\d+$/;

export const VALUE_FORMS =
    "a number, true, false, [V, V], [[V, V], [V, V]], zeros(SHAPE), fill(V, SHAPE), range(N), random(SHAPE, SEED) or FILE.npy";

/** A view is below 4 GiB, so no extent and no product of extents is anywhere near this. */
const MOST_ELEMENTS = 2 ** 32;

/** Splits `name=VALUE`. */
export function parseBinding(text: string): { readonly name: string; readonly value: Value } {
    const { name, rest } = splitBinding(text, "--arg", "VALUE");
    return { name, value: parseValue(rest, name) };
}

/** Splits `name=rest` at its first `=`. `option` and `what` are for the message. */
export function splitBinding(
    text: string,
    option: string,
    what: string,
): { readonly name: string; readonly rest: string } {
    const equals = text.indexOf("=");
    const name = text.slice(0, equals).trim();
    const rest = text.slice(equals + 1).trim();
    if (equals < 0 || !NAME.test(name) || rest === "") {
        throw new UsageError(`${option} ${text}: expected name=${what}`);
    }
    return { name, rest };
}

function parseValue(text: string, name: string): Value {
    const fail = (reason: string): never => {
        throw new UsageError(`--arg ${name}=${text}: ${reason}`, `a value is ${VALUE_FORMS}`);
    };
    if (isScalarText(text)) {
        return { kind: "scalar", text };
    }
    if (LIST.test(text)) {
        return { kind: "list", ...parseList(text, fail) };
    }
    const call = CALL.exec(text);
    if (!call) {
        return text.endsWith(".npy") ? { kind: "npy", path: text } : fail(`\`${text}\` is no value`);
    }
    const form = call[1] ?? "";
    const parts = (call[2] ?? "").split(",").map((part) => part.trim());
    const shapeAt = (position: number): readonly number[] => parseShape(parts[position] ?? "", fail);
    const expectParts = (count: number, form: string): void => {
        if (parts.length !== count || parts.includes("")) {
            const extents = parts.every((part) => EXTENT.test(part)) && parts.length > count;
            fail(extents ? `expected ${form}; a shape of several dimensions is written 16x16` : `expected ${form}`);
        }
    };
    switch (form) {
        case "zeros":
            expectParts(1, "zeros(SHAPE)");
            return { kind: "zeros", shape: shapeAt(0) };
        case "fill":
            expectParts(2, "fill(V, SHAPE)");
            if (!isScalarText(parts[0] ?? "")) {
                fail(`\`${parts[0]}\` is no number`);
            }
            return { kind: "fill", text: parts[0] ?? "", shape: shapeAt(1) };
        case "range":
            expectParts(1, "range(N)");
            return { kind: "range", shape: shapeAt(0) };
        case "random": {
            expectParts(2, "random(SHAPE, SEED)");
            const seed = parseInteger(parts[1] ?? "");
            if (seed === undefined || seed < 0n || seed >= 1n << 64n) {
                return fail(`the seed \`${parts[1]}\` is not an integer from 0 to 2^64 - 1`);
            }
            return { kind: "random", shape: shapeAt(0), seed };
        }
        default:
            return fail(`there is no \`${form}(…)\``);
    }
}

interface Nested {
    readonly texts: readonly string[];
    readonly shape: readonly number[];
}

/** A list of numbers, or of lists that are all of one shape. */
function parseList(text: string, fail: (reason: string) => never): Nested {
    const items = splitItems(text.slice(1, -1), fail).map((item): Nested => {
        if (LIST.test(item)) return parseList(item, fail);
        if (item === "")
            return fail("a list has a number, or a list, before and behind each comma; nothing is zeros(0)");
        return isScalarText(item) ? { texts: [item], shape: [] } : fail(`\`${item}\` is no number`);
    });
    const shape = items[0]?.shape ?? [];
    const other = items.find((item) => item.shape.join() !== shape.join());
    if (other) fail(`its parts differ in shape: ${formatPart(shape)} and ${formatPart(other.shape)}`);
    return { texts: items.flatMap(({ texts }) => texts), shape: [items.length, ...shape] };
}

function formatPart(shape: readonly number[]): string {
    return shape.length === 0 ? "a number" : `a list of the shape ${formatShape(shape)}`;
}

/** What stands between the commas that are in no brackets. */
function splitItems(text: string, fail: (reason: string) => never): string[] {
    const items: string[] = [];
    let [start, depth] = [0, 0];
    for (let at = 0; at <= text.length; at++) {
        const char = text[at];
        if (char === "[") depth++;
        if (char === "]") depth--;
        if (depth < 0) fail("a `]` is without its `[`");
        if (char === undefined || (char === "," && depth === 0)) {
            items.push(text.slice(start, at).trim());
            start = at + 1;
        }
    }
    return depth > 0 ? fail("a `[` is without its `]`") : items;
}

function parseShape(text: string, fail: (reason: string) => never): readonly number[] {
    const parts = text.split("x").map((part) => part.trim());
    if (!parts.every((part) => EXTENT.test(part))) {
        fail(`\`${text}\` is no shape; write 1000, or 16x16 for several dimensions`);
    }
    const shape = parts.map(Number);
    if (shape.some((extent) => extent > MOST_ELEMENTS) || shape.reduce((a, b) => a * b, 1) > MOST_ELEMENTS) {
        fail(`the shape ${text} has too many elements; a view is below 4 GiB`);
    }
    return shape;
}
