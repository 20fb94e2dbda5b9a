// What a generator decides by: a tape of numbers. When it has run out every choice is the first, so generators put the
// simplest first; a shorter tape, or one of smaller numbers, is a simpler program. This is how Hypothesis shrinks
// (D. MacIver and A. Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP 2020).

export class Choices {
    #next = 0;

    constructor(readonly tape: readonly number[]) {}

    /** A number below `count`. */
    below(count: number): number {
        const entry = this.tape[this.#next++] ?? 0;
        return entry % count;
    }

    /** True once in `times`. */
    once(times: number): boolean {
        return this.below(times) === times - 1;
    }

    pick<T>(options: readonly T[]): T {
        const found = options[this.below(options.length)];
        if (found === undefined) throw new Error("nothing to choose from");
        return found;
    }
}
