// The most recently used values of a map, up to a number of them.

export class RecentMap<V> {
    /** In order of use: a Map keeps the order of insertion. */
    private readonly values = new Map<string, V>();

    constructor(readonly capacity: number) {}

    get(key: string): V | undefined {
        const value = this.values.get(key);
        if (value !== undefined) this.set(key, value);
        return value;
    }

    set(key: string, value: V): void {
        this.values.delete(key);
        this.values.set(key, value);
        for (const oldest of this.values.keys()) {
            if (this.values.size <= this.capacity) break;
            this.values.delete(oldest);
        }
    }
}
