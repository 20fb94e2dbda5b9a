// A small project in a folder of its own, with the package installed as a link: what its users have.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";

export const SAXPY = `/// y ← a·x + y, one work-item per element.
kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n {
    y[i] = a * x[i] + y[i]
}
`;

/** Prints y ← 2·x + y for x = 0, 1, 2, 3 and y = 1. */
export const MAIN = `import { open } from "soma-lang/runtime";
import { saxpy } from "./saxpy.soma";

const gpu = await open("vgpu:gfx1100");
const x = gpu.tensor("f32", [4], [0, 1, 2, 3]);
const y = gpu.tensor("f32", [4], [1, 1, 1, 1]);
await saxpy({ a: 2, x, y });
console.log([...(await y.read())].join(" "));
`;

export const EXPECTED = "1 3 5 7\n";

export type Output = Pick<SpawnSyncReturns<string>, "status" | "stdout" | "stderr">;

export class Project implements Disposable {
    readonly folder = mkdtempSync(join(tmpdir(), "soma-project-"));

    /** @param packages of the checkout's node_modules that the project has as well */
    constructor(files: Readonly<Record<string, string>>, packages: readonly string[] = []) {
        this.write("package.json", JSON.stringify({ name: "project", private: true, type: "module" }));
        for (const [name, text] of Object.entries(files)) this.write(name, text);
        this.link("soma-lang", packageRoot());
        for (const name of packages) this.link(name, join(packageRoot(), "node_modules", name));
    }

    path(name: string): string {
        return join(this.folder, name);
    }

    write(name: string, text: string): void {
        mkdirSync(dirname(this.path(name)), { recursive: true });
        writeFileSync(this.path(name), text);
    }

    read(name: string): string {
        return readFileSync(resolve(this.folder, name), "utf8");
    }

    /** Runs node in the project's folder. */
    node(...args: readonly string[]): Output {
        return spawnSync(process.execPath, args, { cwd: this.folder, encoding: "utf8", timeout: 60_000 });
    }

    [Symbol.dispose](): void {
        rmSync(this.folder, { recursive: true, force: true });
    }

    private link(name: string, target: string): void {
        const path = join(this.folder, "node_modules", name);
        mkdirSync(dirname(path), { recursive: true });
        symlinkSync(target, path);
    }
}
