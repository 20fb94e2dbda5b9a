#!/usr/bin/env bash
# Packs the package, installs it into an empty folder without running any install script, and uses it as a stranger would:
# a program, an import, the command, a project; then all that needs no compiler with the code generator gone.
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

npm pack --silent --pack-destination "$work" >/dev/null
tarball=$(ls "$work"/*.tgz)
say "$(basename "$tarball"): $(($(stat -c %s "$tarball") / 1000000)) MB"
tar -tzf "$tarball" >"$work/contents"
if grep -E '^package/(test|dist/test|dist/samples|native)/|\.map$' "$work/contents"; then
    fail "the files above do not belong into the package"
fi

mkdir "$work/project"
cd "$work/project"
npm init --yes >/dev/null
npm pkg set type=module
npm install --silent --ignore-scripts --prefer-offline --no-audit --no-fund "$tarball"
installed=node_modules/soma-lang
say "installed: $(($(du -sb "$installed" | cut -f1) / 1000000)) MB, with its dependencies $(($(du -sb node_modules | cut -f1) / 1000000)) MB"
for part in "$installed"/build/native/{soma_llvm.node,soma_hip.node,libsoma_vgpu.so}; do
    [ -e "$part" ] || fail "$part is not in the package"
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
soma=node_modules/.bin/soma
expect "a program that loads a source file" "1 3 5 7" node program.js saxpy.soma
expect "a program that imports a source file" "1 3 5 7" node --import soma-lang/register import.js
expect "soma run" "1, 3, 5, 7" "$soma" run saxpy.soma --device vgpu \
    --arg a=2 --arg "x=range(4)" --arg "y=fill(1,4)" --print y
expect "soma build" "" "$soma" build saxpy.soma --target gfx1100 -o saxpy.hsaco
expect "soma init" "npm install" "$soma" init new-project
expect "the standard library" "" "$soma" check "$OLDPWD/samples/aura/mandelbrot.soma"

rm "$installed/build/native/soma_llvm.node"
expect "the runtime without the code generator" "1 3 5 7" node program.js saxpy.hsaco
say "ready"
