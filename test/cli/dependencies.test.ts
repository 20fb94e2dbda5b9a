// --MD as build systems use it: make and ninja build once, and again when an import changes, moves or goes.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAIN, Workplace } from "./soma.js";

/** Characters that make and ninja have to be told of. */
const IMPORT = "my lib/sc#ale$1.soma";
const MAKEFILE = `double.hsaco: double.soma
\t"${process.execPath}" "${MAIN}" build $< --target gfx1100,gfx942 -o $@ --MD
-include double.hsaco.d
`;
const NINJA = `rule soma
  command = "${process.execPath}" "${MAIN}" build $in --target gfx1100,gfx942 -o $out --MD
  depfile = $out.d
build double.hsaco: soma double.soma
`;

function source(importing: string): string {
    return `${importing}kernel double(x: mut f32[n]) over i in n { x[i] = x[i] * ${importing === "" ? "2.0" : "factor()"} }\n`;
}

function hasTool(name: string): boolean {
    return spawnSync(name, ["--version"]).status === 0;
}

describe.each([
    ["make", MAKEFILE, "Makefile", /is up to date/],
    ["ninja", NINJA, "build.ninja", /no work to do/],
])("%s", (tool, rules, file, idle) => {
    let place: Workplace;
    beforeEach(() => {
        place = new Workplace();
        mkdirSync(place.path("my lib"));
        writeFileSync(place.path(file), rules);
        write("double.soma", source(`import "./${IMPORT}" { factor }\n`));
        write(IMPORT, "pub fn factor() -> f32 { 2.0 }\n");
    });
    afterEach(() => place[Symbol.dispose]());

    function write(name: string, text: string): void {
        writeFileSync(place.path(name), text);
    }

    /** Build systems compare times, which what is written in one moment can share: all before was long ago, the output last. */
    function build(): string {
        const { status, stdout, stderr } = spawnSync(tool, [], { cwd: place.folder, encoding: "utf8" });
        expect(stderr).toBe("");
        expect(status).toBe(0);
        for (const [name, secondsAgo] of [
            ["double.soma", 100],
            [IMPORT, 90],
            ["double.hsaco", 80],
        ] as const) {
            const time = Date.now() / 1000 - secondsAgo;
            if (existsSync(place.path(name))) utimesSync(place.path(name), time, time);
        }
        return stdout;
    }

    const built = () => readFileSync(place.path("double.hsaco"));

    test.runIf(hasTool(tool))("builds again after a change of what is imported, and only then", () => {
        build();
        const first = built();
        expect(build()).toMatch(idle);

        write(IMPORT, "pub fn factor() -> f32 { 3.0 }\n");
        build();
        expect(built().equals(first)).toBe(false);

        write(IMPORT, "pub fn factor() -> f32 { 2.0 }\n");
        build();
        expect(built().equals(first)).toBe(true);
    });

    test.runIf(hasTool(tool))("goes on when an import that was deleted is not imported any more", () => {
        build();
        rmSync(place.path(IMPORT));
        write("double.soma", source(""));
        build();
        expect(readFileSync(place.path("double.hsaco.d"), "utf8")).toBe("double.hsaco: \\\n  double.soma\n");
    });
});
