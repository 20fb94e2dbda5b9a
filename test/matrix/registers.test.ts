// The standard library's matrix kernels keep what they compute with in registers, on every kind of matrix cores, and leave LDS for
// a second workgroup: with the tiles that they have by default, and attention with heads of 64 and of 128.

import { expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";

const SOURCE = `import std.nn { linear, mlp, attention, attention_packed, conv2d, matmul_i8, matmul_f8 }
import std.linalg { matmul, matmul_tn, matmul_parts, matmul_grouped }
instance attention_128 = attention<D: 128>
instance attention_wide = attention<D: 128, BM: 128>
instance attention_causal = attention<D: 128, CAUSAL: true>
instance attention_packed_128 = attention_packed<D: 128>
instance attention_packed_causal_128 = attention_packed<D: 128, CAUSAL: true>
`;

async function kernelsOf(target: string) {
    const source = { path: "library.soma", text: SOURCE };
    const { output } = await compile(source, loadModule, loadCodegen(), { target });
    if (output === null) throw new Error("no code object");
    const { kernels } = await loadCodegen().inspect(output);
    expect(kernels.length).toBeGreaterThanOrEqual(15);
    return kernels;
}

test.each(["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"])(
    "no kernel keeps registers in memory on %s",
    async (target) => {
        const kernels = await kernelsOf(target);
        const kept = kernels.filter(({ vgprSpills, scratchBytes }) => vgprSpills > 0 || scratchBytes > 0);
        expect(kept.map(({ name }) => name)).toEqual([]);
    },
);

/** What a compute unit of CDNA 2 and 3 has. Source: MI200 and MI300 ISA, 11.1. */
const LDS_BYTES = 65536;

test.each(["gfx90a", "gfx942"])("a compute unit of %s has LDS for two workgroups of each kernel", async (target) => {
    const alone = (await kernelsOf(target)).filter(({ ldsBytes }) => 2 * ldsBytes > LDS_BYTES);
    expect(alone.map(({ name, ldsBytes }) => `${name} ${ldsBytes}`)).toEqual([]);
});
