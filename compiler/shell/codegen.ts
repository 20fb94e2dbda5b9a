// Loads the code generator: the native addon that holds LLVM and lld.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { SomaError } from "../../codeobject/error.js";
import type { LlvmAddon } from "../../native/llvm/index.js";
import { howToGetNativeParts, nativePart } from "./native-part.js";

/** The native part isn't built, or doesn't load on this machine: a matter of the set-up, not a bug. */
export class CodegenUnavailableError extends SomaError {
    readonly code = "ERR_SOMA_CODEGEN_UNAVAILABLE";
}

let loaded: LlvmAddon | undefined;

/** Where the addon lies, whether it is built or not. */
export function codegenPath(): string {
    return nativePart("soma_llvm.node");
}

/**
 * The code generator of this process.
 * @throws CodegenUnavailableError that says what to do, where the native part isn't built or doesn't load
 */
export function loadCodegen(): LlvmAddon {
    loaded ??= load(codegenPath());
    return loaded;
}

function load(path: string): LlvmAddon {
    if (!existsSync(path)) {
        throw new CodegenUnavailableError(
            `the code generator is not there: there is no ${path}; ${howToGetNativeParts()}`,
        );
    }
    try {
        return createRequire(import.meta.url)(path) as LlvmAddon;
    } catch (cause) {
        const words = cause instanceof Error ? cause.message : String(cause);
        throw new CodegenUnavailableError(`the code generator doesn't load: ${words}; ${howToGetNativeParts()}`, {
            cause,
        });
    }
}
