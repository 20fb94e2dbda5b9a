import { describe, expect, it } from "vitest";
import { type Codegen, type FileSystem, Session, SourceNotFoundError } from "../../compiler/index.js";

/** A file system in memory, which counts what is read of it. */
class Memory implements FileSystem {
    readonly files = new Map<string, string>();
    reads = 0;

    constructor(files: Readonly<Record<string, string>> = {}) {
        for (const [path, text] of Object.entries(files)) this.files.set(path, text);
    }

    read(path: string): string | undefined {
        this.reads++;
        return this.files.get(path);
    }
}

const LIBRARY = "pub fn twice(a: f32) -> f32 { 2.0 * a }\n";
const USER = 'import "./library.soma" { twice }\nkernel k(x: mut f32[n]) over i in n { x[i] = twice(x[i]) }\n';
const ALONE = "kernel k(x: mut f32[n]) over i in n { x[i] = 1.0 }\n";

describe("a session", () => {
    it("of a thousand files does a changed file and its dependants again, and no others", () => {
        const files = new Memory({ "a/base.soma": "pub fn one() -> f32 { 1.0 }\n" });
        files.files.set("a/library.soma", `import "./base.soma" { one }\n${LIBRARY.replace("2.0", "(one() + 1.0)")}`);
        const paths = Array.from({ length: 1000 }, (_, i) => `a/file${i}.soma`);
        for (const [i, path] of paths.entries()) files.files.set(path, i % 100 === 0 ? USER : ALONE);
        const session = new Session({ files });
        const first = paths.map((path) => session.check(path));
        expect(first.flat()).toEqual([]);
        expect(files.reads).toBe(1002);
        files.reads = 0;

        files.files.set("a/file7.soma", ALONE.replace("1.0", "y"));
        expect(session.changed("a/file7.soma")).toEqual(["a/file7.soma"]);
        const second = paths.map((path) => session.check(path));
        expect(second.filter((result, at) => result !== first[at])).toHaveLength(1);
        expect(second[7]?.map(({ code }) => code)).toEqual(["E0201"]);
        expect(files.reads).toBe(1);

        files.files.set("a/base.soma", "pub fn one() -> f64 { 1.0 }\n");
        const affected = session.changed("a/base.soma");
        expect(affected).toEqual(paths.filter((_, i) => i % 100 === 0));
        const third = paths.map((path) => session.check(path));
        const again = paths.filter((_, at) => third[at] !== second[at]);
        expect(again).toEqual(affected);
        expect(third[100]?.some(({ severity }) => severity === "error")).toBe(true);
        expect(files.reads).toBe(2);
    });

    it("looks again for what was missing when it is made", () => {
        const files = new Memory({ "user.soma": USER });
        const session = new Session({ files });
        expect(
            session
                .check("user.soma")
                .map(({ message }) => message)
                .join(),
        ).toContain("library.soma");
        files.files.set("library.soma", LIBRARY);
        expect(session.changed("library.soma")).toEqual(["user.soma"]);
        expect(session.check("user.soma")).toEqual([]);
        files.files.delete("library.soma");
        session.changed("library.soma");
        expect(session.check("user.soma")).not.toEqual([]);
        expect(() => session.check("missing.soma")).toThrow(SourceNotFoundError);
    });

    it("finds packages in its file system", () => {
        const at = `${process.cwd()}/node_modules/shapes/library.soma`;
        const files = new Memory({ [at]: LIBRARY, "user.soma": USER.replace("./library", "shapes/library") });
        const session = new Session({ files });
        expect(session.check("user.soma")).toEqual([]);
        files.files.delete(at);
        session.changed(at);
        expect(session.check("user.soma")).not.toEqual([]);
    });

    it("compiles once for each way of compiling", async () => {
        let generated = 0;
        const codegen: Codegen = {
            version: "0",
            generate: async (_, { target }) => {
                generated++;
                return { output: Buffer.from(target), messages: [] };
            },
        };
        const session = new Session({ files: new Memory({ "a.soma": ALONE }), codegen });
        const compile = (target: string, dims = {}) => session.compile("a.soma", { target, specialisation: { dims } });
        const outputs = await Promise.all([
            compile("gfx1100"),
            compile("gfx1100"),
            compile("gfx942"),
            compile("gfx942", { n: 4 }),
        ]);
        expect(generated).toBe(3);
        expect(outputs.map(({ output }) => String(output))).toEqual(["gfx1100", "gfx1100", "gfx942", "gfx942"]);
        expect(session.describe("a.soma").kernels?.map(({ name }) => name)).toEqual(["k"]);
        session.changed("a.soma");
        await compile("gfx1100");
        expect(generated).toBe(4);
    });
});
