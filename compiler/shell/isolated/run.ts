// A script in a process of its own, with limits: what a service runs others' work in. The process shares nothing with this one
// but one request and one answer.

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What the process may take; what exceeds it is killed. */
export interface IsolationLimits {
    /** From its start to its answer. Default 30000. */
    readonly milliseconds?: number;
    /** Resident memory in bytes, watched 50 times a second. Default 1 GiB. */
    readonly memoryBytes?: number;
}

export type Isolated<T> =
    | { readonly kind: "answer"; readonly answer: T }
    /** Why there is no answer, in words. */
    | { readonly kind: "stopped"; readonly reason: "time" | "memory" | "died"; readonly message: string };

const WATCH_MILLISECONDS = 20;

/**
 * Starts a script, which gets the request as its first message (`process.once("message", …)`) and sends its answer
 * (`process.send`); both are cloned as `structuredClone` does. It has none of this process's environment, input and output.
 */
export function runIsolated<T>(
    script: URL,
    request: unknown,
    { milliseconds = 30_000, memoryBytes = 2 ** 30 }: IsolationLimits = {},
): Promise<Isolated<T>> {
    return new Promise((resolve) => {
        const heap = Math.max(64, Math.floor(memoryBytes / 2 ** 20));
        const child = fork(fileURLToPath(script), {
            env: { PATH: process.env.PATH, SOMA_CACHE: "off" },
            execArgv: [`--max-old-space-size=${heap}`],
            serialization: "advanced",
            stdio: ["ignore", "ignore", "pipe", "ipc"],
        });
        let errors = "";
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
            // The last words are the telling ones.
            errors = (errors + text).slice(-2000);
        });
        const end = (outcome: Isolated<T>): void => {
            clearTimeout(timeout);
            clearInterval(watch);
            child.removeAllListeners();
            child.on("error", () => {});
            child.kill("SIGKILL");
            resolve(outcome);
        };
        const stop = (reason: "time" | "memory" | "died", message: string): void =>
            end({ kind: "stopped", reason, message });
        const timeout = setTimeout(() => stop("time", `it took more than ${milliseconds} ms`), milliseconds);
        const watch = setInterval(() => {
            if (residentBytes(child.pid) > memoryBytes) {
                stop("memory", `it took more than ${Math.round(memoryBytes / 2 ** 20)} MiB of memory`);
            }
        }, WATCH_MILLISECONDS);
        child.once("message", (answer) => end({ kind: "answer", answer: answer as T }));
        child.once("error", (error) => stop("died", error.message));
        child.once("exit", (code, signal) => {
            const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
            const words = errors
                .trim()
                .split("\n")
                .filter((line) => !/^\s+at |^Node\.js v/.test(line))
                .slice(-3)
                .join(" ");
            stop("died", `its process ended ${how}${words === "" ? "" : `: ${words}`}`);
        });
        child.send(request as object, (error) => {
            if (error !== null) stop("died", error.message);
        });
    });
}

/** As Linux tells it (proc(5), "/proc/pid/statm", in pages of 4 KiB); 0 where it doesn't. */
function residentBytes(pid: number | undefined): number {
    try {
        return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096;
    } catch {
        return 0;
    }
}
