// `soma init`: a project that builds and runs. It is the sample project for esbuild, which the tests build and run.

import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { writeDeclarations } from "../../bundler/declaration-file.js";
import { readSourceModule } from "../../bundler/source-module.js";
import { packageRoot } from "../../shell/package-root.js";
import { EXIT, UserError } from "../errors.js";
import { attempt } from "../files.js";
import { writeOut } from "../terminal.js";

const TEMPLATE = join("samples", "projects", "esbuild");
const KERNELS = join("src", "saxpy.soma");
/** npm leaves files of this name out of a package, so it can't be a part of the template. */
const GITIGNORE = "node_modules/\ndist/\n";

/** @throws UserError where the folder has something in it or can't be written */
export async function init(folder: string): Promise<number> {
    await attempt("make", folder, () => mkdir(folder, { recursive: true }));
    const existing = await attempt("read", folder, () => readdir(folder));
    if (existing.length > 0) {
        throw new UserError(`${folder} is not empty: it has ${existing[0]}`, "name a folder that isn't there yet");
    }
    await attempt("write", folder, () => copyTemplate(folder));
    const kernels = join(folder, KERNELS);
    await writeDeclarations(kernels, (await readSourceModule(kernels)).kernels);
    await writeOut(`${folder} is ready:\n\n  cd ${folder}\n  npm install\n  npm start\n`);
    return EXIT.ok;
}

async function copyTemplate(folder: string): Promise<void> {
    await cp(join(packageRoot(), TEMPLATE), folder, { recursive: true });
    await writeFile(join(folder, ".gitignore"), GITIGNORE);
    const path = join(folder, "package.json");
    const description = JSON.parse(await readFile(path, "utf8")) as object;
    const named = { ...description, name: packageName(basename(resolve(folder))) };
    await writeFile(path, `${JSON.stringify(named, null, 2)}\n`);
}

/** The folder's name with what npm takes in a package's name (lower case, URL-safe, no leading dot or underscore). */
function packageName(folder: string): string {
    const name = folder.toLowerCase().replace(/[^a-z0-9._-]+/g, "-");
    return name.replace(/^[._-]+/, "") || "soma-project";
}
