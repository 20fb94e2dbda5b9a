// The sample projects, built and run as their own scripts do.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot, packageVersion } from "../../compiler/shell/package-root.js";
import { MAIN as SOMA } from "../cli/soma.js";
import { Project } from "./project.js";

const ROOT = packageRoot();

function open(sample: string, packages: readonly string[]): Project {
    const project = new Project({}, packages);
    cpSync(join(ROOT, "samples", "projects", sample), project.folder, { recursive: true });
    return project;
}

const OK = { status: 0, stderr: "" };
const VITE = join("node_modules", "vite", "bin", "vite.js");
const VITEST = join("node_modules", "vitest", "vitest.mjs");
const TSC = join("node_modules", "typescript", "bin", "tsc");

it("runs the esbuild project", () => {
    using project = open("esbuild", ["esbuild", "typescript"]);
    expect(project.node("build.js")).toMatchObject(OK);
    const { status, stdout } = project.node("dist/main.js");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^on .*: 1 3 5 7 9 11 13 15\n$/);
    expect(project.node(TSC)).toMatchObject({ ...OK, stdout: "" });
});

it("runs the Vite project and its tests", () => {
    using project = open("vite", ["vite", "vitest", "typescript"]);
    expect(project.node(SOMA, "types", "src/blur.soma")).toMatchObject(OK);
    expect(project.node(TSC)).toMatchObject({ ...OK, stdout: "" });
    expect(project.node(VITE, "build")).toMatchObject({ status: 0 });
    expect(project.node("dist/main.js")).toMatchObject({ status: 0, stdout: "0 4 4 4 0\n" });
    const tests = project.node(VITEST, "run", "--no-color");
    expect(tests.stdout).toMatch(/1 passed/);
    expect(tests.status).toBe(0);
});

it.each(["esbuild", "vite"])(
    "asks, in the %s project, for this version and the tools that it is tested with",
    (sample) => {
        using project = open(sample, []);
        const { dependencies, devDependencies } = JSON.parse(project.read("package.json"));
        expect(dependencies).toEqual({ "soma-lang": packageVersion() });
        for (const [name, version] of Object.entries(devDependencies)) {
            const installed = join(ROOT, "node_modules", name, "package.json");
            expect([name, version]).toEqual([name, JSON.parse(project.read(installed)).version]);
        }
    },
);
