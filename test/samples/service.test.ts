// The sample service: jobs of strangers, of which none can harm another or the service. Runs as it is built.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import type { createService as CreateService } from "../../samples/service/service.js";

const built = pathToFileURL(join(packageRoot(), "dist/samples/service/service.js")).href;
const { createService } = (await import(built)) as { createService: typeof CreateService };
const service = createService({ milliseconds: 20_000, memoryBytes: 600 * 2 ** 20, requestBytes: 20_000, jobs: 2 });
let url = "";

beforeAll(async () => {
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(() => service.close());

async function send(body: unknown): Promise<{ status: number; answer: Record<string, never> }> {
    const response = await fetch(url, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
    return { status: response.status, answer: (await response.json()) as Record<string, never> };
}

const TWICE = "kernel twice(a: f32, x: mut f32[n]) over i in n { x[i] *= a }";
const x = { type: "f32", shape: [3], data: [1, 2, 3] };

describe("the service", () => {
    it("compiles and runs a job", async () => {
        const { status, answer } = await send({ source: TWICE, kernel: "twice", arguments: { a: 2, x } });
        expect(answer).toMatchObject({ tensors: { x: [2, 4, 6] } });
        expect(status).toBe(200);
    });

    it.each<[string, object | string, number, string, RegExp]>([
        ["no JSON", "{", 400, "ERR_REQUEST", /a job has/],
        ["no job", { source: 7 }, 400, "ERR_REQUEST", /a job has/],
        ["too much", "x".repeat(30_000), 413, "ERR_TOO_LARGE", /at most 20000 bytes/],
        ["a mistake", { source: "kernel", kernel: "k", arguments: {} }, 422, "ERR_SOMA_COMPILE", /error/],
        [
            "no such kernel",
            { source: TWICE, kernel: "toString", arguments: {} },
            422,
            "ERR_KERNEL",
            /no kernel toString/,
        ],
        [
            "an import of a file",
            { source: 'import "../../etc/passwd.soma" { a }', kernel: "k", arguments: {} },
            422,
            "ERR_SOMA_COMPILE",
            /module/,
        ],
        [
            "a wrong argument",
            { source: TWICE, kernel: "twice", arguments: { a: 2, x: { type: "f33", shape: [1] } } },
            422,
            "ERR_SOMA_ARGUMENT",
            /f33/,
        ],
        [
            "an access out of bounds",
            { source: "kernel f(x: mut f32[n]) over i in n { x[i + 9] = 0.0 }", kernel: "f", arguments: { x } },
            422,
            "ERR_SOMA_BOUNDS",
            /out of bounds/,
        ],
        [
            "an endless loop",
            {
                source: "kernel f(x: mut f32[n]) over i in n { while x[i] > 0.0 { x[i] += 1.0 - 1.0 } }",
                kernel: "f",
                arguments: { x },
            },
            422,
            "ERR_SOMA_KERNEL_FAULT",
            /instructions/,
        ],
        [
            "too much memory",
            {
                source: TWICE,
                kernel: "twice",
                arguments: { a: 2, x: { type: "f32", shape: [400_000_000] } },
            },
            422,
            "ERR_MEMORY",
            /more than 600 MiB/,
        ],
    ])("answers %s with what it is", async (_, body, status, code, message) => {
        const found = await send(body);
        expect(found.answer).toMatchObject({ error: { code, message: expect.stringMatching(message) } });
        expect(found.status).toBe(status);
    });

    it("takes so many at a time, and is there after all of that", async () => {
        const job = { source: TWICE, kernel: "twice", arguments: { a: 2, x } };
        const answers = await Promise.all([send(job), send(job), send(job)]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503]);
        expect((await send(job)).status).toBe(200);
    });
});
