import { open } from "soma-lang/runtime";
import { smooth } from "./smooth.js";

const gpu = await open();
console.log((await smooth(gpu, [0, 0, 12, 0, 0], 1)).join(" "));
gpu.close();
