// E115x: pipelines of matrix kernels' loops, E117x: how their tiles come to LDS.

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

export const noDirectLoads: Entry<{ target: string; having: string }> = {
    code: "E1170",
    severity: "error",
    title: "a loop whose tiles can't go straight to LDS",
    message: ({ target }) => `the tiles of this loop can't go straight to LDS on ${target}`,
    help: ({ having }) => `leave \`#direct\` out: tiles go through registers then. Targets with such loads: ${having}`,
    explanation:
        "Loads from global memory to LDS keep the order of memory. All that the loop loads must be operands of products in it, each of one, " +
        "which nothing changes before; what they sum over must lie along memory's rows, or the target turns it round as it reads " +
        "LDS (gfx950); tiles must have 4 bytes (16 on gfx950) for each work-item; and at most two rounds are under way.",
    example: "",
};
