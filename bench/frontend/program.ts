// A realistic program of any size: the samples and the standard library's mathematics, renamed and repeated, with a kernel
// for each function, so that all of it is compiled.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";

function read(...path: readonly string[]): string {
    return readFileSync(join(packageRoot(), ...path), "utf8");
}

function samples(): string {
    const names = readdirSync(join(packageRoot(), "samples", "aura")).filter((name) => name.endsWith(".soma"));
    return names.map((name) => read("samples", "aura", name)).join("\n");
}

function mathematics(): string {
    const folder = join(packageRoot(), "stdlib", "math");
    const library = readdirSync(folder)
        .map((file) => {
            const text = read("stdlib", "math", file).replace(/^import .*\{[^}]*\}$/gm, "");
            // Modules may have private items of the same name.
            const own = [...text.matchAll(/^(?:fn|const) (\w+)/gm)].map(([, name]) => name as string);
            return renamed(text, new Set(own), `_${file.replace(/\.soma$/, "")}`);
        })
        .join("\n");
    const users = [...library.matchAll(/^pub fn (\w+)\(\w+: (f32|f64)\) -> \2 /gm)].map(
        ([, name, type]) =>
            `kernel all_${name}(x: ${type}[n], y: mut ${type}[n]) over i in n { y[i] = ${name}(x[i]) }\n`,
    );
    return `${library}\n${users.join("\n")}`;
}

/** The text with a suffix at every name that its items declare. */
function renamed(text: string, names: ReadonlySet<string>, suffix: string): string {
    return text.replace(/\b[A-Za-z_]\w*/g, (word) => (names.has(word) ? word + suffix : word));
}

/** At least `bytes` of text, in whole copies; below 100 kB of the samples alone, as the library is larger than that. */
export function programOf(bytes: number): string {
    const unit = bytes < 100_000 ? samples() : `${samples()}\n${mathematics()}`;
    const names = new Set(
        [...unit.matchAll(/^(?:pub )?(?:fn|kernel|const) (\w+)/gm)].map(([, name]) => name as string),
    );
    const copies: string[] = [];
    for (let length = 0; length < bytes; length += (copies.at(-1) as string).length) {
        copies.push(renamed(unit, names, `_${copies.length}`));
    }
    return copies.join("\n");
}
