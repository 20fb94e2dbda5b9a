#!/usr/bin/env bash
# Makes a checkout ready to run: LLVM 22 and build tools, node_modules, the native parts, the TypeScript.
# Does nothing when nothing changed. Each step is skipped while the contents of its inputs are what they were when it
# last succeeded (build/setup/STEP.inputs); what a step prints goes to build/setup/STEP.log.
#
#   LLVM_DIR   an LLVM 22 of your own: its prefix, or the folder of its LLVMConfig.cmake
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly LLVM_MAJOR=22
readonly DEBIAN_LLVM="/usr/lib/llvm-$LLVM_MAJOR"
readonly NATIVE_OUTPUTS=(build/native/soma_llvm.node build/native/soma_hip.node build/native/libsoma_vgpu.so
    build/native/libsoma_cuda.so build/native/soma_start)
readonly STATE=build/setup

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: error: %s\n' "$1" >&2
    shift
    if [ $# -gt 0 ]; then printf '       %s\n' "$@" >&2; fi
    exit 1
}

# run STEP "what it does" "what to do if it fails" COMMAND…: one line of progress; the output only if it fails.
run() {
    local step=$1 title=$2 remedy=$3 began=$SECONDS
    shift 3
    printf 'setup: %s … ' "$title"
    if "$@" >"$STATE/$step.log" 2>&1 </dev/null; then
        printf 'done (%d s)\n' $((SECONDS - began))
    else
        printf 'failed\n'
        tail -n 60 "$STATE/$step.log" >&2
        fail "$title failed; all of its output is in $STATE/$step.log" "$remedy"
    fi
}

# fingerprint PATH…: a hash of these files' and folders' names and contents; missing ones count as empty.
fingerprint() {
    local path existing=()
    for path in "$@"; do if [ -e "$path" ]; then existing+=("$path"); fi; done
    find "${existing[@]}" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

unchanged() { [ "$(cat "$STATE/$1.inputs" 2>/dev/null)" = "$2" ]; }

remember() { printf '%s\n' "$2" >"$STATE/$1.inputs"; }

check_node() {
    command -v node >/dev/null && command -v npm >/dev/null ||
        fail "Node.js is not installed" "Install Node 20.19 or newer with npm: https://nodejs.org/en/download"
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
        fail "Node $(node -v) is too old: Soma needs 20.19 or newer" "Install one from https://nodejs.org/en/download"
}

# --- LLVM and build tools -------------------------------------------------------------------------------------------

# The prefix of the LLVM that will be used, whether it is there or not.
llvm_prefix() {
    if [ -z "${LLVM_DIR:-}" ]; then
        printf '%s' "$DEBIAN_LLVM"
    elif [ -e "$LLVM_DIR/LLVMConfig.cmake" ]; then
        (cd "$LLVM_DIR/../../.." && pwd)
    else
        printf '%s' "${LLVM_DIR%/}"
    fi
}

has_header() { printf '#include <%s>\n' "$1" | "${CXX:-c++}" -E -x c++ - >/dev/null 2>&1; }

# The Debian packages for whatever is missing, one a line. An LLVM named by LLVM_DIR has to be complete by itself.
missing_packages() {
    if [ -z "${LLVM_DIR:-}" ]; then
        [ -e "$DEBIAN_LLVM/lib/cmake/llvm/LLVMConfig.cmake" ] || echo "llvm-$LLVM_MAJOR-dev"
        [ -e "$DEBIAN_LLVM/lib/liblldELF.a" ] || echo "liblld-$LLVM_MAJOR-dev"
        [ -e "$DEBIAN_LLVM/lib/libPolly.a" ] || echo "libpolly-$LLVM_MAJOR-dev"
        [ -e "$DEBIAN_LLVM/bin/ld.lld" ] || echo "lld-$LLVM_MAJOR"
        # Only the tests need it: they run code objects that Soma did not compile.
        [ -e "$DEBIAN_LLVM/bin/clang" ] || echo "clang-$LLVM_MAJOR"
    fi
    command -v cmake >/dev/null || echo cmake
    command -v ninja >/dev/null || echo ninja-build
    command -v "${CXX:-c++}" >/dev/null || echo g++
    # Only the tests need it: they run generated Python modules.
    command -v python3 >/dev/null || echo python3
    has_header zlib.h || echo zlib1g-dev
    has_header zstd.h || echo libzstd-dev
}

install_packages() {
    local as_root=() package unknown=() packages=("$@")
    local by_hand="Install them: apt-get install ${packages[*]}"
    command -v apt-get >/dev/null ||
        fail "missing: ${packages[*]} (names of Debian packages)" \
            "Install the same with your system's package manager. For LLVM $LLVM_MAJOR of your own, with AMDGPU, lld and" \
            "static libraries, set LLVM_DIR to its prefix."
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "missing packages: ${packages[*]}" "$by_hand (as root), then run this again."
        as_root=(sudo -n)
    fi
    run apt-update "reading apt's package lists" "Check the network and /etc/apt/sources.list." \
        "${as_root[@]}" apt-get update
    for package in "${packages[@]}"; do
        # Not through a pipe: what ends early there would count as a failure.
        [[ $(apt-cache policy "$package") =~ Candidate:\ [^\(] ]] || unknown+=("$package")
    done
    if [ ${#unknown[@]} -gt 0 ]; then
        local codename
        codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-bookworm}")
        fail "apt has no ${unknown[*]}" \
            "Debian 12 has LLVM $LLVM_MAJOR in its security updates; add them to apt's sources if they aren't there:" \
            "  deb http://deb.debian.org/debian-security bookworm-security main" \
            "Elsewhere add LLVM's own repository, then run this again:" \
            "  wget -qO /etc/apt/trusted.gpg.d/apt.llvm.org.asc https://apt.llvm.org/llvm-snapshot.gpg.key" \
            "  echo 'deb https://apt.llvm.org/$codename/ llvm-toolchain-$codename-$LLVM_MAJOR main' > /etc/apt/sources.list.d/llvm.list" \
            "or set LLVM_DIR to the prefix of an LLVM $LLVM_MAJOR of your own."
    fi
    run apt-install "installing ${packages[*]}" "$by_hand" \
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
}

check_own_llvm() {
    local prefix file
    prefix=$(llvm_prefix)
    for file in lib/cmake/llvm/LLVMConfig.cmake lib/liblldELF.a lib/liblldCommon.a; do
        [ -e "$prefix/$file" ] ||
            fail "LLVM_DIR is $LLVM_DIR, but $prefix/$file is not there" \
                "Name the prefix of an LLVM $LLVM_MAJOR that has static libraries and lld's libraries, or unset LLVM_DIR."
    done
}

# --- The steps ------------------------------------------------------------------------------------------------------

node_modules_step() {
    local inputs
    inputs=$(fingerprint package-lock.json)
    if [ ! -e node_modules/.package-lock.json ] || ! unchanged node_modules "$inputs"; then
        run node_modules "installing node_modules" "Check the network (and npm's proxy settings), then run this again." \
            npm ci --no-audit --no-fund
        remember node_modules "$inputs"
    fi
}

# As many compilers as there are cores, but no more than memory holds: a file that includes LLVM takes about 1 GB.
jobs() {
    local cores bytes limit
    cores=$(nproc)
    bytes=$(($(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) * 1024))
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
    if [ "$limit" != max ] && [ "$limit" -lt "$bytes" ]; then bytes=$limit; fi
    local fitting=$((bytes / 1000000000))
    if [ "$fitting" -lt 1 ]; then fitting=1; fi
    echo $((cores < fitting ? cores : fitting))
}

native_outputs_exist() {
    local output
    for output in "${NATIVE_OUTPUTS[@]}"; do [ -e "$output" ] || return 1; done
}

native_step() {
    local inputs packages
    inputs="$(fingerprint native cmake CMakeLists.txt node_modules/node-addon-api/package.json) $(llvm_prefix)"
    if native_outputs_exist && unchanged native "$inputs"; then return; fi

    mapfile -t packages < <(missing_packages)
    if [ ${#packages[@]} -gt 0 ]; then install_packages "${packages[@]}"; fi
    if [ -n "${LLVM_DIR:-}" ]; then check_own_llvm; fi
    run configure "configuring the native parts" "The lines above name what is missing." \
        cmake -S . -B build/cmake -G Ninja "-DLLVM_DIR=$(llvm_prefix)/lib/cmake/llvm"
    run native "building the native parts (minutes the first time)" \
        "If the compiler was killed, memory ran out: close other programs and run this again." \
        ninja -C build/cmake -j "$(jobs)"
    remember native "$inputs"
}

# tsc leaves behind what it once made of sources that are gone.
remove_stale_outputs() {
    local output source
    find dist -path dist/vendor -prune -o -type f \( -name '*.js' -o -name '*.js.map' -o -name '*.d.ts' \) -print0 |
        while IFS= read -r -d '' output; do
            source=${output#dist/}
            source=${source%.js}
            source=${source%.js.map}
            source=${source%.d.ts}
            if [ ! -e "$source.ts" ]; then rm -f "$output"; fi
        done
}

typescript_step() {
    local inputs
    inputs=$(fingerprint compiler codeobject runtime samples test bench native/llvm/index.d.ts native/hip/index.d.ts \
        vitest.config.ts tsconfig.json package-lock.json)
    if [ -e dist/compiler/index.js ] && unchanged typescript "$inputs"; then return; fi
    # Without its outputs, what tsc remembers of them is wrong.
    if [ ! -e dist ]; then rm -f build/tsc.tsbuildinfo; fi
    run typescript "compiling the TypeScript" "The lines above are the type errors." node_modules/.bin/tsc -p tsconfig.json
    remove_stale_outputs
    remember typescript "$inputs"
}

# chevrotain's own bundle in one file: its package exports only the sources, whose hundreds of modules take Node 0.3 s to
# load at every start. The compiler imports it as `#chevrotain` (package.json).
vendor_step() {
    local inputs
    inputs=$(fingerprint package-lock.json)
    if [ -e dist/vendor/chevrotain.js ] && unchanged vendor "$inputs"; then return; fi
    mkdir -p dist/vendor
    cp node_modules/chevrotain/LICENSE.txt dist/vendor/chevrotain.LICENSE.txt
    grep -v '^//# sourceMappingURL' node_modules/chevrotain/lib/chevrotain.min.mjs >dist/vendor/chevrotain.js
    remember vendor "$inputs"
}

# The command in one file, which starts several times as fast as the modules it is made of.
bundle_step() {
    local inputs
    inputs=$(fingerprint dist/compiler dist/codeobject dist/runtime dist/vendor tools/bundle.mjs package-lock.json)
    if [ -e dist/soma.cjs ] && unchanged bundle "$inputs"; then return; fi
    run bundle "bundling the command" "The lines above name the module that does not fit." node tools/bundle.mjs
    remember bundle "$inputs"
}

# So that `npx soma` runs the checkout's own command.
link_command() { ln -sfn ../../bin/soma node_modules/.bin/soma; }

check_node
mkdir -p "$STATE"
# Two at once would write the same files: the second waits, and then finds nothing to do.
if command -v flock >/dev/null; then
    exec 9>"$STATE/lock"
    flock 9
fi
node_modules_step
native_step
typescript_step
vendor_step
bundle_step
link_command
say "ready"
