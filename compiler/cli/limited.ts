// Asynchronous work on a list, so many at once.

/** As `Promise.all` over `items.map(work)`, with no more than `limit` running. Results are in the items' order. */
export async function mapLimited<T, R>(
    items: readonly T[],
    limit: number,
    work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
    const results = new Array<R>(items.length);
    const pending = items.entries();
    // The iterator is shared: each worker takes the next item that nobody has.
    const worker = async (): Promise<void> => {
        for (const [index, item] of pending) {
            results[index] = await work(item);
        }
    };
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
    return results;
}
