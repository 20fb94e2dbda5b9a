// Values as `--print` shows them: one row a line, elements with a comma between them, each as short as it can be while
// it still reads back to the same value in its type. Large arrays lose their middle, and say how much.

import type { ScalarType } from "../../../runtime/elements.js";
import { formatElement } from "../../../runtime/text.js";
import type { Elements } from "./data.js";

/** Up to this many elements, all are shown. */
const MOST_SHOWN = 1000;
/** What is shown of each end of an axis where not all is. */
const EDGE = 8;

/** An element's text. */
type Show = (position: number) => string;

/**
 * A row-major array as text without a newline at its end. Rows are lines; a blank line separates matrices.
 * @param shape extents, outermost first
 */
export function formatArray(shape: readonly number[], show: Show): string {
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (count === 0) {
        return "(empty)";
    }
    const elide = count > MOST_SHOWN;
    const text = formatAxis(shape, show, elide, 0);
    return elide ? `${text}\n(${count.toLocaleString("en-US")} values; --dump writes them all)` : text;
}

/** The part of the array from element `start` on that has this shape. */
function formatAxis(shape: readonly number[], show: Show, elide: boolean, start: number): string {
    const [extent, ...inner] = shape;
    if (extent === undefined) {
        return show(start);
    }
    const stride = inner.reduce((product, size) => product * size, 1);
    const part = (index: number): string => formatAxis(inner, show, elide, start + index * stride);
    const separator = inner.length === 0 ? ", " : "\n".repeat(inner.length);
    const parts: string[] = [];
    for (let index = 0; index < extent; index++) {
        if (elide && extent > 2 * EDGE && index === EDGE) {
            parts.push("…");
            index = extent - EDGE;
        }
        parts.push(part(index));
    }
    return parts.join(separator);
}

/** The elements of a view as `--print` shows them. */
export function formatElements(type: ScalarType, shape: readonly number[], elements: Elements): string {
    return formatArray(shape, (position) => formatElement(elements[position] ?? 0, type));
}
