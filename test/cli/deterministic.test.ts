// The same input gives the same bytes: of every stage, wherever and whenever it is built, and however many targets at once.

import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workplace } from "./soma.js";

const TARGETS = "gfx942,gfx1100,gfx1201";
const SOURCE = `import std.math { erf }

kernel errors(x: mut f32[n]) over i in n { x[i] = erf(x[i]) }

kernel sums(x: f32[n], y: mut f32[g]) groups g workgroup(256) {
    shared parts: f32[256]
    parts[local_id()] = x[global_id()]
    barrier()
    if local_id() == 0 { y[group_id()] = wave_sum(parts[255]) }
}

matrix kernel product(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 32, j in n by 32) {
    var acc: tile f32[32, 32] = 0.0
    for p in k by 16 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}
`;
const FILE = "kernels.soma";
const workplace = new Workplace();
beforeAll(() => {
    for (const folder of ["one", "another"]) {
        mkdirSync(workplace.path(folder));
        writeFileSync(workplace.path(`${folder}/${FILE}`), SOURCE);
    }
});
afterAll(() => workplace[Symbol.dispose]());

/** What is written to standard output, without any cache. */
function built(folder: string, options: readonly string[], environment = {}): Buffer {
    const command = ["build", FILE, ...options, "-o", "-"];
    const { status, stderr, bytes } = workplace.soma(command, { SOMA_CACHE: "off", ...environment }, "", folder);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return bytes;
}

test("bundles are equal, made of one target at a time or of all at once", () => {
    const [one, ...others] = ["1", "2", "8"].map((jobs) => built("one", ["--target", TARGETS, "-j", jobs]));
    for (const other of others) expect(other.equals(one ?? Buffer.of())).toBe(true);
    // Each of the bundle is what is built for its target alone.
    for (const target of TARGETS.split(",")) {
        expect(one?.includes(built("one", ["--target", target]))).toBe(true);
    }
});

const ELSEWHERE = {
    TZ: "Pacific/Auckland",
    LC_ALL: "tr_TR.UTF-8",
    LANG: "tr_TR.UTF-8",
    HOME: "/nowhere",
    COLUMNS: "40",
};

test.each(["ir", "llvm", "asm", "header", "layouts", "hsaco"])("--emit %s depends on no place and language", (emit) => {
    const options = ["--target", "gfx1100", "--emit", emit];
    const first = built("one", options);
    expect(first.length).toBeGreaterThan(100);
    expect(built("another", options, ELSEWHERE).equals(first)).toBe(true);
});
