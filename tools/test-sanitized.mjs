// `npm run test:sanitized`: the tests whose kernels are right, with the virtual GPU's sanitizer on. What it reports is a
// finding, but for what some of these tests do on purpose.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const log = join(tmpdir(), `soma-sanitized-${process.pid}.log`);
const folders =
    process.argv.length > 2 ? process.argv.slice(2) : ["test/run", "test/matrix", "test/stdlib", "test/samples"];
const env = { ...process.env, SOMA_VGPU_SANITIZE: log };
const tests = spawnSync("npx", ["vitest", "run", ...folders], { env, stdio: "inherit" });

/** A read out of bounds (bad-input.test.ts), and a workgroup that a failed assertion ends (reports.test.ts). */
const ON_PURPOSE = [
    /^out-of-bounds: kernel beyond:/,
    /^divergent-barrier: kernel f: .*ended without reaching this barrier/,
];

const text = existsSync(log) ? readFileSync(log, "utf8") : "";
rmSync(log, { force: true });
const reports = text.split("soma sanitizer: ").filter((report) => report !== "");
const findings = reports.filter((report) => !ON_PURPOSE.some((pattern) => pattern.test(report)));
for (const finding of findings) console.error(finding);
console.error(`${findings.length} findings of the sanitizer (${reports.length - findings.length} on purpose)`);
process.exitCode = tests.status !== 0 || findings.length > 0 ? 1 : 0;
