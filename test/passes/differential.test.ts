// Every pass leaves well-formed IR behind that does what the lowering's does, in the interpreter; and devices do it too.

import { describe, expect, test } from "vitest";
import { printModule } from "../../compiler/ir/print.js";
import { isBuffer } from "../../compiler/ir/types.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { runPasses } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET, findTarget } from "../../compiler/targets/targets.js";
import type { ElementType, TensorData } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { elementAt, interpreted, lowered, SAMPLES } from "./programs.js";

describe.each(Object.entries(SAMPLES))("%s", (_name, sample) => {
    const expected = interpreted(lowered(sample.text), sample);

    test("after each pass", () => {
        const module = lowered(sample.text);
        runPasses(module, DEFAULT_TARGET, ({ name }) => {
            expect(verifyModule(module), name).toEqual([]);
            expect(interpreted(module, sample), name).toEqual(expected);
        });
        // Pass by pass and function by function is the same.
        const another = lowered(sample.text);
        runPasses(another, DEFAULT_TARGET);
        expect(printModule(another)).toBe(printModule(module));
    });

    test("for another target", () => {
        const module = lowered(sample.text);
        const target = findTarget("sm_90");
        if (!target) throw new Error("there is no sm_90");
        runPasses(module, target, ({ name }) => expect(verifyModule(module), name).toEqual([]));
        expect(interpreted(module, sample)).toEqual(expected);
    });

    test("on a device", async () => {
        const gpu = await testGpu();
        const { kernels } = await gpu.load({ source: sample.text, path: "sample.soma" });
        const kernel = lowered(sample.text).functions.at(-1);
        const views = (kernel?.parameters ?? []).flatMap(({ value, name }) => {
            const type = kernel?.values[value]?.type;
            return type !== undefined && isBuffer(type) && type.element !== "bytes"
                ? [{ name, type: type.element }]
                : [];
        });
        const tensors = views.map(({ name, type }, seed) => {
            const shape = sample.shapes[seed] ?? [];
            const count = shape.reduce((product, extent) => product * extent, 1);
            const data = Array.from({ length: count }, (_, at) => Number(elementAt(type, at, seed)));
            return [name, gpu.tensor(type as ElementType, shape, data as TensorData<ElementType>)] as const;
        });
        const scalars = Object.entries(sample.scalars ?? {}).map(([name, value]) => [name, Number(value)] as const);
        await kernels.k?.(Object.fromEntries([...tensors, ...scalars]));
        for (const [name, tensor] of tensors) {
            expect(Array.from(await tensor.read(), Number), name).toEqual(expected[name]?.map(Number));
        }
    });
});
