// Vite's development server: a kernel that is edited is reloaded where it was accepted, and a mistake is shown in the overlay, with its
// place. What the browser gets is taken from the server's web socket (RFC 6455; its protocol is Vite's own, `vite-hmr`).

import { describe, expect, it } from "vitest";
import { Project, SAXPY } from "./project.js";

const BROWSER = `import { saxpy } from "./saxpy.soma";
console.log(saxpy);
if (import.meta.hot) import.meta.hot.accept("./saxpy.soma", () => {});
`;

const DRIVE = `import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import soma from "soma-lang/vite";
import { createServer } from "vite";

const server = await createServer({
    appType: "custom", logLevel: "silent", optimizeDeps: { noDiscovery: true }, plugins: [soma()],
    server: { host: "127.0.0.1", port: 0, watch: { usePolling: true, interval: 20 } },
});
await server.listen();
const { port } = server.httpServer.address();

const messages = [];
let wake = () => {};
let unread = Buffer.alloc(0);
function read(chunk) {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
        if (unread.length < 2) return;
        let [length, at] = [unread[1] & 127, 2];
        if (length === 126) { if (unread.length < 4) return; [length, at] = [unread.readUInt16BE(2), 4]; }
        else if (length === 127) { if (unread.length < 10) return; [length, at] = [Number(unread.readBigUInt64BE(2)), 10]; }
        if (unread.length < at + length) return;
        messages.push(JSON.parse(unread.subarray(at, at + length).toString()));
        unread = unread.subarray(at + length);
        wake();
    }
}
await new Promise((resolve, reject) => {
    const headers = {
        Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"), "Sec-WebSocket-Protocol": "vite-hmr",
    };
    const path = "/?token=" + (server.config.webSocketToken ?? "");
    request({ host: "127.0.0.1", port, path, headers })
        .on("upgrade", (_, socket, head) => { read(head); socket.on("data", read); resolve(); })
        .on("error", reject).end();
});
async function next(type) {
    for (;;) {
        const at = messages.findIndex((each) => each.type === type);
        if (at >= 0) return messages.splice(at, 1)[0];
        await new Promise((resolve) => { wake = resolve; });
    }
}
const get = async (path) => {
    const response = await fetch("http://127.0.0.1:" + port + path);
    return { status: response.status, text: await response.text() };
};
const edit = (from, to) => writeFileSync("saxpy.soma", readFileSync("saxpy.soma", "utf8").replace(from, to));

await next("connected");
const main = await get("/main.js");
const [, path] = /from "([^"]*saxpy\\.soma[^"]*)"/.exec(main.text);
const first = await get(path);
edit("a * x", "2.0 * a * x");
const update = await next("update");
const second = await get(path + (path.includes("?") ? "&" : "?") + "t=" + update.updates[0].timestamp);
edit("2.0 * a", "b");
await next("update");
const third = await get(path + (path.includes("?") ? "&" : "?") + "t=2");
const error = await next("error");
console.log(JSON.stringify({
    statuses: [first.status, second.status, third.status], changed: first.text !== second.text,
    accepted: update.updates[0].acceptedPath, message: error.err.message, loc: error.err.loc, plugin: error.err.plugin,
}));
process.exit(0);
`;

describe("Vite's development server", () => {
    it("reloads a kernel that is edited, and shows mistakes with their place", () => {
        using project = new Project({ "main.js": BROWSER, "saxpy.soma": SAXPY, "drive.js": DRIVE }, ["vite"]);
        const { status, stdout, stderr } = project.node("drive.js");
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        const found = JSON.parse(stdout) as Record<string, unknown>;
        expect(found).toMatchObject({
            statuses: [200, 200, 500],
            changed: true,
            accepted: expect.stringContaining("saxpy.soma"),
            message: expect.stringContaining("--> saxpy.soma:3:12"),
            loc: { file: expect.stringMatching(/saxpy\.soma$/), line: 3, column: 11 },
            plugin: "soma",
        });
    });
});
