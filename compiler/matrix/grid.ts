// Which block of a kernel's domain is done at which turn. Hardware begins workgroups along rows of the grid, and where a GPU
// consists of several dies, each with an L2 of its own, deals them out in turn. So that those that run together share what
// they load: every die gets neighbouring blocks (as in AMD's Composable Kernel, "XCD remapping"), and those go down a few
// rows before the next column (as in Triton's matrix multiplication tutorial, "L2 Cache Optimizations").
// Whatever the grid, every block is done once.

import type { Operation, ValueId } from "../ir/module.js";
import { attribute } from "../ir/module.js";
import type { Work } from "./work.js";

/** Workgroups that run side by side anyway, in whichever order. */
const FEW = 32;

/** Rows of blocks that are done together. */
const ROWS = 8;

export class Grid {
    #place: readonly [column: ValueId, row: ValueId] | null = null;

    constructor(
        readonly work: Work,
        /** Whether workgroups load the same: operands of products. */
        readonly isShared: boolean,
    ) {}

    /** Of a `block_id`, whose operands are how many columns and rows of blocks there are, and the turn's place among them. */
    block(op: Operation, columns: ValueId, rows: ValueId, place: readonly [column: ValueId, row: ValueId]): ValueId {
        const { work } = this;
        const axis = attribute(op, "axis");
        const { dies = 1 } = work.target.backend === "amdgpu" ? work.target : {};
        const isGrouped = attribute(op, "count") > 1;
        if (!this.isShared || (dies === 1 && !isGrouped)) return place[axis === 0 ? 0 : 1];
        this.#place ??= this.#placed(columns, rows, place, dies, isGrouped ? ROWS : 1);
        return this.#place[axis === 0 ? 0 : 1];
    }

    #placed(
        columns: ValueId,
        rows: ValueId,
        [x, y]: readonly [ValueId, ValueId],
        dies: number,
        together: number,
    ): readonly [ValueId, ValueId] {
        const { work } = this;
        const count = work.op("mul", [columns, rows]);
        const isMany = work.op("gt", [count, work.index(FEW)], "bool");
        const { kernel, options } = work.source;
        const [column, row] = work.choose(
            isMany,
            ["index", "index"],
            () => {
                const [width, height, all] = [columns, rows, count].map((each) => work.convert(each, "u32")) as [
                    ValueId,
                    ValueId,
                    ValueId,
                ];
                const own = work.op("add", [work.op("mul", [work.convert(y, "u32"), width]), work.convert(x, "u32")]);
                const number = dies === 1 ? own : this.#neighbouring(own, all, dies);
                const placed =
                    together === 1 ? this.#inRows(number, width) : this.#inGroups(number, width, height, together);
                // Passes know the bounds of a workgroup's place, but not of what was divided.
                const most = options.persistent ? null : kernel?.mostGroups;
                return placed.map((place, axis) => {
                    const index = work.convert(place, "index");
                    return most ? work.op("min", [index, work.index((most[axis] ?? 1) - 1)]) : index;
                });
            },
            () => [x, y],
        ) as [ValueId, ValueId];
        return [column, row];
    }

    /** Of as many dies the first gets the first blocks, and so on: those of a remainder get one more. */
    #neighbouring(own: ValueId, all: ValueId, dies: number): ValueId {
        const { work } = this;
        const bits = work.word(Math.log2(dies));
        const rest = work.word(dies - 1);
        const [die, turn] = [work.op("and", [own, rest]), work.op("shr", [own, bits])];
        const [each, more] = [work.op("shr", [all, bits]), work.op("and", [all, rest])];
        const before = work.op("add", [work.op("mul", [die, each]), work.op("min", [die, more])]);
        return work.op("add", [before, turn]);
    }

    #inRows(number: ValueId, width: ValueId): readonly [ValueId, ValueId] {
        const { work } = this;
        const row = work.op("div", [number, width]);
        return [work.op("sub", [number, work.op("mul", [row, width])]), row];
    }

    /** Down so many rows, then the next column of these; the last rows may be fewer. */
    #inGroups(number: ValueId, width: ValueId, height: ValueId, together: number): readonly [ValueId, ValueId] {
        const { work } = this;
        const whole = work.op("mul", [width, work.word(together)]);
        const group = work.op("div", [number, whole]);
        const first = work.op("mul", [group, work.word(together)]);
        const within = work.op("sub", [number, work.op("mul", [group, whole])]);
        const rows = work.op("min", [work.op("sub", [height, first]), work.word(together)]);
        const column = work.op("div", [within, rows]);
        const row = work.op("sub", [within, work.op("mul", [column, rows])]);
        return [column, work.op("add", [first, row])];
    }
}
