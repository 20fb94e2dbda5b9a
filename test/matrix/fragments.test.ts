// Every matrix instruction of the table, on the virtual GPU against a plain product of integers, which every format holds
// exactly; the types that a target has no instruction for; and where work-items find their elements in LDS.

import { describe, expect, test } from "vitest";
import { leftLayout, type Plan, resultLayout, togetherAlongK } from "../../compiler/matrix/fragments.js";
import { apply, compose, type Layout } from "../../compiler/matrix/layout.js";
import { operandLayout, operandStorage } from "../../compiler/matrix/products.js";
import { MATRIX_INSTRUCTIONS, type MatrixInstruction } from "../../compiler/targets/matrix.js";
import { findTarget, TARGETS, type Target } from "../../compiler/targets/targets.js";
import type { ScalarType } from "../../runtime/elements.js";
import { type ProductEvent, telemetry } from "../../runtime/index.js";
import { run, view } from "../run/harness.js";
import { MATRIX_DEVICES } from "./reference.js";

function instructionsOf(target: Target | undefined): readonly MatrixInstruction[] {
    return MATRIX_INSTRUCTIONS.filter(({ families }) => target && families.includes(target.family));
}

/** Integers from -2 to 2, or for types without a sign from 0 to 4, in no order. */
function integers(count: number, seed: number, least: number): number[] {
    return Array.from({ length: count }, (_, at) => (((at + seed) * 7919) % 5) + least);
}

/** What the host gives for numbers of a type: of pairs the bytes, which have the next two each. */
function stored(type: string, numbers: readonly number[]): readonly number[] {
    if (type !== "i4x2") return numbers;
    return numbers.flatMap((low, at) => (at % 2 === 0 ? [(low & 15) | (((numbers[at + 1] ?? 0) & 15) << 4)] : []));
}

async function expectExact(device: string, a: string, b: string, sum: string, k: number): Promise<void> {
    const source = `
matrix kernel product(a: ${a}[m, k], b: ${b}[k, n], c: mut ${sum}[m, n]) over (i in m by 32, j in n by 32) {
    var acc: tile ${sum}[32, 32] = ${sum === "i32" ? "0" : "0.0"}
    for p in k by ${k} { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}`;
    const [m, n, length] = [64, 32, 3 * k];
    const least = a === "u8" ? 0 : -2;
    const parts = a === "i4x2" ? 2 : 1;
    const [left, right] = [integers(m * length * parts, 3, least), integers(length * n * parts, 11, least)];
    const args = {
        a: view(a as ScalarType, [m, length], stored(a, left)),
        b: view(b as ScalarType, [length, n], stored(b, right)),
        c: view(sum as ScalarType, [m, n]),
    };
    const { c } = await run(source, args, { device });
    const expected = Array.from({ length: m * n }, (_, at) => {
        let total = 0;
        for (let p = 0; p < length * parts; p++) {
            const [pair, part] = [Math.floor(p / parts), p % parts];
            const row = left[(Math.floor(at / n) * length + pair) * parts + part] ?? 0;
            total += row * (right[(pair * n + (at % n)) * parts + part] ?? 0);
        }
        return total;
    });
    expect(Array.from(c as ArrayLike<number>, Number)).toEqual(expected);
}

const HAVING = MATRIX_DEVICES.filter(({ target }) => instructionsOf(findTarget(target)).length > 0);

describe.each(HAVING)("on $target", ({ target, device }) => {
    const own = instructionsOf(findTarget(target));
    test.each(own.map((each) => [each.name, each] as const))("%s", async (name, { a, b, sum, k }) => {
        const events: ProductEvent[] = [];
        const listening = telemetry.subscribe((event) => {
            if (event.kind === "product") events.push(event);
        });
        await expectExact(device, a, b, sum, k);
        listening.stop();
        expect(events.map(({ algorithm }) => algorithm)).toEqual([name]);
    });
});

test.each([
    ["gfx1100", "f8e4m3", "f8e5m2", "f32"],
    ["gfx1100", "f64", "f64", "f64"],
    ["gfx942", "u8", "u8", "i32"],
    ["gfx942", "f8e5m2", "f8e5m2", "f32"],
    ["gfx1030", "i8", "i8", "i32"],
    ["gfx1030", "bf16", "bf16", "f32"],
])("%s multiplies %s by %s without an instruction", async (target, a, b, sum) => {
    await expectExact(`vgpu:${target}`, a, b, sum, 16);
});

/** How many lanes of a part of a wave that LDS serves at once want another row of a bank, for accesses of so many bytes. */
function conflicts(storage: readonly number[], layout: Layout, bytes: number): number {
    const bases = compose(storage, layout.lanes);
    const together = 128 / bytes;
    let worst = 0;
    for (let first = 0; first < 1 << bases.length; first += together) {
        const rows = new Map<number, Set<number>>();
        for (let lane = first; lane < first + together; lane++) {
            for (let at = 0; at < bytes; at += 4) {
                const address = apply(bases, lane) + at;
                const bank = Math.floor(address / 4) % 32;
                rows.set(bank, (rows.get(bank) ?? new Set()).add(Math.floor(address / 128)));
            }
        }
        worst = Math.max(worst, ...[...rows.values()].map(({ size }) => size - 1));
    }
    return worst;
}

// NVIDIA's lanes lie otherwise: where an instruction is as long as the tile, two of them want a bank at most.
describe("fragments are read from LDS without conflicts of banks", () => {
    const families = MATRIX_INSTRUCTIONS.filter(({ a }) => ["f16", "bf16"].includes(a));
    test.each(families.map((each) => [each.name, each] as const))("%s", (_name, instruction) => {
        const target = TARGETS.find(({ family }) => instruction.families.includes(family)) as Target;
        const laneBits = instruction.waveSize === 32 ? 5 : 6;
        const most = instruction.form === "mma" ? 1 : 0;
        for (const k of [instruction.k, 2 * instruction.k, 4 * instruction.k]) {
            const team = { laneBits, waveBits: 8 - laneBits };
            const plan: Plan = {
                instruction,
                isWidened: false,
                isExchanged: false,
                isChained: false,
                m: 128,
                n: 128,
                k,
                batch: [],
                waveRowBits: 1,
                waveColumnBits: team.waveBits - 1,
                team,
            };
            const bytes = 2 * togetherAlongK(plan);
            const left = operandStorage(target, plan, "left", { tile: "f16", shape: [128, k] }, null);
            expect(conflicts(left.storage, operandLayout(plan, "left"), bytes)).toBeLessThanOrEqual(most);
            const right = operandStorage(target, plan, "right", { tile: "f16", shape: [k, 128] }, null);
            expect(conflicts(right.storage, operandLayout(plan, "right"), bytes)).toBeLessThanOrEqual(most);
        }
    });
});

describe("what lanes have of an exchanged product's result is what they take as the left operand of the next one", () => {
    const families = MATRIX_INSTRUCTIONS.filter(
        ({ a, form, m, n }) => a === "f16" && m === n && (form === "mfma" || form === "wmma12"),
    );
    test.each(families.map((each) => [each.name, each] as const))("%s", (_name, instruction) => {
        const laneBits = instruction.waveSize === 32 ? 5 : 6;
        const waveRowBits = 8 - laneBits;
        const team = { laneBits, waveBits: waveRowBits };
        const common = { instruction, isWidened: false, isExchanged: true, m: 256, batch: [], team };
        const waves = { waveRowBits, waveColumnBits: 0 };
        const scores: Plan = { ...common, ...waves, isChained: false, n: 64, k: 64 };
        const sums: Plan = { ...common, ...waves, isChained: true, n: 128, k: 64 };
        const [given, taken] = [resultLayout(scores), leftLayout(sums)];
        expect(given.lanes).toEqual(taken.lanes);
        expect(given.waves).toEqual(taken.waves);
        expect(new Set(given.registers)).toEqual(new Set(taken.registers));
    });
});
