// The memory of a device that was opened: who has how much of it, and what happens when it runs out. On a GPU it comes from
// a pool; on the virtual one every tensor is an allocation of its own, so that an access beyond its end is found.

import { describeValue } from "../elements.js";
import { ArgumentError, OutOfMemoryError } from "../errors.js";
import type { NativeBuffer, NativeDevice } from "../hip/binding.js";
import { native } from "../hip/failure.js";
import { Uses } from "../lanes.js";
import { emitMemory } from "../telemetry/memory.js";
import { type ChunkSource, Pool } from "./pool.js";
import { currentSite, describeSite, type Site } from "./sites.js";
import { type Block, Storage } from "./storage.js";

export interface MemoryOptions {
    /** Whether memory is kept and used again. Default: true, on the virtual GPU false. */
    readonly pool?: boolean | undefined;
    /** Most bytes of device memory. Default Infinity: what the device has. */
    readonly limit?: number | undefined;
    /** Whether a tensor that is collected without having been disposed of is told as a warning. Default true. */
    readonly leakWarnings?: boolean | undefined;
}

export interface MemoryStatistics {
    /** Bytes that tensors asked for and have. */
    readonly asked: number;
    readonly peakAsked: number;
    /** Bytes that were taken of the device for them. */
    readonly reserved: number;
    readonly peakReserved: number;
    readonly limit: number;
    /** Tensors that have memory. */
    readonly live: number;
    /** Requests so far, and how many of them the pool had room for. */
    readonly allocations: number;
    readonly hits: number;
}

/** Where memory is: on the device; of the host, pinned and reached by kernels; on the device, for other processes as well. */
export type MemoryKind = "device" | "host" | "shared";

/** Memory that a reset of the device took. */
export interface LostBuffer {
    /** Such as `tensor f32[4]`. */
    readonly what: string;
    readonly bytes: number;
    /** Where it was made, in the program's source. */
    readonly madeAt: string;
}

/** What is kept of a block in use, for messages. */
interface Holding extends Block {
    readonly what: () => string;
    readonly site: Site;
}

/** So many holders are named when memory ran out. */
const NAMED_HOLDERS = 5;

export class Memory {
    private pool: Pool | undefined;
    private readonly limit: number;
    private readonly holdings = new Set<Holding>();
    /** Memory of others. */
    private readonly foreign = new Set<Block>();
    private readonly collected = new FinalizationRegistry<Holding>((holding) => this.reclaim(holding));
    private readonly warned = new Set<string>();
    private asked = 0;
    private peakAsked = 0;
    private exact = 0;
    private peakExact = 0;
    private allocations = 0;

    /** @param flush submits commands that may use memory which is freed */
    constructor(
        private readonly id: string,
        private readonly device: NativeDevice,
        private readonly flush: () => void,
        private readonly options: MemoryOptions,
    ) {
        const { limit = Number.POSITIVE_INFINITY, pool = device.counters() === undefined } = options;
        if (!(limit > 0)) {
            throw new ArgumentError(`the limit of memory is a positive number of bytes, not ${describeValue(limit)}`);
        }
        this.limit = limit;
        this.pool = pool ? this.makePool() : undefined;
    }

    private makePool(): Pool {
        const source: ChunkSource = {
            allocate: (bytes) => this.take(bytes, "pool"),
            free: (buffer) => buffer.dispose(),
        };
        return new Pool(source);
    }

    /**
     * @param what what it is for, for messages
     * @throws OutOfMemoryError that says who holds what
     */
    allocate(bytes: number, what: () => string, kind: MemoryKind = "device"): Storage {
        this.allocations++;
        const site = currentSite();
        const holding =
            this.pool === undefined || bytes === 0 || kind !== "device"
                ? this.whole(bytes, what, site, kind)
                : this.part(this.pool, bytes, what, site);
        this.asked += bytes;
        this.peakAsked = Math.max(this.peakAsked, this.asked);
        this.holdings.add(holding);
        const storage = new Storage(holding, kind);
        this.collected.register(storage, holding);
        emitMemory("allocate", this.id, { bytes, address: storage.address });
        return storage;
    }

    /** Memory that is somebody else's: it is not freed, and counts for nothing. */
    import(address: bigint, bytes: number): Storage {
        return this.holdForeign(
            native(() => this.device.import(address, bytes)),
            0,
            bytes,
        );
    }

    /** Memory of another process, which gave a handle for it. */
    open(handle: Uint8Array, offset: number, bytes: number): Storage {
        return this.holdForeign(
            native(() => this.device.openMemory(handle, offset + bytes)),
            offset,
            bytes,
        );
    }

    private holdForeign(buffer: NativeBuffer, offset: number, bytes: number): Storage {
        const block: Block = {
            buffer,
            offset,
            bytes,
            uses: new Uses(),
            freed: false,
            release: () => {
                block.freed = true;
                this.foreign.delete(block);
                this.flush();
                buffer.dispose();
            },
        };
        this.foreign.add(block);
        return new Storage(block);
    }

    /** The device is about to be reset: gives up everything, and says what. */
    lose(): readonly LostBuffer[] {
        const lost = [...this.holdings].map(({ what, bytes, site }) => ({
            what: what(),
            bytes,
            madeAt: describeSite(site),
        }));
        for (const block of [...this.holdings, ...this.foreign]) {
            block.wasReset = true;
            block.release();
        }
        if (this.pool !== undefined) {
            this.pool.trim();
            this.pool = this.makePool();
        }
        return lost;
    }

    /** Gives the device back what nobody uses; gives the bytes of that. */
    trim(): number {
        this.flush();
        return this.pool?.trim() ?? 0;
    }

    get statistics(): MemoryStatistics {
        const { pool } = this;
        return {
            asked: this.asked,
            peakAsked: this.peakAsked,
            reserved: pool?.reserved ?? this.exact,
            peakReserved: pool?.peakReserved ?? this.peakExact,
            limit: this.limit,
            live: this.holdings.size,
            allocations: this.allocations,
            hits: pool?.hits ?? 0,
        };
    }

    /** Frees everything. */
    close(): void {
        this.flush();
        for (const holding of this.holdings) holding.release();
        this.pool?.trim();
    }

    private whole(bytes: number, what: () => string, site: Site, kind: MemoryKind): Holding {
        const buffer = this.take(bytes, kind);
        this.exact += bytes;
        this.peakExact = Math.max(this.peakExact, this.exact);
        return this.hold(buffer, 0, bytes, new Uses(), what, site, () => {
            this.exact -= bytes;
            buffer.dispose();
        });
    }

    private part(pool: Pool, bytes: number, what: () => string, site: Site): Holding {
        const block = pool.allocate(bytes);
        return this.hold(block.chunk.buffer, block.offset, bytes, block.uses, what, site, () => pool.release(block));
    }

    private hold(
        buffer: NativeBuffer,
        offset: number,
        bytes: number,
        uses: Uses,
        what: () => string,
        site: Site,
        free: () => void,
    ): Holding {
        const holding: Holding = {
            buffer,
            offset,
            bytes,
            uses,
            what,
            site,
            freed: false,
            release: () => {
                if (holding.freed) return;
                holding.freed = true;
                emitMemory("free", this.id, { bytes, address: buffer.address + BigInt(offset) });
                this.holdings.delete(holding);
                this.asked -= bytes;
                // What is still in the buffer of commands may use it.
                this.flush();
                free();
            },
        };
        return holding;
    }

    /** Memory of the device. Where it has none left, what is free is given back first. */
    private take(bytes: number, kind: MemoryKind | "pool"): NativeBuffer {
        const allocate = (): NativeBuffer =>
            native(() =>
                kind === "host" ? this.device.allocateHost(bytes) : this.device.allocate(bytes, kind === "pool"),
            );
        const reserved = (): number => this.pool?.reserved ?? this.exact;
        if (reserved() + bytes > this.limit) this.trim();
        if (reserved() + bytes > this.limit) {
            throw this.outOfMemory(
                bytes,
                `the limit is ${this.limit} bytes, of which ${reserved()} are taken`,
                undefined,
            );
        }
        try {
            return allocate();
        } catch (error) {
            if (!(error instanceof OutOfMemoryError)) throw error;
            this.trim();
            native(() => this.device.drain());
            try {
                return allocate();
            } catch (again) {
                throw again instanceof OutOfMemoryError ? this.outOfMemory(bytes, again.message, again) : again;
            }
        }
    }

    private outOfMemory(bytes: number, reason: string, cause: OutOfMemoryError | undefined): OutOfMemoryError {
        const largest = [...this.holdings].sort((a, b) => b.bytes - a.bytes).slice(0, NAMED_HOLDERS);
        const holders = largest.map(
            (each) => `\n  ${each.bytes} bytes: ${each.what()}, made at ${describeSite(each.site)}`,
        );
        const rest = this.holdings.size > largest.length ? `\n  and ${this.holdings.size - largest.length} more` : "";
        const who = `${this.holdings.size} tensors hold ${this.asked} bytes${holders.length > 0 ? ":" : ""}${holders.join("")}${rest}`;
        const hip = cause?.hip ?? { call: "allocate", code: 2, name: "hipErrorOutOfMemory", asked: `${bytes} bytes` };
        return new OutOfMemoryError(`${this.id} has no ${bytes} bytes left: ${reason}. ${who}`, hip, { cause });
    }

    /** Memory of a tensor that nobody can reach any more. */
    private reclaim(holding: Holding): void {
        if (holding.freed) return;
        const place = describeSite(holding.site);
        if (this.options.leakWarnings !== false && !this.warned.has(place)) {
            this.warned.add(place);
            process.emitWarning(
                `a ${holding.what()} of ${this.id} was collected without having been disposed of: use \`using\` or dispose(). It was made at ${place}`,
                { type: "SomaLeakWarning", code: "SOMA_LEAK" },
            );
        }
        holding.release();
    }
}
