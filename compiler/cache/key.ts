// What a result of the code generator depends on, as one address. The LLVM IR is what the front end made of the source, of
// everything it imports and of the options, with the paths that errors name; so its text stands for all of these.

import { createHash } from "node:crypto";
import type { CodegenOptions } from "../codegen.js";

/** Changed when entries of earlier versions can't be read any more. */
const FORMAT = "soma-cache-2";

/**
 * The SHA-256, in hexadecimal, of everything that decides what the code generator gives.
 * @param generator the compiler's, LLVM's and the addon's identity
 */
export function cacheKey(
    ir: string | readonly string[],
    { target, optimisation, output }: CodegenOptions,
    generator: string,
): string {
    const hash = createHash("sha256");
    hash.update(JSON.stringify([FORMAT, generator, target, optimisation, output]));
    // IR is text without a zero byte.
    for (const part of typeof ir === "string" ? [ir] : ir) hash.update("\0").update(part);
    return hash.digest("hex");
}
