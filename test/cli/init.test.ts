import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Workplace } from "./soma.js";

describe("soma init", () => {
    it("makes a project with declarations and says how to go on", () => {
        using place = new Workplace();
        const { status, stdout, stderr } = place.soma(["init", "My Project"]);
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout).toContain("npm install");
        const read = (name: string) => readFileSync(join(place.path("My Project"), name), "utf8");
        expect(JSON.parse(read("package.json"))).toMatchObject({ name: "my-project", private: true, type: "module" });
        expect(read("src/saxpy.d.soma.ts")).toContain("Tensor");
        expect(read(".gitignore")).toContain("node_modules/");
    });

    it("leaves a folder alone that has something in it, and takes an empty one", () => {
        using place = new Workplace();
        mkdirSync(place.path("full"));
        writeFileSync(place.path("full/notes.txt"), "mine");
        expect(place.soma(["init", "full"])).toMatchObject({
            status: 1,
            stderr: expect.stringContaining("full is not empty: it has notes.txt"),
        });
        expect(place.soma(["init", "full/notes.txt"])).toMatchObject({ status: 1 });
        mkdirSync(place.path("empty"));
        expect(place.soma(["init", "empty"])).toMatchObject({ status: 0 });
    });
});
