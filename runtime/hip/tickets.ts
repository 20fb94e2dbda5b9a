// Who waits for the end of commands. A command carries a ticket, a number; when it has ended, the addon tells the ticket, the milliseconds
// on the device and, where somebody wants to hear it, when it began, of all that ended by then in one call (native/hip/settler.h). So a
// launch that is awaited costs no object of the addon's.
// Invariant: a ticket is used again only after its end was told.

import type { NativeBinding } from "./binding.js";

/** Is told of an end, once. Neither function throws. */
export interface Waiter {
    /**
     * @param milliseconds on the device
     * @param start on the device's clock; NaN where it was not asked for, or could not be measured
     */
    finished(milliseconds: number, start: number): void;
    failed(error: unknown): void;
}

/** So many ends are told in one call at most. */
const MOST_AT_ONCE = 256;
/** Numbers of an end: its ticket, the milliseconds, the start. */
const NUMBERS = 3;

class Tickets {
    /** What the addon calls the tickets of this copy of the runtime: there may be several in a thread. */
    channel = 0;
    /** By ticket; 0 is nobody's. */
    private readonly waiters: (Waiter | undefined)[] = [undefined];
    private readonly free: number[] = [];

    open(binding: NativeBinding): void {
        const results = new Float64Array(NUMBERS * MOST_AT_ONCE);
        const settled = (count: number): void => {
            for (let i = 0; i < NUMBERS * count; i += NUMBERS) {
                this.finished(results[i] as number, results[i + 1] as number, results[i + 2] as number);
            }
        };
        this.channel = binding.openChannel(results, settled, (ticket, error) => this.failed(ticket, error));
    }

    issue(waiter: Waiter): number {
        const ticket = this.free.pop() ?? this.waiters.length;
        this.waiters[ticket] = waiter;
        return ticket;
    }

    finished(ticket: number, milliseconds: number, start: number): void {
        this.take(ticket)?.finished(milliseconds, start);
    }

    failed(ticket: number, error: unknown): void {
        this.take(ticket)?.failed(error);
    }

    private take(ticket: number): Waiter | undefined {
        const waiter = this.waiters[ticket];
        this.waiters[ticket] = undefined;
        this.free.push(ticket);
        return waiter;
    }
}

/** Those of this thread. */
export const tickets = new Tickets();
