import { open } from "soma-lang/runtime";
import { saxpy } from "./saxpy.soma";

const gpu = await open();
const x = gpu.tensor("f32", [8], [0, 1, 2, 3, 4, 5, 6, 7]);
const y = gpu.tensor("f32", [8], [1, 1, 1, 1, 1, 1, 1, 1]);
await saxpy({ a: 2, x, y });
console.log(`on ${gpu.name}: ${[...(await y.read())].join(" ")}`);
gpu.close();
