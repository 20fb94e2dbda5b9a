// The command as it is installed: one file, started from a snapshot by a program of its own.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
    chmodSync,
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    realpathSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, sample, Workplace } from "./soma.js";

/** V8's flag that the command is started with, snapshot or not. */
const FLAG = "--max-semi-space-size=64";

/** Its place is three folders below the package's root, as build/native is. */
const folder = mkdtempSync(join(ROOT, "build", "start-test-"));
const START = join(folder, "soma_start");
const PROGRAM = join(realpathSync(ROOT), "dist", "soma.cjs");

beforeAll(() => {
    execFileSync(process.execPath, [join(ROOT, "tools", "bundle.mjs")]);
    copyFileSync(join(ROOT, "build", "native", "soma_start"), START);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(place: Workplace, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { status, stdout, stderr } = spawnSync(START, args, { cwd: place.folder, env: { ...process.env, ...env } });
    return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** A `node` that prints its arguments and what it is told. */
function makeNode(place: Workplace): void {
    mkdirSync(place.path("bin"), { recursive: true });
    writeFileSync(
        place.path("bin/node"),
        '#!/bin/sh\nprintf "%s\\n" "$@" "snapshot=$SOMA_SNAPSHOT" "node=$SOMA_NODE"\n',
    );
    chmodSync(place.path("bin/node"), 0o755);
}

/** What would be started. */
function printed(place: Workplace, env: NodeJS.ProcessEnv = {}) {
    const { stdout } = start(place, ["check", "a b.soma"], { PATH: `${place.path("bin")}:/usr/bin:/bin`, ...env });
    return stdout.trimEnd().split("\n");
}

it("starts the node of PATH with the same arguments, and says where it would find a snapshot", () => {
    using place = new Workplace();
    makeNode(place);
    const [flag, program, command, file, snapshot, node] = printed(place);
    expect([flag, program, command, file]).toEqual([FLAG, PROGRAM, "check", "a b.soma"]);
    expect(snapshot).toMatch(/^snapshot=.*\/build\/start\/[0-9a-f]{16}\.blob$/);
    expect(node).toBe(`node=${realpathSync(place.path("bin/node"))}`);
});

it("takes a snapshot that is there, and another one for another node", () => {
    using place = new Workplace();
    makeNode(place);
    const path = printed(place)[4]?.replace("snapshot=", "") ?? "";
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "");
    try {
        expect(printed(place).slice(0, 4)).toEqual([FLAG, "--snapshot-blob", path, PROGRAM]);
        // Flags change what a snapshot is good for.
        expect(printed(place, { NODE_OPTIONS: "--no-opt" }).slice(0, 3)).toEqual([FLAG, PROGRAM, "check"]);
        makeNode(place);
        const other = printed(place);
        expect(other[1]).toBe(PROGRAM);
        expect(other[4]).not.toBe(`snapshot=${path}`);
    } finally {
        rmSync(path, { force: true });
    }
});

it("is started with the same flag where the starting program is missing, and measured with it", () => {
    expect(readFileSync(join(ROOT, "bin", "soma"), "utf8")).toContain(`exec node ${FLAG} `);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(scripts["bench:frontend"]).toContain(`node ${FLAG} `);
});

it("says so where there is no node", () => {
    using place = new Workplace();
    const { status, stderr } = start(place, ["--version"], { PATH: place.folder });
    expect(status).toBe(127);
    expect(stderr).toContain("there is no `node` in PATH");
});

it("makes a snapshot after the first command, and does the same from it as without", async () => {
    using place = new Workplace();
    copyFileSync(sample("saxpy.soma"), place.path("saxpy.soma"));
    writeFileSync(place.path("wrong.soma"), "kernel k(a: f32[n]) over i in n { a[i] = 1.0 }\n");
    const first = start(place, ["--version"]);
    expect(first.status).toBe(0);
    const blob = await snapshotInUse(place);
    expect(blob).toMatch(/\/build\/start\/[0-9a-f]{16}\.blob$/);

    const run = ["run", "saxpy.soma", "--device", "vgpu", "--arg", "a=2", "--arg", "x=range(4)"];
    for (const args of [
        ["--version"],
        ["check", "wrong.soma"],
        ["fmt", "--check", "wrong.soma"],
        ["build", "saxpy.soma", "--target", "gfx942", "--emit", "asm", "-o", "-"],
        ["build", "saxpy.soma", "--target", "gfx942", "--emit", "asm", "-o", "-", "--isolated"],
        [...run, "--arg", "y=fill(1,4)", "--print", "y"],
        ["frobnicate"],
    ]) {
        const { status, stdout, stderr } = place.soma(args);
        const started = start(place, args);
        const timeless = (text: string) => text.replace(/[\d.]+ ms/, "… ms");
        expect([started.status, started.stdout], args.join(" ")).toEqual([status, stdout]);
        expect(timeless(started.stderr)).toBe(timeless(stderr));
    }
    // Built by either, it is the same file.
    place.soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "a.hsaco"]);
    start(place, ["build", "saxpy.soma", "--target", "gfx1100", "-o", "b.hsaco"]);
    expect(readFileSync(place.path("a.hsaco")).equals(readFileSync(place.path("b.hsaco")))).toBe(true);
});

/** The snapshot that a started command says it runs from, once there is one; it takes a second or two to be made. */
async function snapshotInUse(place: Workplace): Promise<string | undefined> {
    for (let round = 0; round < 100; round++) {
        const child = spawn(START, ["build", "saxpy.soma", "--target", "gfx1100", "--watch"], {
            cwd: place.folder,
            stdio: ["ignore", "ignore", "pipe"],
        });
        try {
            await new Promise((resolve) => child.stderr.once("data", resolve));
            const words = readFileSync(`/proc/${child.pid}/cmdline`, "utf8").split("\0");
            const blob = words[words.indexOf("--snapshot-blob") + 1];
            if (words.includes("--snapshot-blob") && blob !== undefined && existsSync(blob)) return blob;
        } finally {
            const gone = new Promise((resolve) => child.once("exit", resolve));
            child.kill("SIGTERM");
            await gone;
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return undefined;
}
