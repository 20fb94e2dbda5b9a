import { open } from "soma-lang/runtime";
import { expect, test } from "vitest";
import { smooth } from "./smooth.js";

test("constant values stay, and a peak spreads to its neighbours", async () => {
    const gpu = await open("vgpu:gfx1100");
    expect(await smooth(gpu, [3, 3, 3, 3], 5)).toEqual([3, 3, 3, 3]);
    expect(await smooth(gpu, [0, 0, 12, 0, 0], 1)).toEqual([0, 4, 4, 4, 0]);
    gpu.close();
});
