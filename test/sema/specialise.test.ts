import { describe, expect, it } from "vitest";
import { checkProgram } from "../../compiler/sema/check.js";
import type { Specialisation } from "../../compiler/sema/specialise.js";

const TEXT = `
const SCALE: f32 = 2.0
const FLAG: bool = false
kernel scale<const BLOCK: index = 4>(x: mut f32[n, k]) over i in n {
    for j in 0 .. k by BLOCK { x[i, j] *= if FLAG { -SCALE } else { SCALE } }
}
kernel other(y: mut f32[n]) over i in n { y[i] = n as f32 }
`;

function check(specialisation: Specialisation) {
    const { diagnostics, program } = checkProgram(
        { path: "a.soma", text: TEXT },
        () => undefined,
        undefined,
        null,
        specialisation,
    );
    return { messages: diagnostics.map(({ code, message, help }) => [code, message, help]), program };
}

describe("a module for chosen values", () => {
    it("has dimensions as constants, in every kernel that names them", () => {
        const { messages, program } = check({ const: { SCALE: 3, FLAG: true, BLOCK: 8n }, dims: { k: 64 } });
        expect(messages).toEqual([]);
        const [scale, other] = program?.kernels ?? [];
        expect(scale?.dims).toEqual(["n"]);
        expect(scale?.params[0]?.type).toMatchObject({
            dims: [
                { kind: "dim", name: "n" },
                { kind: "const", value: 64 },
            ],
        });
        expect(other?.dims).toEqual(["n"]);
        expect(check({ dims: { n: 7 } }).program?.kernels.map(({ dims }) => dims)).toEqual([["k"], []]);
    });

    it.each<[Specialisation, string, string | undefined]>([
        [
            { const: { BLOCKS: 4 } },
            "no constant and no constant parameter of a kernel is named `BLOCKS`",
            "did you mean `BLOCK`?",
        ],
        [{ dims: { m: 4 } }, "no kernel of the module has a dimension `m`", undefined],
        [{ dims: { n: 1.5 } }, "the dimension `n` is an integer from 0, not 1.5", undefined],
        [{ const: { SCALE: Number.NaN } }, "the constant `SCALE` is a finite number, not NaN", undefined],
    ])("refuses %j", (specialisation, message, help) => {
        expect(check(specialisation).messages).toContainEqual(["E1009", message, help]);
    });

    it("says at its place what a value doesn't fit", () => {
        const { messages, program } = check({ const: { FLAG: 3 } });
        expect(program).toBeNull();
        expect(messages[0]?.[1]).toMatch(/bool/);
    });
});

describe("imported kernels and instances for chosen values", () => {
    const LIBRARY = `
pub kernel fill<T: Number = f32, const STEP: index = 4 in [4, 8]>(x: mut T[n]) over i in n {
    for j in 0 .. 16 by STEP { x[i] = j as T }
}
`;
    const checkImporting = (instances: string, values: NonNullable<Specialisation["const"]>) => {
        const text = `import "./library.soma" { fill }\n${instances}\n`;
        const load = (path: string) => (path.includes("library") ? { path: "library.soma", text: LIBRARY } : undefined);
        const { diagnostics, program } = checkProgram({ path: "a.soma", text }, load, undefined, null, {
            const: values,
        });
        const found = program?.kernels.map(({ name, tune }) => [name, tune?.map(({ value }) => value)]);
        return { messages: diagnostics.map(({ code, message }) => [code, message]), found };
    };

    it.each(["fill<f64>", "fill<f64, STEP: 4>", "fill<f64, 4>"])("%s takes them", (instance) => {
        const { messages, found } = checkImporting(`instance wide = ${instance}`, { STEP: 8 });
        expect(messages).toEqual([]);
        expect(found).toEqual([
            ["fill", [8]],
            ["wide", [8]],
        ]);
    });

    it("keeps what is written where no value is chosen", () => {
        expect(checkImporting("instance wide = fill<f64, STEP: 8>", {}).found).toEqual([
            ["fill", [4]],
            ["wide", [8]],
        ]);
    });

    it("refuses a value of another type, and a name that no kernel has", () => {
        expect(checkImporting("instance wide = fill<f64>", { STEP: true }).messages[0]?.[1]).toMatch(/index/);
        expect(checkImporting("instance wide = fill<f64>", { STEPS: 8 }).messages).toContainEqual([
            "E1009",
            "no constant and no constant parameter of a kernel is named `STEPS`",
        ]);
    });
});
