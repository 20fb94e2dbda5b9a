// Reading code objects from a file, for the commands that look into them: one, or a bundle of several targets.

import { isBundle, readBundle } from "../../codeobject/bundle.js";
import { type CodeObject, readCodeObject } from "../../codeobject/codeobject.js";
import { CodeObjectError } from "../../codeobject/error.js";
import type { Disassembly } from "../../native/llvm/index.js";
import { loadCodegen } from "../shell/codegen.js";
import { UserError } from "./errors.js";
import { readBinary } from "./files.js";

export type CodeObjectFile = CodeObject & {
    readonly path: string;
    readonly bytes: Uint8Array;
};

/**
 * The code objects of a file, all or the one for `target`.
 * A UserError where the file cannot be read, is no code object or has none for the target.
 */
export async function readCodeObjects(path: string, target?: string): Promise<readonly CodeObjectFile[]> {
    const bytes = await readBinary(path);
    try {
        const images = isBundle(bytes) ? readBundle(bytes).map(({ codeObject }) => codeObject) : [bytes];
        const all = images.map((image) => ({ ...readCodeObject(image), path, bytes: image }));
        const chosen = all.filter((object) => target === undefined || object.target === target);
        if (chosen.length > 0) return chosen;
        const targets = all.map((object) => object.target).join(", ");
        throw new UserError(
            target === undefined
                ? `${path}: the bundle has no code object for an AMD GPU`
                : `${path}: nothing for ${target}`,
            targets === "" ? undefined : `it is for ${targets}`,
        );
    } catch (error) {
        if (error instanceof CodeObjectError) {
            const help = path.endsWith(".soma") ? `compile it first: soma build ${path} --target …` : undefined;
            throw new UserError(`${path}: ${error.message}`, help);
        }
        throw error;
    }
}

/** The instructions of a code object. A UserError where it has none, or is damaged. */
export async function disassemble({ path, bytes, format, target }: CodeObjectFile): Promise<Disassembly> {
    if (format === "ptx") {
        throw new UserError(
            `${path} is PTX, which is text as it stands: the driver makes instructions of it when it loads it`,
            `to see NVIDIA's instructions: ptxas -arch=${target} ${path} -o kernels.cubin && nvdisasm kernels.cubin`,
        );
    }
    const codegen = loadCodegen();
    try {
        return await codegen.disassemble(bytes);
    } catch (error) {
        // Given bytes, it fails only for what is in them.
        throw error instanceof Error ? new UserError(`${path}: ${error.message}`) : error;
    }
}
