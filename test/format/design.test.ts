// The design's programs as they stand: they parse and are formatted already; of what this version doesn't compile, each
// item is one error at its name.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { format } from "../../compiler/format/format.js";
import { check } from "../sema/programs.js";

const FOLDER = new URL("../design/", import.meta.url);
const PROGRAMS = readdirSync(FOLDER).map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8")] as const);

describe.each(PROGRAMS)("%s", (_name, text) => {
    test("is formatted already", () => {
        expect(format({ path: "design.soma", text })).toEqual({ kind: "text", text });
    });

    test("compiles as it stands", () => {
        expect(check(text).diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    });
});
