// Removes the checks of bounds that can't fail: the domain of an `over` kernel, conditions, loops, and checks that were
// passed before say where an index lies (facts.ts), and ranges say the rest. What remains is checked when it happens.

import type { Operation, OpId } from "../ir/module.js";
import { FactWalk } from "./fact-walk.js";
import type { Pass } from "./pass.js";

export const bounds: Pass = {
    name: "bounds",
    run: (fn, { known }) => {
        if (known.count("check") === 0) return false;
        const removal = new Removal(fn, known);
        removal.region(fn.body);
        return removal.removed > 0;
    },
};

class Removal extends FactWalk {
    protected keeps(id: OpId, op: Operation): boolean {
        return op.op !== "check" || !this.#passes(id, op);
    }

    #passes(id: OpId, { operands: [value, limit] }: Operation): boolean {
        if (value === undefined || limit === undefined) return false;
        const [range, limits] = [this.facts.ranges.at(id, value), this.facts.ranges.at(id, limit)];
        const natural = (range && range.min >= 0n) || this.facts.provesLeast(value, 0n);
        const below = (range && limits && range.max < limits.min) || this.facts.proves(value, limit, -1n);
        if (natural && below) return true;
        this.facts.learnLeast(value, 0n);
        this.facts.learn(value, limit, -1n);
        return false;
    }
}
