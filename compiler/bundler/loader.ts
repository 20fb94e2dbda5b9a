// The hooks behind `soma-lang/register`, on Node's loader thread. A file is checked when it is imported; it is compiled, for
// the GPU that it turns out to be needed on, when a kernel is first called.

import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import { CompileError, LoadError } from "../../runtime/errors.js";
import { UserError } from "../cli/errors.js";
import { javascriptModule } from "./javascript.js";
import { readSourceModule } from "./source-module.js";

/** The one that belongs to this loader, whatever the importing project has installed. */
const EMBEDDED_URL = new URL("../../runtime/embedded.js", import.meta.url).href;

/** Node's `load` hook (https://nodejs.org/api/module.html#loadurl-context-nextload). */
export const load: LoadHook = async (url, context, nextLoad) => {
    const { protocol, pathname } = new URL(url);
    if (protocol !== "file:" || !pathname.endsWith(".soma")) return nextLoad(url, context);
    try {
        const { source, kernels } = await readSourceModule(fileURLToPath(url));
        const text = javascriptModule(kernels, { path: source.path, source: source.text }, EMBEDDED_URL);
        return { format: "module", shortCircuit: true, source: text };
    } catch (error) {
        if (error instanceof CompileError || error instanceof LoadError || error instanceof UserError) {
            // Where it is in our code is of no use to whoever wrote the file.
            error.stack = `${error.name}: ${error.message}`;
        }
        throw error;
    }
};
