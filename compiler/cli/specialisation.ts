// `--const BM=64 --dim n=1024`: what to compile a module for.

import type { Specialisation } from "../sema/specialise.js";
import { UsageError } from "./errors.js";

/** @param constants, dims each as `NAME=VALUE`; of one that is given twice the last counts */
export function specialisationOf(constants: readonly string[] = [], dims: readonly string[] = []): Specialisation {
    return { const: valuesOf("--const", constants, parseValue), dims: valuesOf("--dim", dims, parseExtent) };
}

function valuesOf<V>(flag: string, texts: readonly string[], parse: (text: string) => V | null): Record<string, V> {
    return Object.fromEntries(
        texts.map((text) => {
            const [, name = "", written = ""] = /^([A-Za-z_]\w*)=(.+)$/.exec(text) ?? [];
            const value = name === "" ? null : parse(written);
            if (value === null) throw new UsageError(`${flag} takes a name and a value, as in BM=64, not ${text}`);
            return [name, value];
        }),
    );
}

function parseValue(text: string): number | bigint | boolean | null {
    if (text === "true" || text === "false") return text === "true";
    if (/^-?\d+$/.test(text)) return BigInt(text);
    const value = Number(text);
    return Number.isFinite(value) ? value : null;
}

function parseExtent(text: string): number | null {
    return /^\d+$/.test(text) ? Number(text) : null;
}
