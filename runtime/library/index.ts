// soma-lang/library: operations on whole tensors that take several launches of the standard library's kernels. They run on
// the GPU of their tensors; the kernels are compiled for it when they are first needed.
//
//     import { sort, sum } from "soma-lang/library";
//
//     const total = await sum(x);
//     await sort(keys, values);

export { fft, ifft } from "./fft.js";
export { type MatmulOptions, matmul, partsOf, type Sharing, sharingOf } from "./matmul.js";
export { dot, maximum, minimum, sum } from "./reduce.js";
export { type ScanOptions, scan } from "./scan.js";
export { argsort, sort } from "./sort.js";
export { type Moments, moments } from "./stats.js";
