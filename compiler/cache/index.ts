// The cached code generator of this process, as the command line and the runtime use it. The environment variable
// SOMA_CACHE names the folder of the entries; `off` keeps them in memory alone.

import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { Codegen } from "../codegen.js";
import { codegenPath, loadCodegen } from "../shell/codegen.js";
import { buildId } from "./build-id.js";
import { cachedCodegen } from "./codegen.js";
import { DiskStore } from "./disk.js";

const LIMIT_BYTES = 512 * 2 ** 20;

let shared: Codegen | undefined;

/** @throws CodegenUnavailableError as `loadCodegen` does */
export function loadCachedCodegen(): Codegen {
    if (shared === undefined) {
        const codegen = loadCodegen();
        const folder = cacheFolder(process.env);
        const store = folder === undefined ? undefined : new DiskStore(folder, LIMIT_BYTES);
        shared = cachedCodegen(codegen, { store, build: buildId(codegenPath()) });
    }
    return shared;
}

/**
 * Where the entries are, after the XDG base directory specification; undefined to keep none.
 * @param environment as `process.env` has it
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string | undefined {
    const { SOMA_CACHE: own, XDG_CACHE_HOME: base } = environment;
    if (own === "off") return undefined;
    if (own) return resolve(own);
    // The specification: a relative path there is to be ignored.
    if (base && isAbsolute(base)) return join(base, "soma");
    try {
        return join(homedir(), ".cache", "soma");
    } catch {
        // An account without a home.
        return undefined;
    }
}
