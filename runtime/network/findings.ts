// What kernels found wrong: for each instance the first step, and in it a code and a neuron.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { NetworkFault } from "../errors.js";
import type { Memory } from "./memory.js";

const NONE = 2n ** 64n - 1n;

/** @throws NetworkFault for the earliest finding */
export async function requireSound(manifest: NetworkManifest, memory: Memory, dt: number): Promise<void> {
    if (manifest.findings.length === 0) return;
    const found = (await memory.get("findings").read()) as BigUint64Array;
    let [instance, first] = [0, NONE];
    found.forEach((each, r) => {
        if (each < first) [instance, first] = [r, each];
    });
    if (first === NONE) return;
    const step = Number(first >> 36n);
    const finding = manifest.findings[Number((first >> 28n) & 0xffn) - 1];
    const neuron = Number(first & 0xfffffffn);
    const where = found.length > 1 ? ` of instance ${instance}` : "";
    const population = finding?.part ?? "";
    throw new NetworkFault(
        `network ${manifest.name}: ${finding?.text ?? "a kernel found something"}: neuron ${neuron} of ${population}${where}, in step ${step} (${Number(((step + 1) * dt).toPrecision(9))} ms)`,
        { population, neuron, instance, step },
    );
}
