// soma build for several targets, its dependency files, its report, and --watch.

import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAIN, sample, Workplace } from "./soma.js";

const workplace = new Workplace();
const soma = workplace.soma.bind(workplace);
const KERNEL =
    'import "./scale.soma" { factor }\n\nkernel twice(y: mut f32[n]) over i in n {\n    y[i] = y[i] * factor()\n}\n';
beforeAll(() => {
    writeFileSync(workplace.path("saxpy.soma"), readFileSync(sample("saxpy.soma")));
    writeFileSync(workplace.path("scale.soma"), "pub fn factor() -> f32 { 2.0 }\n");
    writeFileSync(workplace.path("twice.soma"), KERNEL);
});
afterAll(() => workplace[Symbol.dispose]());

describe("several targets", () => {
    test("make a bundle that inspect lists, and that runs on either", () => {
        const built = soma(["build", "saxpy.soma", "--target", "gfx1100,gfx942", "-j", "2", "-o", "both.hsaco"]);
        expect(built).toMatchObject({ status: 0, stderr: "" });
        const { stdout } = soma(["inspect", "--json", "both.hsaco"]);
        expect(JSON.parse(stdout)).toMatchObject([{ target: "gfx1100" }, { target: "gfx942" }]);
        for (const device of ["vgpu:gfx1100", "vgpu:gfx942"]) {
            const run = soma([
                ...["run", "both.hsaco", "--device", device, "--arg", "a=2"],
                ...["--arg", "x=range(4)", "--arg", "y=fill(1,4)", "--print", "y"],
            ]);
            expect(run).toMatchObject({ status: 0 });
            expect(run.stdout.match(/\d+/g)?.slice(-4)).toEqual(["1", "3", "5", "7"]);
        }
    });

    test("a device that the bundle has nothing for is told what there is", () => {
        const run = soma([
            "run",
            "both.hsaco",
            "--device",
            "vgpu:gfx1201",
            "--arg",
            "a=2",
            "--arg",
            "x=range(4)",
            "--arg",
            "y=range(4)",
        ]);
        expect(run.status).toBe(1);
        expect(run.stderr).toContain("gfx1100, gfx942");
    });

    test("disasm and inspect show one of them", () => {
        expect(soma(["disasm", "both.hsaco", "--target", "gfx942"]).stdout).toMatch(/^; gfx942/);
        const none = soma(["inspect", "both.hsaco", "--target", "gfx90a"]);
        expect(none).toMatchObject({ status: 1 });
        expect(none.stderr).toContain("it is for gfx1100, gfx942");
    });

    test("say once what is wrong for all, and take no other stage than code objects", () => {
        writeFileSync(workplace.path("bad.soma"), "kernel zero(y: mut f32[n]) over i in n {\n    y[i] = nothing\n}\n");
        const bad = soma(["build", "bad.soma", "--target", "gfx1100,gfx942"]);
        expect(bad.status).toBe(1);
        expect(bad.stderr).toMatch(/1 error$/m);
        const twice = "kernel zero(y: mut f32[n]) over i in n {\n    y[i] = true\n    y[i] = true\n}\n";
        writeFileSync(workplace.path("twice_bad.soma"), twice);
        for (const targets of ["gfx1100", "gfx1100,gfx942"]) {
            const { stderr } = soma(["build", "twice_bad.soma", "--target", targets]);
            expect(stderr).toMatch(/2 errors$/m);
        }
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100,gfx942", "--emit", "asm"]).status).toBe(2);
        expect(soma(["build", "saxpy.soma", "--target", ","]).status).toBe(2);
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "-j", "none"]).status).toBe(2);
    });
});

test("--MD writes what make needs", () => {
    for (const option of ["--MD", "-MD"]) {
        rmSync(workplace.path("twice.hsaco.d"), { force: true });
        expect(soma(["build", "twice.soma", "--target", "gfx1100", option])).toMatchObject({ status: 0, stderr: "" });
    }
    expect(readFileSync(workplace.path("twice.hsaco.d"), "utf8")).toBe(
        "twice.hsaco: \\\n  twice.soma \\\n  scale.soma\n\nscale.soma:\n",
    );
});

test("--report shows registers and the instructions of each line", () => {
    const { status, stderr } = soma(["build", "saxpy.soma", "--target", "gfx1100", "--report"]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^kernel +VGPRs +SGPRs +spills +LDS +scratch +occupancy$/m);
    expect(stderr).toMatch(/^saxpy: \d+ instructions, \d+ bytes: \d+ valu, /m);
    // Two loads and a store of all elements of a work-item, and of each alone, in the line that names them.
    expect(stderr).toMatch(/\b4 vector load, .*\b2 vector store\b.*y\[i\] = a \* x\[i\] \+ y\[i\]/);
});

test("--watch builds again after a change of an import, and survives a mistake", async () => {
    const child = spawn(
        process.execPath,
        [MAIN, "build", "twice.soma", "--target", "gfx1100", "-o", "w.hsaco", "--watch"],
        {
            cwd: workplace.folder,
            env: { ...process.env, SOMA_CACHE: "off" },
        },
    );
    let said = "";
    child.stderr.on("data", (chunk) => {
        said += chunk;
    });
    const until = async (text: string) => {
        for (let waited = 0; !said.includes(text) && waited < 30_000; waited += 50) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        expect(said).toContain(text);
        said = "";
    };
    await until("wrote w.hsaco");
    const before = readFileSync(workplace.path("w.hsaco"));
    writeFileSync(workplace.path("scale.soma"), "pub fn factor() -> f32 { 3.0 }\n");
    await until("wrote w.hsaco");
    expect(readFileSync(workplace.path("w.hsaco")).equals(before)).toBe(false);
    writeFileSync(workplace.path("scale.soma"), "pub fn factor() -> f32 { three }\n");
    await until("waiting for a change");
    writeFileSync(workplace.path("scale.soma"), "pub fn factor() -> f32 { 2.0 }\n");
    await until("wrote w.hsaco");
    expect(readFileSync(workplace.path("w.hsaco")).equals(before)).toBe(true);
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGINT");
    expect(await ended).toBe(0);
});
