// Where the native parts lie: built in `build/native` of a checkout, or in the package of the platform, which npm installs beside this
// one where it fits the machine (an optional dependency: no install script, and nothing is downloaded by Soma).

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "./package-root.js";

/** Its name for this machine; that with `gnu` needs glibc. */
export function platformPackage(): string {
    const { platform, arch } = process;
    return `soma-lang-${platform}-${arch}${platform === "linux" ? "-gnu" : ""}`;
}

let platformFolder: string | undefined | null = null;

function findPlatformFolder(): string | undefined {
    if (platformFolder === null) {
        try {
            const require = createRequire(join(packageRoot(), "package.json"));
            platformFolder = dirname(require.resolve(`${platformPackage()}/package.json`));
        } catch {
            platformFolder = undefined;
        }
    }
    return platformFolder;
}

/** The path of a native part; that of a checkout's where there is none. */
export function nativePart(file: string): string {
    const own = join(packageRoot(), "build", "native", file);
    if (existsSync(own)) return own;
    const folder = findPlatformFolder();
    return folder === undefined ? own : join(folder, file);
}

/** What to do where a native part is missing: other words for who builds Soma than for who has installed it. */
export function howToGetNativeParts(): string {
    return existsSync(join(packageRoot(), "tools", "setup.sh"))
        ? `run \`npm run setup\` in ${packageRoot()}`
        : `npm installs it with the package ${platformPackage()}, which is an optional dependency of soma-lang: install again without \`--omit=optional\`; there are packages for linux-x64 with glibc`;
}
