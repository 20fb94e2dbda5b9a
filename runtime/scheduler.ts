// Which stream an operation goes to, and what it waits for. An operation that names no stream goes to one of those that it
// depends on, by the memory it reads and writes, or to an idle one; what it needs of other streams it waits for by events,
// on the device. So results are as if everything ran in the order of the calls, and what is independent may overlap.

import { CommandBuffer } from "./commands.js";
import type { NativeDevice } from "./hip/binding.js";
import { native } from "./hip/failure.js";
import { Lane, type Needs, type Recorded, type Uses } from "./lanes.js";

/** So many streams at most are made for operations that name none. */
const AUTOMATIC_LANES = 4;

export class Scheduler implements Needs {
    readonly commands: CommandBuffer;
    private readonly lanes: Lane[] = [];
    private readonly automatic: Lane[] = [];
    /** Lanes of streams that were disposed, by priority. */
    private readonly spare = new Map<number, Lane[]>();
    /** By lane: what the current operation must wait for; 0 is nothing. */
    private readonly until: number[] = [];
    private involved = 0;

    constructor(private readonly device: NativeDevice) {
        this.commands = new CommandBuffer(device);
    }

    /** Begins with an operation; `reads` and `writes` say what it uses, then `choose` where it goes. */
    begin(): void {
        if (this.involved > 0) this.clear();
    }

    reads(uses: Uses): void {
        uses.beforeRead(this);
    }

    writes(uses: Uses): void {
        uses.beforeWrite(this);
    }

    need(lane: Lane, operation: number): void {
        const { index } = lane;
        const before = this.until[index] as number;
        if (before === 0) this.involved++;
        if (operation > before) this.until[index] = operation;
    }

    needOf(index: number, operation: number): void {
        const lane = this.lanes[index] as Lane;
        if (!lane.isDone(operation)) this.need(lane, operation);
    }

    /** The lane of the operation, behind all that it needs. */
    choose(named: Lane | undefined): Lane {
        if (this.involved === 0) return named ?? this.idleLane();
        const lane = named ?? this.latestNeeded();
        for (let index = 0; this.involved > 0 && index < this.until.length; index++) {
            const operation = this.until[index] as number;
            if (operation === 0) continue;
            this.until[index] = 0;
            this.involved--;
            if (index !== lane.index) this.order(lane, this.lanes[index] as Lane, operation);
        }
        return lane;
    }

    /** Makes what comes next on `lane` wait for an operation of another. */
    order(lane: Lane, other: Lane, operation: number): void {
        if ((lane.waited[other.index] ?? 0) >= operation) return;
        const recorded = other.recordBehind(operation) ?? this.record(other);
        this.commands.wait(lane, recorded.event);
        lane.submitted++;
        while (lane.waited.length <= other.index) lane.waited.push(0);
        lane.waited[other.index] = recorded.operation;
    }

    /** Records an event behind all of the lane. */
    record(lane: Lane): Recorded {
        const recorded = lane.record();
        this.commands.record(lane, recorded.event);
        return recorded;
    }

    /** Gives an operation to a lane: one of the addon's, behind what is in the buffer. */
    give<T>(lane: Lane, operation: (lane: Lane) => T): T {
        this.commands.flush();
        try {
            return operation(lane);
        } finally {
            lane.submitted = lane.native.submitted;
        }
    }

    /** A lane for a stream that a caller makes. */
    takeLane(priority: number): Lane {
        return this.spare.get(priority)?.pop() ?? this.makeLane(priority);
    }

    giveBack(lane: Lane, priority: number): void {
        const spare = this.spare.get(priority) ?? [];
        spare.push(lane);
        this.spare.set(priority, spare);
    }

    /** Every lane on which something was called. */
    get used(): readonly Lane[] {
        return this.lanes;
    }

    /** After the device was reset: whatever was called before has ended. */
    renew(): void {
        this.commands.forget();
        this.clear();
        for (const lane of this.lanes) lane.renew(native(() => this.device.createStream(lane.priority)));
    }

    dispose(): void {
        this.commands.flushQuietly();
        for (const lane of this.lanes) lane.dispose();
    }

    private clear(): void {
        this.until.fill(0);
        this.involved = 0;
    }

    /** Of the lanes that are needed, that with the most before the operation: it would be waited for longest. */
    private latestNeeded(): Lane {
        let best: Lane | undefined;
        for (let index = 0; index < this.until.length; index++) {
            const lane = this.lanes[index] as Lane;
            if ((this.until[index] as number) > 0 && (best === undefined || lane.waiting > best.waiting)) best = lane;
        }
        return best as Lane;
    }

    private idleLane(): Lane {
        for (const lane of this.automatic) {
            if (lane.isIdle) return lane;
        }
        if (this.automatic.length < AUTOMATIC_LANES) {
            const lane = this.makeLane(0);
            this.automatic.push(lane);
            return lane;
        }
        return this.automatic.reduce((best, lane) => (lane.waiting < best.waiting ? lane : best));
    }

    private makeLane(priority: number): Lane {
        const stream = native(() => this.device.createStream(priority));
        const lane = new Lane(stream, this.lanes.length, priority);
        this.lanes.push(lane);
        this.until.push(0);
        return lane;
    }
}
