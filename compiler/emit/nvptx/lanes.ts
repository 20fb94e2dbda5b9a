// Which lanes of a wave are at a place, as a mask. What `activemask` says is no answer: it has the lanes that happen to run
// together (PTX ISA, "activemask"). A vote names those that take part, and makes them wait for each other ("vote.sync").

import type { LaneMasks } from "../backend.js";
import type { FunctionWriter } from "../writer.js";

export const LANES = 32;

/** The lanes of a mask, all of which come here, for which a condition holds. */
export function ballot(writer: FunctionWriter, lanes: string, condition: string): string {
    return writer.intrinsic("nvvm.vote.ballot.sync", "i32", [
        ["i32", lanes],
        ["i1", condition],
    ]);
}

export const LANE_MASKS: LaneMasks = {
    /** All, but in a workgroup's last wave, which may lack the upper ones. */
    atStart(writer) {
        const workgroup = writer.fn.kernel?.workgroup ?? [1, 1, 1];
        const items = workgroup.reduce((product, size) => product * size, 1);
        const rest = items % LANES;
        if (rest === 0) return "-1";
        const some = 2 ** rest - 1;
        if (items < LANES) return String(some);
        const isLast = writer.assign(`icmp uge i32 ${itemOf(writer, workgroup)}, ${items - rest}`);
        return writer.assign(`select i1 ${isLast}, i32 ${some}, i32 -1`);
    },
    among: ballot,
};

/** The work-item's number in its workgroup, x fastest, of which waves are consecutive pieces. */
function itemOf(writer: FunctionWriter, [width, height]: readonly [number, number, number]): string {
    const { backend } = writer.module;
    const [x, y, z] = ([0, 1, 2] as const).map((axis) => backend.id(writer, "local_id", axis));
    const row = writer.assign(`add i32 ${y}, ${writer.assign(`mul i32 ${z}, ${height}`)}`);
    return writer.assign(`add i32 ${x}, ${writer.assign(`mul i32 ${row}, ${width}`)}`);
}
