#!/usr/bin/env bash
# Packs the package and that of the platform, lints, installs both into an empty folder without running any install script, and uses them as a
# stranger would: a program, an import, a matrix kernel and a network, the command, a project, Python; then all that needs no
# compiler with the code generator gone.
# Prints the sizes. Needs what `tools/setup.sh` builds, and npm's registry or cache for the dependencies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOMA_CACHE=off

say() { printf 'package: %s\n' "$*"; }
fail() { printf 'package: error: %s\n' "$*" >&2; exit 1; }

# expect WHAT OUTPUT COMMAND…: the command succeeds and prints OUTPUT somewhere.
expect() {
    local what=$1 wanted=$2 printed
    shift 2
    printed=$("$@" 2>"$work/stderr") || { cat "$work/stderr" >&2; fail "$what: it failed"; }
    [[ $printed == *"$wanted"* ]] || fail "$what: expected $wanted, got $printed"
    say "$what: ok"
}

bash tools/pack.sh "$work/packages" >/dev/null
platform=soma-lang-linux-x64-gnu
native=$(ls "$work"/packages/$platform-*.tgz)
tarball=$(ls "$work"/packages/soma-lang-[0-9]*.tgz)
for each in "$tarball" "$native"; do
    say "$(basename "$each"): $(($(stat -c %s "$each") / 100000 * 100000)) bytes to download"
done
tar -tzf "$tarball" >"$work/contents"
if grep -E '^package/(test|dist/test|dist/samples|native)/|/(vgpu_test|libsoma_null\.so)$|\.map$' "$work/contents"; then
    fail "the files above do not belong into the package"
fi
node_modules/.bin/publint "$tarball" --strict >"$work/lint" 2>&1 || { cat "$work/lint" >&2; fail "publint objects"; }
# ES modules alone: what `require` and resolution as of Node 10 make of them is not asked.
node_modules/.bin/attw "$tarball" --profile esm-only >"$work/lint" 2>&1 || { cat "$work/lint" >&2; fail "are the types wrong?"; }
say "publint and are-the-types-wrong: ok"

mkdir "$work/project"
cd "$work/project"
npm init --yes >/dev/null
npm pkg set type=module
npm install --silent --ignore-scripts --prefer-offline --no-audit --no-fund "$native" "$tarball"
installed=node_modules/soma-lang
parts=node_modules/$platform
say "installed: $(($(du -sb "$installed" | cut -f1) / 1000000)) MB, with its dependencies $(($(du -sb node_modules | cut -f1) / 1000000)) MB"
for part in "$parts"/{soma_llvm.node,soma_hip.node,libsoma_vgpu.so,libsoma_cuda.so}; do
    [ -e "$part" ] || fail "$part is not in the package"
    [ ! -e "$installed/build/native/$(basename "$part")" ] || fail "$(basename "$part") is in both packages"
    say "  $(basename "$part"): $(($(stat -c %s "$part") / 1000)) kB, needs glibc" \
        "$(grep -ao 'GLIBC_[0-9.]*' "$part" | sort -Vu | tail -1 | cut -d_ -f2)"
done

cat >saxpy.soma <<'SOMA'
/// y ← a·x + y
kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n {
    y[i] = a * x[i] + y[i]
}
SOMA
cat >program.js <<'JS'
import { open } from "soma-lang/runtime";
const gpu = await open("vgpu");
const { saxpy } = await gpu.load(process.argv[2]);
const y = gpu.tensor("f32", [4], [1, 1, 1, 1]);
await saxpy({ a: 2, x: gpu.tensor("f32", [4], [0, 1, 2, 3]), y });
console.log([...(await y.read())].join(" "));
JS
cat >import.js <<'JS'
import { open } from "soma-lang/runtime";
import { saxpy } from "./saxpy.soma";
const gpu = await open("vgpu");
const y = gpu.tensor("f32", [4], [1, 1, 1, 1]);
await saxpy({ a: 2, x: gpu.tensor("f32", [4], [0, 1, 2, 3]), y });
console.log([...(await y.read())].join(" "));
JS
cat >both.soma <<'SOMA'
matrix kernel product(a: f32[m, k], b: f32[k, n], c: mut f32[m, n]) over (i in m by 16, j in n by 16) {
    var sum: tile f32[16, 16] = 0.0
    for p in k by 16 { sum += a[i, p] @ b[p, j] }
    c[i, j] = sum
}

network line {
    layer input(2)
    layer output(1)
    connect input -> output (weight: 0.5)
}
SOMA
cat >both.js <<'JS'
import { open } from "soma-lang/runtime";
const gpu = await open("vgpu");
const { product, line } = await gpu.load(process.argv[2]);
const [a, c] = [gpu.tensor("f32", [2, 2], [1, 2, 3, 4]), gpu.tensor("f32", [2, 2])];
await product({ a, b: a, c });
const net = gpu.network(line, { seed: 1 });
const output = await net.forward(gpu.tensor("f32", [1, 1, 2], [1, 3]));
console.log([...(await c.read())].join(" "), "and", [...(await output.read())].join(" "));
JS
cat >two.js <<'JS'
import { Worker, isMainThread, parentPort } from "node:worker_threads";
// Two installations of the package in one process, each with native parts of its own, and both again in a thread.
async function run() {
    const results = [];
    for (const name of ["soma-lang", "soma-other"]) {
        const { open } = await import(`${name}/runtime`);
        const gpu = await open("vgpu");
        const { saxpy } = await gpu.load("saxpy.soma");
        const y = gpu.tensor("f32", [2], [1, 1]);
        await saxpy({ a: 2, x: gpu.tensor("f32", [2], [1, 2]), y });
        results.push(...(await y.read()));
    }
    return results.join(" ");
}
if (isMainThread) {
    const thread = new Worker(new URL(import.meta.url));
    thread.once("message", async (theirs) => console.log(await run(), "and", theirs));
} else {
    parentPort.postMessage(await run());
}
JS
cat >refused.js <<'JS'
import { open } from "soma-lang/runtime";
const gpu = await open("vgpu");
await gpu.load("saxpy.soma").catch((error) => console.log(error.code, error.message));
JS
cat >program.py <<'PY'
import ctypes, saxpy

class Array:
    def __init__(self, *values):
        self.memory = (ctypes.c_float * len(values))(*values)
        address = ctypes.addressof(self.memory)
        self.__array_interface__ = dict(version=3, shape=(len(values),), typestr="<f4", data=(address, False))

y = Array(1, 1, 1, 1)
saxpy.saxpy(a=2, x=Array(0, 1, 2, 3), y=y)
print(*map(int, y.memory))
PY
soma=node_modules/.bin/soma
# Without it sources would be compiled in the program's own thread.
[ -e "$installed/dist/runtime/compile/worker.js" ] || fail "the thread that compiles is not in the package"
expect "a program that loads a source file" "1 3 5 7" node program.js saxpy.soma
expect "a program that imports a source file" "1 3 5 7" node --import soma-lang/register import.js
expect "a matrix kernel and a network" "7 10 15 22 and 2" node both.js both.soma
expect "soma run" "1, 3, 5, 7" "$soma" run saxpy.soma --device vgpu \
    --arg a=2 --arg "x=range(4)" --arg "y=fill(1,4)" --print y
expect "soma build" "" "$soma" build saxpy.soma --target gfx1100 -o saxpy.hsaco
expect "soma build of a matrix kernel and a network" "" "$soma" build both.soma --target gfx1100 -o both.hsaco
expect "soma build for C++" "" "$soma" build saxpy.soma --target gfx1100 --emit cpp
grep -q "namespace saxpy" saxpy.hpp || fail "saxpy.hpp has no namespace of its own"
expect "soma build for Python" "" "$soma" build saxpy.soma --target gfx1100 --emit python
expect "soma init" "npm install" "$soma" init new-project
expect "the standard library" "" "$soma" check "$OLDPWD/samples/aura/mandelbrot.soma"

# The first command had a snapshot made, which takes a moment.
for _ in {1..100}; do compgen -G "$installed/build/start/*.blob" >/dev/null && break; sleep 0.2; done
compgen -G "$installed/build/start/*.blob" >/dev/null || fail "no snapshot of the command was made"
expect "soma from a snapshot" "1, 3, 5, 7" "$soma" run saxpy.soma --device vgpu \
    --arg a=2 --arg "x=range(4)" --arg "y=fill(1,4)" --print y
rm "$installed/build/native/soma_start"
expect "soma where it starts Node alone" "" "$soma" check saxpy.soma

cp -r "$installed" node_modules/soma-other
mkdir -p node_modules/soma-other/node_modules
cp -r "$parts" node_modules/soma-other/node_modules/
expect "two installations in one process, and in a thread" "3 5 3 5 and 3 5 3 5" timeout 120 node two.js
rm -r node_modules/soma-other

rm "$parts/soma_llvm.node"
expect "the runtime without the code generator" "1 3 5 7" node program.js saxpy.hsaco
expect "a matrix kernel and a network without it" "7 10 15 22 and 2" node both.js both.hsaco
expect "the Python module without it" "1 3 5 7" env "SOMA_HIP_LIBRARY=$PWD/$parts/libsoma_vgpu.so" python3 program.py
expect "a source file without it" "ERR_SOMA_CODEGEN_UNAVAILABLE" node refused.js
rm -r "$parts"
expect "a machine without the native parts" "install again without" node -e \
    'import("soma-lang/runtime").then(({ open }) => open("vgpu")).catch((error) => console.log(error.code, error.message))'
say "ready"
