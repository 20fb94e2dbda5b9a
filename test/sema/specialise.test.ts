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
