// E115x: pipelines of matrix kernels' loops.

import type { Entry } from "../entry.js";

export const noPipeline: Entry<{ why: string }> = {
    code: "E1150",
    severity: "error",
    title: "a loop that is no pipeline",
    message: ({ why }) => `nothing of this loop can be begun before its round: ${why}`,
    help: () => "leave `#pipeline` out, or load tiles in the loop by its range from views that the kernel only reads",
    explanation:
        "A pipeline begins the loads of later rounds while one computes. It can where the loop loads tiles itself, from views " +
        "that the kernel doesn't write, at places that follow from the loop's range alone, and runs to its end.",
    example: "",
};

export const pipelineBeyondLds: Entry<{ stages: number; bytes: number; all: number; limit: number; target: string }> = {
    code: "E1151",
    severity: "error",
    title: "a pipeline that doesn't fit LDS",
    message: ({ stages, bytes, all, limit, target }) =>
        `this pipeline of ${stages} stages takes ${bytes} bytes of LDS and its kernel ${all} in all; a workgroup of ${target} has ${limit}`,
    help: ({ bytes, all, limit }) =>
        all - bytes / 2 <= limit
            ? `with \`stages: 1\` operands lie there once: ${bytes / 2} bytes; or take smaller tiles, along the loop's range first`
            : "take smaller tiles, along the loop's range first",
    explanation:
        "From two stages on the operands of a loop's products lie in LDS twice: one round writes while another is read.",
    example: "",
};
