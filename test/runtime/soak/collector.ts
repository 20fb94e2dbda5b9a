// Collects the garbage of every thread of the process, those that the runtime makes for its compiler too, which nobody else can ask:
// through V8's inspector (Node's NodeWorker domain, which attaches to workers of workers as well).
// Garbage that V8 leaves lying because it need not hurry would else look like memory that is lost.

import { Session } from "node:inspector";
import { collectGarbage } from "./settled.js";

interface FromWorker {
    readonly params: { readonly sessionId: string };
}

export class Collector {
    private readonly session = new Session();
    private readonly threads = new Set<string>();
    /** Threads that were asked. */
    private readonly asked = new Map<string, () => void>();

    /** From now on knows of the threads that are made. */
    constructor() {
        const ended = ({ params: { sessionId } }: FromWorker): void => {
            this.asked.get(sessionId)?.();
            this.asked.delete(sessionId);
        };
        this.session.connect();
        this.session.on("NodeWorker.attachedToWorker", ({ params }: FromWorker) => this.threads.add(params.sessionId));
        this.session.on("NodeWorker.receivedMessageFromWorker", ended);
        this.session.on("NodeWorker.detachedFromWorker", (message: FromWorker) => {
            this.threads.delete(message.params.sessionId);
            ended(message);
        });
        this.session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
    }

    /** Resolves when all have. */
    async collect(): Promise<void> {
        const message = JSON.stringify({ id: 1, method: "HeapProfiler.collectGarbage" });
        await Promise.all(
            [...this.threads].map(
                (sessionId) =>
                    new Promise<void>((resolve) => {
                        this.asked.set(sessionId, resolve);
                        this.session.post("NodeWorker.sendMessageToWorker", { sessionId, message });
                    }),
            ),
        );
        collectGarbage();
    }
}
