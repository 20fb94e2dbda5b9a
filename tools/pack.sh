#!/usr/bin/env bash
# pack.sh FOLDER: packs soma-lang without its native parts, and the package of the platform that has them. The first names the second as
# an optional dependency of its own version, so that npm installs what fits the machine, and runs no install script.
# Needs what `tools/setup.sh` builds. Prints the two tarballs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "$1"
out=$(cd "$1" && pwd)
platform=soma-lang-linux-x64-gnu

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
npm pack --silent --pack-destination "$stage" >/dev/null
tar -xzf "$stage"/*.tgz -C "$stage"
mkdir "$stage/$platform"
mv "$stage"/package/build/native/{soma_llvm.node,soma_hip.node,libsoma_vgpu.so,libsoma_cuda.so} "$stage/$platform/"
cp LICENSE "$stage/$platform/"
printf '# %s\n\nThe native parts of [soma-lang](https://www.npmjs.com/package/soma-lang) for Linux on x86-64 with glibc.\n' \
    "$platform" >"$stage/$platform/README.md"

node -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const [main, native, name] = process.argv.slice(1);
    const { scripts, devDependencies, ...description } = JSON.parse(readFileSync(`${main}/package.json`, "utf8"));
    const { version, license, engines } = description;
    const put = (folder, value) => writeFileSync(`${folder}/package.json`, `${JSON.stringify(value, null, 2)}\n`);
    const files = description.files.filter((each) => !/^build\/native\/(\*\.node|lib)/.test(each));
    put(main, { ...description, files, optionalDependencies: { ...description.optionalDependencies, [name]: version } });
    put(native, {
        name, version, license, engines, description: "The native parts of soma-lang for Linux on x86-64 with glibc",
        os: ["linux"], cpu: ["x64"], libc: ["glibc"], files: ["*.node", "*.so"],
    });
' "$stage/package" "$stage/$platform" "$platform"

for folder in package "$platform"; do
    (cd "$stage/$folder" && npm pack --silent --pack-destination "$out")
done | sed "s#^#$out/#"
