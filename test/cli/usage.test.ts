// The command line itself: help, versions, wrong usage, and what happens when we are at fault.

import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { packageVersion } from "../../compiler/shell/package-root.js";
import { MAIN, STACK, sample, Workplace } from "./soma.js";

const workplace = new Workplace();
afterAll(() => workplace[Symbol.dispose]());

const COMMANDS = ["build", "check", "run", "inspect", "disasm", "devices"];

describe("help", () => {
    test("lists the commands and the exit codes", () => {
        const { status, stdout } = workplace.soma(["--help"]);
        expect(status).toBe(0);
        for (const command of COMMANDS) {
            expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
        }
        expect(stdout).toMatch(/Exit codes:/);
    });

    test.each(COMMANDS)("%s has examples that the command line takes", (command) => {
        const { status, stdout } = workplace.soma([command, "--help"]);
        expect(status).toBe(0);
        const example = new RegExp(`^ {2}soma ${command}\\b`, "m");
        expect(stdout).toMatch(/Examples:/);
        expect(stdout).toMatch(example);
    });

    test("the version is the package's", () => {
        expect(workplace.soma(["--version"])).toMatchObject({ status: 0, stdout: `${packageVersion()}\n` });
    });
});

describe("wrong usage is exit code 2, on standard error", () => {
    test.each([
        [[], /Usage: soma/],
        [["buidl"], /unknown command 'buidl'[\s\S]*Did you mean build/],
        [["check"], /missing required argument 'file'/],
        [["check", "--jsn", "a.soma"], /unknown option '--jsn'[\s\S]*Did you mean --json/],
        [["build", "a.soma"], /required option '--target <name>' not specified/],
        [["build", "a.soma", "--target", "gfx1100", "-O4"], /'4' is invalid. Allowed choices are 0, 1, 2, 3/],
        [
            ["build", "a.soma", "--target", "gfx1100", "--emit", "spirv"],
            /Allowed choices are layouts, layouts-svg, ir, header, cpp, python, llvm, asm, hsaco, ptx/,
        ],
        [["build", "a.soma", "b.soma", "--target", "gfx1100"], /too many arguments/],
        [["run", "a.soma", "--arg"], /argument missing/],
        [["run", "a.soma", "--arg", "a"], /--arg a: expected name=VALUE/],
        [["run", "a.soma", "--arg", "x=ones(3)"], /there is no `ones/],
        [["run", "a.soma", "--arg", "x=1", "--arg", "x=2"], /--arg x is given twice/],
        [["run", "a.soma", "--dump", "y"], /--dump y: expected name=file.npy/],
        [["run", "a.soma", "--limit", "many"], /--limit many/],
        [["run", "a.hsaco", "-O1"], /-O is for source files/],
    ])("soma %j", (args, reason) => {
        const { status, stdout, stderr } = workplace.soma(args);
        expect(stderr).toMatch(reason);
        expect(stdout).toBe("");
        expect(status).toBe(2);
    });
});

describe("a bug of ours", () => {
    // A program that breaks under our feet stands for any bug.
    const planted = { NODE_OPTIONS: "--import=data:text/javascript,JSON.stringify=()=>{throw(new(Error)('planted'))}" };

    test("is exit code 70 and a short message that asks for a report", () => {
        const { status, stdout, stderr } = workplace.soma(["check", "--json", sample("saxpy.soma")], planted);
        expect(stderr).toMatch(/this is a bug in soma: planted[\s\S]*report it/);
        expect(stderr).not.toMatch(STACK);
        expect(stdout).toBe("");
        expect(status).toBe(70);
    });

    test("has its stack shown on request", () => {
        const run = workplace.soma(["check", "--json", sample("saxpy.soma")], { ...planted, SOMA_DEBUG: "1" });
        expect(run.stderr).toMatch(STACK);
        expect(run.status).toBe(70);
    });
});

test.each(["run --help", `build "${sample("matmul.soma")}" --target gfx1100 --emit asm -o -`])(
    "a reader that goes away is no error: soma %s",
    (command) => {
        const script = `"${process.execPath}" "${MAIN}" ${command} | head -c 1 | wc -c; echo "\${PIPESTATUS[0]}"`;
        const { stdout, stderr } = spawnSync("bash", ["-c", script]);
        expect(stderr.toString()).toBe("");
        expect(stdout.toString()).toBe("1\n0\n");
    },
);

describe("native parts", () => {
    const broken = { NODE_OPTIONS: "--import=data:text/javascript,process.dlopen=()=>{throw(new(Error)('planted'))}" };

    test("are not loaded where nothing is generated or run", () => {
        expect(workplace.soma(["check", sample("saxpy.soma")], broken)).toMatchObject({ status: 0, stderr: "" });
    });

    test("that do not load are a matter of the set-up", () => {
        for (const command of [["build", "--target", "gfx1100"], ["run"]]) {
            const { status, stderr } = workplace.soma([...command, sample("saxpy.soma")], broken);
            expect(stderr).toMatch(/load.*planted/);
            expect(stderr).not.toMatch(STACK);
            expect(status).toBe(1);
        }
    });
});
