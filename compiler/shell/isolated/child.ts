// What runs in the process of an isolated compile.

import { compile } from "../../driver.js";
import { loadCodegen } from "../codegen.js";
import { loadModule, moduleLoader } from "../modules.js";
import type { IsolatedCompile } from "./compile.js";

process.once("message", async ({ source, modules, options }: IsolatedCompile) => {
    const texts = modules === undefined ? undefined : new Map(Object.entries(modules));
    const load = texts === undefined ? loadModule : moduleLoader({ read: (path) => texts.get(path) });
    process.send?.(await compile(source, load, loadCodegen(), options));
});
