// `node --import soma-lang/register`, as a user starts it.

import { expect, it } from "vitest";
import { STACK } from "../cli/soma.js";
import { EXPECTED, MAIN, Project, SAXPY } from "./project.js";

function run(files: Readonly<Record<string, string>>) {
    using project = new Project(files);
    return project.node("--import", "soma-lang/register", "main.js");
}

it("runs kernels imported from a source file", () => {
    expect(run({ "main.js": MAIN, "saxpy.soma": SAXPY })).toMatchObject({ status: 0, stdout: EXPECTED, stderr: "" });
});

it("exports kernels that are named as JavaScript's reserved words", () => {
    const soma = SAXPY.replace("kernel saxpy", "kernel delete").concat(SAXPY.replace("kernel saxpy", "kernel default"));
    const main = MAIN.replace("import { saxpy }", "import other, { delete as saxpy }").concat(
        "console.log(other.name, typeof other);",
    );
    expect(run({ "main.js": main, "saxpy.soma": soma })).toMatchObject({
        status: 0,
        stdout: `${EXPECTED}default function\n`,
    });
});

it.each([
    ["errors in the source", SAXPY.replace("a * x", "b * x"), /error\[E\d+\].*`?b`?[\s\S]*--> saxpy\.soma:3:12/],
    [
        "a kernel that would make the module a promise",
        SAXPY.replace("saxpy", "then"),
        /saxpy\.soma: a kernel named `then`/,
    ],
])("tells %s without a stack trace of our own", (_, soma, message) => {
    const { status, stderr } = run({ "main.js": MAIN, "saxpy.soma": soma });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(STACK);
});

it("tells what is missing where no argument is a tensor", () => {
    const main = MAIN.replace("{ a: 2, x, y }", "{ a: 2, x: [1], y: [2] }")
        .replace("await saxpy", "await caught")
        .concat(
            "async function caught(args) { try { await saxpy(args); } catch (error) { console.log(error.message); } }",
        );
    expect(run({ "main.js": main, "saxpy.soma": SAXPY }).stdout).toMatch(
        /^saxpy: an imported kernel runs on the GPU of its tensors, and none of its arguments is a tensor/,
    );
});
