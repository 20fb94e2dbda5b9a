// The other process of exchange.test.ts: takes a tensor that it is sent, doubles it, and says what it found.

import { open, type SharedTensor } from "../../runtime/index.js";

process.once("message", async (shared: SharedTensor) => {
    const gpu = await open("vgpu:gfx1100");
    const tensor = gpu.importTensor(shared);
    const { twice } = await gpu.load<"twice">({
        source: "kernel twice(x: mut f32[n]) over i in n { x[i] = 2.0 * x[i] }",
    });
    const found = [...((await tensor.read()) as Float32Array)];
    await twice({ x: tensor });
    tensor.dispose();
    let refused = "";
    try {
        gpu.importTensor({ ...shared, handle: Buffer.alloc(64).toString("base64") });
    } catch (error) {
        refused = String(error);
    }
    gpu.close();
    process.send?.({ found, refused }, () => process.disconnect());
});
