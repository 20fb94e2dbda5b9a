// `soma types`, and what TypeScript makes of what it writes.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { MAIN as SOMA } from "../cli/soma.js";
import { MAIN, Project, SAXPY } from "./project.js";

const TSC = join(packageRoot(), "node_modules", "typescript", "bin", "tsc");

const KERNELS = `${SAXPY}
/// Fills \`out\` with ten.
///
/// Twice /* as */ fast.
kernel delete(out: mut u64[n], n2: index, on: bool, k: i64) over i in m { if i < n2 && on { out[i] = 10 } }
`;

const TSCONFIG = JSON.stringify({
    compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowArbitraryExtensions: true,
        lib: ["ES2022", "ESNext.Disposable"],
        types: [],
    },
    include: ["*.ts"],
});

it("writes what tsc holds calls to", () => {
    using project = new Project({
        "saxpy.soma": SAXPY,
        "tsconfig.json": TSCONFIG,
        "main.ts": `${MAIN.replace('console.log([...(await y.read())].join(" "));', "")}
const i = gpu.tensor("i32", [4]);
// @ts-expect-error the elements of x are f32
await saxpy({ a: 2, x: i, y });
// @ts-expect-error x is missing
await saxpy({ a: 2, y });
const { outputs } = await saxpy({ a: 2, x });
outputs.y?.dispose();
// @ts-expect-error a is a number
await saxpy({ a: "2", x, y });
// @ts-expect-error there is no b
await saxpy({ a: 2, b: 3, x, y });
`,
    });
    expect(project.node(SOMA, "types", "saxpy.soma")).toMatchObject({ status: 0, stderr: "" });
    expect(project.read("saxpy.d.soma.ts")).toContain("/** y ← a·x + y, one work-item per element. */");
    expect(project.read("saxpy.d.soma.ts")).toContain("/** `mut f32[n]` */");
    expect(project.node(TSC, "-p", ".")).toMatchObject({ status: 0, stdout: "" });
});

it("declares every kind of argument, and names that are reserved words", () => {
    using project = new Project({
        "kernels.soma": KERNELS,
        "tsconfig.json": TSCONFIG,
        "main.ts": `import { delete as fill } from "./kernels.soma";
import type { Tensor } from "soma-lang/runtime";
declare const out: Tensor<"u64">;
fill({ out, n2: 3, on: true, k: 3n, m: 4 });
// @ts-expect-error nothing says how long out is
fill({ n2: 3, on: true, k: 3n, m: 4 });
`,
    });
    expect(project.node(SOMA, "types", "kernels.soma").stderr).toBe("");
    expect(project.node(TSC, "-p", ".")).toMatchObject({ status: 0, stdout: "" });
});

it("leaves a file that is right as it is, and --check fails for one that is not", () => {
    using project = new Project({ "saxpy.soma": SAXPY });
    const path = project.path("saxpy.d.soma.ts");
    expect(project.node(SOMA, "types", "--check", "saxpy.soma")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("saxpy.d.soma.ts is not what saxpy.soma declares"),
    });
    project.node(SOMA, "types", "saxpy.soma");
    const before = statSync(path);
    expect(project.node(SOMA, "types", "saxpy.soma").status).toBe(0);
    expect(statSync(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(project.node(SOMA, "types", "--check", "saxpy.soma").status).toBe(0);
    writeFileSync(path, `${readFileSync(path, "utf8")} `);
    expect(project.node(SOMA, "types", "--check", "saxpy.soma").status).toBe(1);
});

it("reports mistakes and goes on with the next file", () => {
    using project = new Project({ "wrong.soma": "kernel", "saxpy.soma": SAXPY });
    const { status, stderr } = project.node(SOMA, "types", "wrong.soma", "missing.soma", "saxpy.soma");
    expect(status).toBe(1);
    expect(stderr).toMatch(/wrong\.soma:1:/);
    expect(stderr).toContain("cannot read missing.soma: there is no such file");
    expect(project.read("saxpy.d.soma.ts")).toContain("saxpy");
    expect(project.node(SOMA, "types", "main.js")).toMatchObject({ status: 2 });
});
