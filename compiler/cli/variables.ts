// Variables of the source as a work-item has them, as text: `v: u32 = 5`.

import { SCALAR_SIZES } from "../../codeobject/scalar-sizes.js";
import { arrayOfBytes, type ScalarType } from "../../runtime/elements.js";
import type { SourceVariable } from "../../runtime/index.js";
import { formatElement } from "../../runtime/text.js";

export function formatVariable({ name, type, kind, elementBytes, count, bytes }: SourceVariable): string {
    const { buffer } = Uint8Array.from(bytes.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    const scalar = scalarOf(type, kind, elementBytes);
    const values = Array.from({ length: count }, (_, at) => {
        const [value = 0] = arrayOfBytes(scalar, buffer.slice(at * elementBytes, (at + 1) * elementBytes));
        return kind === "pointer" ? `0x${value.toString(16)}` : formatElement(value, scalar);
    });
    return count === 1 ? `${name}: ${type} = ${values[0]}` : `${name}: ${type}[${count}] = [${values.join(", ")}]`;
}

/** Soma's own types by their names, those of other compilers by what they are. */
function scalarOf(type: string, kind: SourceVariable["kind"], bytes: number): ScalarType {
    const own = type.replace(/^__/, "");
    if (Object.hasOwn(SCALAR_SIZES, own)) return own as ScalarType;
    if (kind === "boolean") return "bool";
    const prefix = kind === "float" && bytes > 1 ? "f" : kind === "signed" ? "i" : "u";
    return `${prefix}${8 * bytes}` as ScalarType;
}
