// Operations that nobody awaits: launches by `enqueue`, and what graphs find out later. `synchronize` tells of the first that failed.

export class Unawaited {
    /** What has not ended, and the first that failed. */
    private readonly operations = new Set<Promise<unknown>>();
    private failure: Promise<unknown> | undefined;

    add(operation: Promise<unknown>): void {
        this.operations.add(operation);
        const ended = (): void => {
            this.operations.delete(operation);
        };
        const failed = (): void => {
            if (this.failure !== undefined && this.operations.has(this.failure)) ended();
            else this.failure = operation;
        };
        operation.then(ended, failed);
    }

    /** All of them, which are thereby told. */
    take(): readonly Promise<unknown>[] {
        const operations = [...this.operations];
        this.operations.clear();
        return operations;
    }
}
