// A package that ships kernels: imported by the source of another project, on each of the ways into the compiler.

import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { MAIN, Project } from "./project.js";

const PACKAGE = {
    "node_modules/@vectors/blas/package.json": JSON.stringify({ name: "@vectors/blas", version: "1.0.0" }),
    "node_modules/@vectors/blas/level1.soma":
        'import "factors/factors.soma" { FACTOR }\n' +
        "fn scaled(a: f32, x: f32) -> f32 { a * x * FACTOR }\n" +
        "pub kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n { y[i] = scaled(a, x[i]) + y[i] }\n",
    // A dependency of the package alone.
    "node_modules/@vectors/blas/node_modules/factors/factors.soma": "pub const FACTOR: f32 = 10.0\n",
    "saxpy.soma": 'import "@vectors/blas/level1.soma" { saxpy }\n',
};
const EXPECTED = "1 21 41 61\n";
const CHANGED = "1 3 5 7\n";
const CLI = join(packageRoot(), "dist/compiler/cli/main.js");

it("is imported by the command line, and a change of it is a change of the code", () => {
    using project = new Project(PACKAGE);
    project.write("run.js", `process.env.SOMA_CACHE = "cache";\nawait import(${JSON.stringify(CLI)});\n`);
    const run = () => {
        const args = ["--arg", "a=2", "--arg", "x=range(4)", "--arg", "y=fill(1,4)", "--print", "y"];
        const { stdout, stderr } = project.node("run.js", "run", "saxpy.soma", "--device", "vgpu:gfx1100", ...args);
        expect(stderr).not.toContain("error");
        return stdout.replaceAll(",", "");
    };
    expect(run()).toBe(EXPECTED);
    expect(run()).toBe(EXPECTED);
    project.write("node_modules/@vectors/blas/node_modules/factors/factors.soma", "pub const FACTOR: f32 = 1.0\n");
    expect(run()).toBe(CHANGED);
});

it("is imported by the runtime, the Node loader and a bundler", () => {
    using project = new Project({ ...PACKAGE, "main.js": MAIN }, ["esbuild"]);
    project.write(
        "load.js",
        MAIN.replace(/^import \{ saxpy.*$/m, "").replace(
            "await saxpy",
            'const { saxpy } = await gpu.load("saxpy.soma");\nawait saxpy',
        ),
    );
    expect(project.node("load.js")).toMatchObject({ stderr: "", stdout: EXPECTED });
    expect(project.node("--import", "soma-lang/register", "main.js")).toMatchObject({ stderr: "", stdout: EXPECTED });
    project.write(
        "build.js",
        'import { build } from "esbuild";\nimport soma from "soma-lang/esbuild";\nawait build({ entryPoints: ["main.js"], ' +
            'bundle: true, format: "esm", platform: "node", outdir: "out", plugins: [soma()] });\n',
    );
    expect(project.node("build.js")).toMatchObject({ status: 0, stderr: "" });
    expect(project.node("out/main.js")).toMatchObject({ stderr: "", stdout: EXPECTED });
});
