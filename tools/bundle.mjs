// Makes dist/soma.cjs, the command in one file, of the modules that tsc made: loading hundreds of modules one by one is
// most of a start. CommonJS, because Node makes snapshots of nothing else. Blanks and comments go, for the text is a part of
// the snapshot; names stay, so that a stack trace can be read.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(ROOT, "dist");

/** A module goes on finding what lies beside it (workers, children, addons) by its own place in dist. */
const ownUrls = {
    name: "own URLs",
    setup({ onLoad }) {
        onLoad({ filter: /\.js$/ }, ({ path }) => {
            const place = relative(DIST, path);
            if (place.startsWith("..")) return undefined;
            const url = `require("node:url").pathToFileURL(require("node:path").join(__dirname, ${JSON.stringify(place)})).href`;
            return { contents: readFileSync(path, "utf8").replaceAll("import.meta.url", url) };
        });
    },
};

await build({
    entryPoints: [join(DIST, "compiler", "cli", "start.js")],
    outfile: join(DIST, "soma.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    minifyWhitespace: true,
    legalComments: "linked",
    plugins: [ownUrls],
    logLevel: "warning",
});
