// Searches: candidates as batches, the same trials for the same seed, and files that a search goes on from.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network, NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

const SOURCE = `network fit {
    layer x(2, activation: identity)
    layer hidden(choose(2, 3, 5), activation: identity)
    layer y(1, activation: identity)
    connect x -> hidden (weight: 0.1)
    connect hidden -> y (weight: 0.1)
    plasticity delta(learning_rate: between(0.0, 1.0)) on hidden -> y
}

network closed {
    layer x(2, activation: identity)
}
`;

let folder = "";
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "soma-search-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load() {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: SOURCE, path: "search.soma" });
    return { gpu, fit: networks.fit as NetworkDefinition, closed: networks.closed as NetworkDefinition };
}

/** Greatest at a rate of 0.7 and 3 neurons, known in closed form; `seen` gets the sizes of batches. */
const scorer = (seen: number[]) => (net: Network) => {
    seen.push(net.batch);
    return Array.from({ length: net.batch }, (_, r) => {
        const off = net.get("delta.learning_rate", r) - 0.7;
        return -(off * off) - Math.abs(net.get("hidden.size", r) - 3);
    });
};

describe("evolution", () => {
    test("comes near to the best, with candidates in batches of one size", async () => {
        const { gpu, fit } = await load();
        const seen: number[] = [];
        const options = { score: scorer(seen), candidates: 12, rounds: 8, seed: 5 };
        const { best, trials } = await gpu.search(fit, options);
        expect(best.candidate["hidden.size"]).toBe(3);
        expect(Math.abs((best.candidate["delta.learning_rate"] as number) - 0.7)).toBeLessThan(0.1);
        expect(trials).toHaveLength(12 + 7 * 6);
        // Three sizes of the hidden layer are three batches at most.
        expect(seen.length).toBeLessThanOrEqual(3 * 8);
        expect(await gpu.search(fit, options)).toEqual({ best, trials });
        const other = await gpu.search(fit, { ...options, seed: 6 });
        expect(other.trials).not.toEqual(trials);
    });

    test("goes on where its file ends, and refuses one of another search", async () => {
        const { gpu, fit } = await load();
        const file = join(folder, "trials.jsonl");
        const whole = await gpu.search(fit, { score: scorer([]), candidates: 6, rounds: 4, seed: 1, file });
        const text = await readFile(file, "utf8");
        expect(
            text
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line)),
        ).toEqual(whole.trials);
        // Broken off in its third round.
        await writeFile(file, `${text.split("\n").slice(0, 10).join("\n")}\n`);
        const seen: number[] = [];
        expect(await gpu.search(fit, { score: scorer(seen), candidates: 6, rounds: 4, seed: 1, file })).toEqual(whole);
        expect(seen.reduce((a, b) => a + b, 0)).toBe(whole.trials.length - 10);
        expect(await readFile(file, "utf8")).toBe(text);
        await expect(gpu.search(fit, { score: scorer([]), candidates: 6, seed: 2, file })).rejects.toThrow(
            "is of another search: its trial 0 is",
        );
    });
});

test("successive halving: the better half goes on with twice the budget", async () => {
    const { gpu, fit } = await load();
    const budgets: number[] = [];
    const score = (net: Network, budget: number) => {
        budgets.push(budget);
        return scorer([])(net);
    };
    const { best, trials } = await gpu.search(fit, { score, strategy: "halving", candidates: 8, seed: 3 });
    const rounds = [0, 1, 2, 3].map((round) => trials.filter((trial) => trial.round === round));
    expect(rounds.map((each) => each.length)).toEqual([8, 4, 2, 1]);
    expect(rounds.map(([first]) => first?.budget)).toEqual([1, 2, 4, 8]);
    expect(best).toEqual(rounds[3]?.[0]);
    const winner = Math.max(...(rounds[0] ?? []).map((trial) => trial.score));
    expect(best.score).toBe(winner);
});

test("what can't be searched is refused", async () => {
    const { gpu, fit, closed } = await load();
    await expect(gpu.search(closed, { score: () => [] })).rejects.toThrow("leaves nothing open");
    await expect(gpu.search(fit, { score: () => [Number.NaN], candidates: 2 })).rejects.toThrow("a score is a number");
    await expect(
        gpu.load({ source: "network n {\n    layer x(choose(), activation: identity)\n}", path: "n.soma" }),
    ).rejects.toThrow("`choose` has no values");
});
