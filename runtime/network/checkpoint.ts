// Checkpoints: all that a run depends on, as safetensors. What is saved is the same on every device, whatever the order in which a
// device found the spikes of a step.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import type { Memory } from "./memory.js";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.js";
import type { Values } from "./values.js";

/** What is saved and restored of a network. */
export interface Saved {
    readonly definition: { readonly manifest: NetworkManifest };
    readonly seed: bigint;
    readonly values: Values;
    readonly memory: Memory;
}

export async function saveCheckpoint({ definition, seed, values, memory }: Saved, step: number): Promise<Uint8Array> {
    const { manifest } = definition;
    const tensors = new Map<string, StoredTensor>();
    for (const { name, element, isState } of manifest.buffers) {
        if (!isState) continue;
        const tensor = memory.get(name);
        tensors.set(name, { element, shape: tensor.shape, bytes: await tensor.readBytes() });
    }
    for (const part of manifest.parts) if (part.kind === "population" && part.emits) sortSpikes(tensors, part.name);
    const parameters = Object.fromEntries(manifest.parameters.map(({ name }) => [name, values.list(name)]));
    const metadata = {
        network: manifest.name,
        seed: String(seed),
        step: String(step),
        dt: manifest.dt === null ? "" : String(values.get("dt")),
        parameters: JSON.stringify(parameters),
    };
    return encodeSafetensors({ metadata, tensors });
}

/** Puts the neurons of each list of spikes in order, and nothing behind them. */
function sortSpikes(tensors: Map<string, StoredTensor>, population: string): void {
    const [counts, spikes] = [tensors.get(`${population}.counts`), tensors.get(`${population}.spikes`)];
    if (counts === undefined || spikes === undefined) return;
    const lengths = elementsOf("i32", counts.bytes) as unknown as Int32Array;
    const lists = elementsOf("i32", spikes.bytes) as unknown as Int32Array;
    const size = spikes.shape.at(-1) as number;
    for (const [slot, length] of lengths.entries()) {
        lists.subarray(slot * size, slot * size + length).sort();
        lists.subarray(slot * size + length, (slot + 1) * size).fill(0);
    }
    tensors.set(`${population}.spikes`, { ...spikes, bytes: new Uint8Array(lists.buffer) });
}

/**
 * Writes what a checkpoint has into the network.
 * @returns the number of the step, and what to wait for
 * @throws ArgumentError for what is no checkpoint of such a network
 */
export function restoreCheckpoint(
    { definition, seed, values, memory }: Saved,
    checkpoint: Uint8Array,
    mostSteps: number,
): { readonly step: number; readonly written: Promise<unknown> } {
    if (!((checkpoint as unknown) instanceof Uint8Array))
        throw new ArgumentError(`a checkpoint is a Uint8Array, not ${describeValue(checkpoint)}`);
    const { metadata, tensors } = decodeSafetensors(checkpoint);
    const { manifest } = definition;
    const dt = manifest.dt === null ? "" : String(values.get("dt"));
    const wanted = { network: manifest.name, seed: String(seed), dt };
    for (const [key, value] of Object.entries(wanted)) {
        if (metadata[key] === value) continue;
        throw new ArgumentError(
            `this checkpoint is of a network with ${key} ${metadata[key] ?? "unknown"}, and this one has ${value}`,
        );
    }
    const buffers = manifest.buffers.filter(({ isState }) => isState);
    const written = buffers.map(({ name, element }) => {
        const tensor = memory.get(name);
        const stored = tensors.get(name);
        if (stored === undefined || stored.element !== element || stored.shape.join() !== tensor.shape.join()) {
            const has = stored === undefined ? "nothing" : `${stored.element}[${stored.shape.join(", ")}]`;
            throw new ArgumentError(
                `this checkpoint has ${has} for ${name}, which is ${element}[${tensor.shape.join(", ")}]`,
            );
        }
        return { tensor, bytes: stored.bytes };
    });
    const step = Number(metadata.step);
    if (!(Number.isSafeInteger(step) && step >= 0 && step <= mostSteps))
        throw new ArgumentError("this checkpoint has no step");
    values.restore(metadata.parameters ?? "");
    const all = written.map(({ tensor, bytes }) => tensor.write(elementsOf(tensor.type, bytes)));
    for (const part of manifest.parts) all.push(...writeEmitted(memory, tensors, part.name));
    return { step, written: Promise.all(all) };
}

/** Writes which neurons have fired as 0 and 1, where products of matrices take spikes so: it follows from their list. */
function writeEmitted(memory: Memory, tensors: ReadonlyMap<string, StoredTensor>, population: string): Promise<void>[] {
    const name = `${population}.emitted`;
    const [counts, spikes] = [tensors.get(`${population}.counts`), tensors.get(`${population}.spikes`)];
    if (!memory.has(name) || counts === undefined || spikes === undefined) return [];
    const lengths = elementsOf("i32", counts.bytes);
    const lists = elementsOf("i32", spikes.bytes);
    const size = spikes.shape.at(-1) as number;
    const emitted = new Int8Array(lists.length);
    for (const [slot, length] of lengths.entries()) {
        for (let at = 0; at < length; at++) emitted[slot * size + (lists[slot * size + at] as number)] = 1;
    }
    return [memory.get(name).write(emitted as never)];
}

/** Bytes as the elements that they are, wherever in a file they lie. */
function elementsOf(type: string, bytes: Uint8Array): Float32Array {
    const { buffer } = Uint8Array.from(bytes);
    const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, u64: BigUint64Array } as const;
    return new arrays[type as keyof typeof arrays](buffer) as Float32Array;
}
