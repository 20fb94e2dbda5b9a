#!/usr/bin/env bash
# Builds the virtual GPU's loader, decoder and semantics with AddressSanitizer, and feeds it mutated code objects:
#     tools/fuzz-vgpu.sh [SECONDS [SEED]]
# The last line says how many were tried.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-600}
seed=${2:-$RANDOM}
prefix=${LLVM_DIR:-/usr/lib/llvm-22}
prefix=${prefix%/lib/cmake*}
build=build/cmake-asan
cmake -S . -B "$build" -G Ninja "-DLLVM_DIR=$prefix/lib/cmake/llvm" -DSOMA_VGPU_FUZZ=ON -DSOMA_VGPU_TESTS=OFF \
    -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -fsanitize=address -fno-omit-frame-pointer" >/dev/null
ninja -C "$build" vgpu_fuzz
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
for target in gfx1100 gfx1201 gfx942; do
    "$prefix/bin/clang" -target amdgcn-amd-amdhsa "-mcpu=$target" -x cl -cl-std=CL2.0 -nogpulib -w -g -O1 \
        test/native/vgpu/fuzz/seed.cl -o "$objects/$target.co"
done
echo "seed $seed, $seconds seconds"
ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0 "$build/vgpu_fuzz" "$seconds" "$seed" "$objects"/*.co
