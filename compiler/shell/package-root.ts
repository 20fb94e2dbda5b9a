// Where the installed package lies: stdlib/, build/native/ and package.json are found from here, in a checkout (this
// file runs from dist/compiler/shell or, under a test runner, from its source) as in an installation.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE_NAME = "soma-lang";

interface PackageDescription {
    readonly name?: string;
    readonly version?: string;
}

function describePackage(folder: string): PackageDescription | undefined {
    let text: string;
    try {
        text = readFileSync(join(folder, "package.json"), "utf8");
    } catch {
        return undefined;
    }
    return JSON.parse(text) as PackageDescription;
}

function findPackage(): { readonly root: string; readonly version: string } {
    let folder = dirname(fileURLToPath(import.meta.url));
    for (;;) {
        const description = describePackage(folder);
        if (description?.name === PACKAGE_NAME) {
            return { root: folder, version: description.version ?? "0.0.0" };
        }
        const parent = dirname(folder);
        if (parent === folder) {
            throw new Error(`no package.json of ${PACKAGE_NAME} above ${fileURLToPath(import.meta.url)}`);
        }
        folder = parent;
    }
}

let found: { readonly root: string; readonly version: string } | undefined;

/** The absolute path of the folder that holds the package.json named `soma-lang`. */
export function packageRoot(): string {
    found ??= findPackage();
    return found.root;
}

/** The version in that package.json, such as `0.1.0`. */
export function packageVersion(): string {
    found ??= findPackage();
    return found.version;
}
