// A code generator that remembers. The cache sits here, behind the front end, because the generator is where the time goes
// and because its input says everything that its output depends on: no list of imports can be forgotten, and diagnostics
// are those of the source as it is. A failure is never kept.

import type { Codegen, CodegenResult } from "../codegen.js";
import { COMPILER } from "../version.js";
import type { EntryStore } from "./disk.js";
import { type CacheableResult, decodeEntry, encodeEntry } from "./entry.js";
import { cacheKey } from "./key.js";
import { RecentMap } from "./recent.js";

export interface CacheOptions {
    /** Entries that outlive the process; undefined for none. */
    readonly store: EntryStore | undefined;
    /** What tells two builds of the code generator of the same LLVM version apart. */
    readonly build: string;
    /** Results that are kept in memory, by default 1000. */
    readonly capacity?: number;
}

/** The same generator, asked only for what is in neither the memory nor the store. Equal requests at once are one. */
export function cachedCodegen(codegen: Codegen, { store, build, capacity = 1000 }: CacheOptions): Codegen {
    const generator = `${COMPILER}, LLVM ${codegen.version}, ${build}`;
    const recent = new RecentMap<CacheableResult>(capacity);
    const running = new Map<string, Promise<CodegenResult>>();

    async function obtain(key: string, generate: () => Promise<CodegenResult>): Promise<CodegenResult> {
        const entry = await store?.get(key);
        const stored = entry && decodeEntry(key, entry);
        if (stored) {
            recent.set(key, stored);
            return { ...stored, cached: "disk" };
        }
        const generated = await generate();
        const { output, messages } = generated;
        if (output === null) return generated;
        const result = { output, messages };
        recent.set(key, result);
        await store?.put(key, encodeEntry(key, result));
        return generated;
    }

    return {
        version: codegen.version,
        async generate(ir, options) {
            const key = cacheKey(ir, options, generator);
            const known = recent.get(key);
            if (known) return copyOf({ ...known, cached: "memory" });
            let pending = running.get(key);
            if (!pending) {
                pending = obtain(key, () => codegen.generate(ir, options)).finally(() => running.delete(key));
                running.set(key, pending);
            }
            return copyOf(await pending);
        },
    };
}

/** The caller may change what it gets; what is kept stays. */
function copyOf(result: CodegenResult): CodegenResult {
    return { ...result, output: result.output && Uint8Array.from(result.output) };
}
