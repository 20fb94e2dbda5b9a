// The plugins, each in the bundler it is for: a small program is built and run on the virtual GPU.

import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { STACK } from "../cli/soma.js";
import { EXPECTED, MAIN, Project, SAXPY } from "./project.js";

const OPTIONS = `{ targets: ["gfx1100", "gfx942"] }`;

const WEBPACK_OPTIONS = `{
    mode: "production", target: "node20", entry: "./main.js", experiments: { outputModule: true },
    output: { path: process.cwd() + "/out", filename: "main.js", module: true, chunkFormat: "module" },
    plugins: [soma(${OPTIONS})],
}`;

const WEBPACK_RUN = `const stats = await new Promise((resolve, reject) =>
    pack(${WEBPACK_OPTIONS}, (error, stats) => (error ? reject(error) : resolve(stats))));
if (stats.hasErrors()) { console.error(stats.toString({ colors: false })); process.exit(1); }`;

/** What each bundler's own build script is; all write out/main.js. */
const BUNDLERS: Readonly<Record<string, string>> = {
    esbuild: `import { build } from "esbuild";
await build({ entryPoints: ["main.js"], bundle: true, format: "esm", platform: "node", outdir: "out",
    plugins: [soma(${OPTIONS})] }).catch(() => process.exit(1));`,
    rollup: `import { rollup } from "rollup";
const bundle = await rollup({ input: "main.js", plugins: [soma(${OPTIONS})] }).catch(fail);
await bundle.write({ dir: "out" });`,
    rolldown: `import { rolldown } from "rolldown";
const bundle = await rolldown({ input: "main.js", platform: "node", plugins: [soma(${OPTIONS})] });
await bundle.write({ dir: "out" }).catch(fail);`,
    vite: `import { build } from "vite";
await build({ logLevel: "silent", build: { ssr: "main.js", outDir: "out" }, plugins: [soma(${OPTIONS})] }).catch(fail);`,
    webpack: `import pack from "webpack";\n${WEBPACK_RUN}`,
    rspack: `import { rspack as pack } from "@rspack/core";\n${WEBPACK_RUN}`,
};

const PACKAGES: Readonly<Record<string, string>> = { rspack: "@rspack/core" };

function open(bundler: string, soma: string): Project {
    const script = `import soma from "soma-lang/${bundler}";
function fail(error) { console.error(error.message, JSON.stringify(error.errors?.[0]?.loc ?? error.loc)); process.exit(1); }
${BUNDLERS[bundler]}`;
    return new Project({ "main.js": MAIN, "saxpy.soma": soma, "build.js": script }, [PACKAGES[bundler] ?? bundler]);
}

describe.each(Object.keys(BUNDLERS))("the plugin for %s", (bundler) => {
    it("builds a program with its kernels, and declares them", () => {
        using project = open(bundler, SAXPY);
        expect(project.node("build.js")).toMatchObject({ status: 0, stderr: "" });
        expect(project.node("out/main.js")).toMatchObject({ status: 0, stdout: EXPECTED, stderr: "" });
        expect(project.read("saxpy.d.soma.ts")).toContain("export { kernel0 as saxpy };");
    });

    it("reports mistakes with their place", () => {
        using project = open(bundler, SAXPY.replace("a * x", "b * x"));
        const { status, stdout, stderr } = project.node("build.js");
        expect(status).toBe(1);
        expect(stdout + stderr).toContain("--> saxpy.soma:3:12");
        if (bundler === "esbuild") expect(stderr).toContain("\n    saxpy.soma:3:11:");
        if (bundler === "rollup" || bundler === "vite" || bundler === "rolldown") {
            expect(stderr).toMatch(/"line":3,"column":11|"column":11,.*"line":3/);
        }
        expect(stderr).not.toMatch(STACK);
        expect(existsSync(project.path("out/main.js"))).toBe(false);
    });
});

it("says which target is missing where the GPU is none of those it was built for", () => {
    using project = open("esbuild", SAXPY);
    project.write("build.js", project.read("build.js").replace(`"gfx1100", `, ""));
    expect(project.node("build.js").status).toBe(0);
    expect(project.node("out/main.js").stderr).toMatch(
        /saxpy\.soma was compiled for gfx942, and .* is a gfx1100: add "gfx1100" to the plugin's targets/,
    );
});

it("refuses a target that is none", () => {
    using project = open("rollup", SAXPY);
    project.write("build.js", project.read("build.js").replace("gfx942", "gfx9999"));
    const { status, stderr } = project.node("build.js");
    expect(status).toBe(1);
    expect(stderr).toMatch(/gfx9999/);
});

it("watches the files that an imported file imports, and compiles them in", () => {
    using project = open(
        "rollup",
        SAXPY.replace("a * x[i] + y[i]", "muladd(a, x[i], y[i])").replace(
            "///",
            'import "./muladd.soma" { muladd }\n\n///',
        ),
    );
    project.write("muladd.soma", "pub fn muladd(a: f32, b: f32, c: f32) -> f32 { a * b + c }\n");
    project.write(
        "build.js",
        project
            .read("build.js")
            .concat("console.log(bundle.watchFiles.map((file) => file.split('/').pop()).join(' '));"),
    );
    expect(project.node("build.js")).toMatchObject({
        status: 0,
        stderr: "",
        stdout: expect.stringContaining("muladd.soma"),
    });
});
