// A service that compiles and runs kernels of strangers: each request in a process of its own (job.ts), with limits on the size of
// the request, on time, on memory and on the kernel's instructions. What a request does wrong is its answer, and no other
// request hears of it. Start it with `node dist/samples/service/main.js`.
//
//     curl localhost:8080 -d '{ "source": "kernel twice(x: mut f32[n]) over i in n { x[i] *= 2.0 }",
//         "kernel": "twice", "arguments": { "x": { "type": "f32", "shape": [3], "data": [1, 2, 3] } } }'

import { createServer, type IncomingMessage, type Server } from "node:http";
import { type IsolationLimits, runIsolated } from "../../compiler/index.js";
import type { Job, JobAnswer } from "./job.js";

export interface ServiceLimits extends IsolationLimits {
    /** Bytes of a request. Default 1 MiB. */
    readonly requestBytes?: number;
    /** Requests at a time; others are told to come again. Default 4. */
    readonly jobs?: number;
    /** Instructions of a wave. Default 10⁷. */
    readonly instructions?: number;
}

const JOB = new URL("./job.js", import.meta.url);

interface Reply {
    readonly status: number;
    readonly body: object;
}

export function createService(limits: ServiceLimits = {}): Server {
    const { requestBytes = 2 ** 20, jobs = 4, instructions = 10_000_000 } = limits;
    let running = 0;

    async function answer(request: IncomingMessage): Promise<Reply> {
        if (request.method !== "POST") return refusal(405, "ERR_METHOD", "send a job by POST");
        if (running >= jobs) return refusal(503, "ERR_BUSY", `${jobs} jobs are running: come again`);
        running++;
        try {
            const text = await readText(request, requestBytes);
            if (text === undefined) return refusal(413, "ERR_TOO_LARGE", `a request has at most ${requestBytes} bytes`);
            const job = parseJob(text);
            if (job === undefined) return refusal(400, "ERR_REQUEST", "a job has a source, a kernel and arguments");
            const outcome = await runIsolated<JobAnswer>(JOB, { ...job, instructions }, limits);
            if (outcome.kind === "stopped") return refusal(422, `ERR_${outcome.reason.toUpperCase()}`, outcome.message);
            return { status: "error" in outcome.answer ? 422 : 200, body: outcome.answer };
        } finally {
            running--;
        }
    }

    return createServer(async (request, response) => {
        const { status, body } = await answer(request);
        response.writeHead(status, { "content-type": "application/json", connection: "close" });
        response.end(`${JSON.stringify(body)}\n`);
    });
}

function refusal(status: number, code: string, message: string): Reply {
    return { status, body: { error: { code, message } } };
}

/** Undefined where it is longer than that. */
async function readText(request: IncomingMessage, most: number): Promise<string | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > most) return undefined;
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
}

/** What the runtime checks itself needs no check here. */
function parseJob(text: string): Job | undefined {
    try {
        const { source, kernel, arguments: given } = JSON.parse(text);
        const isJob = typeof source === "string" && typeof kernel === "string" && typeof given === "object";
        return isJob && given !== null ? { source, kernel, arguments: given } : undefined;
    } catch {
        return undefined;
    }
}
