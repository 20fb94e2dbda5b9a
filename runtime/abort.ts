// AbortSignals: what a caller need not wait for any longer.

import { describeValue } from "./elements.js";
import { AbortError, ArgumentError } from "./errors.js";

function abortError(place: string, { reason }: AbortSignal): AbortError {
    const words = reason instanceof Error ? reason.message : String(reason);
    return new AbortError(`${place} was aborted: ${words}`, { cause: reason });
}

/**
 * The operation's outcome, or an AbortError as soon as the signal says so.
 * @param place what it is, for messages
 * @param stop called then, to spare the device what nobody wants
 * @throws AbortError; ArgumentError for what is no signal
 */
export async function abortable<T>(
    place: string,
    signal: AbortSignal | undefined,
    operation: () => Promise<T>,
    stop?: () => void,
): Promise<T> {
    if (signal === undefined) return operation();
    if (!(signal instanceof AbortSignal)) {
        throw new ArgumentError(`${place}: signal is an AbortSignal, not ${describeValue(signal)}`);
    }
    if (signal.aborted) throw abortError(place, signal);
    return new Promise<T>((resolve, reject) => {
        const abort = (): void => {
            reject(abortError(place, signal));
            stop?.();
        };
        signal.addEventListener("abort", abort, { once: true });
        // Whatever comes after an abort is nobody's.
        operation()
            .then(resolve, reject)
            .finally(() => signal.removeEventListener("abort", abort));
    });
}
