// `npm run test:sanitized`: the tests whose kernels are right, with the virtual GPU's sanitizer on. What it reports is a
// finding, but for what some of these tests do on purpose.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const log = join(tmpdir(), `soma-sanitized-${process.pid}.log`);
/** test/runtime/faults is left out: there copies fail on purpose, and kernels run on what nobody wrote. */
const ALL = ["test/run/", "test/runtime/", "test/matrix/", "test/network/", "test/stdlib/", "test/samples/"];
const folders = process.argv.length > 2 ? process.argv.slice(2) : [...ALL, "--exclude", "test/runtime/faults/**"];
const env = { ...process.env, SOMA_VGPU_SANITIZE: log };
// Checked launches take some times as long, and the machine may have other work.
const tests = spawnSync("npx", ["vitest", "run", "--testTimeout", "600000", ...folders], { env, stdio: "inherit" });

/**
 * Accesses out of bounds (bad-input.test.ts, recovery/reset.test.ts), also where something lay before, a workgroup that a
 * failed assertion ends (reports.test.ts), and a program that ends by an error while it has a tensor (process.test.ts).
 */
const ON_PURPOSE = [
    /^(out-of-bounds|use-after-free): kernel (beyond|stray):/,
    /^divergent-barrier: kernel f: .*ended without reaching this barrier/,
    /^leak: [\s\S]*: 0 bytes into the 12-byte allocation 2 at/,
];

const text = existsSync(log) ? readFileSync(log, "utf8") : "";
rmSync(log, { force: true });
const reports = text.split("soma sanitizer: ").filter((report) => report !== "");
const findings = reports.filter((report) => !ON_PURPOSE.some((pattern) => pattern.test(report)));
for (const finding of findings) console.error(finding);
console.error(`${findings.length} findings of the sanitizer (${reports.length - findings.length} on purpose)`);
process.exitCode = tests.status !== 0 || findings.length > 0 ? 1 : 0;
