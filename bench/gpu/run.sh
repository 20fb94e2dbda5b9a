#!/bin/bash
# Builds, runs, checks and prints the table, on a machine with an NVIDIA GPU, its driver, nvcc and a C++20 compiler.
# Arguments go to the runner: --only matmul, --rounds 31. BUILD names the folder for what is built.
set -e
cd "$(dirname "$0")"
build=${BUILD:-build}
mkdir -p "$build"
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc)
arch=sm_$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader -i 0 | tr -d .)

# make TARGET COMMAND…: unless the target is there already.
make() {
    local target=$build/$1
    shift
    [ -e "$target" ] || "$@" -o "$target"
}
make libsoma_cuda.so ${CXX:-g++} -std=c++20 -O2 -fPIC -shared -fvisibility=hidden native/cuda/*.cpp -ldl &
make bench_gpu ${CXX:-g++} -std=c++20 -O2 runner/*.cpp -ldl &
make plain.cubin "$nvcc" -O3 -arch="$arch" -cubin baselines/plain.cu &
make expert.cubin "$nvcc" -O3 -arch="$arch" -cubin baselines/expert.cu &
make libvendor.so "$nvcc" -O3 -arch="$arch" -shared -Xcompiler -fPIC baselines/vendor.cu ||
    echo "no CUB here: its column stays empty" &
for job in $(jobs -p); do wait "$job"; done

vendor=()
[ -e "$build/libvendor.so" ] && vendor+=(--cub "$build/libvendor.so")
for name in cublas cusparse; do
    library=$(ldconfig -p | awk -v name="lib$name.so" 'index($1, name) == 1 { print $NF; exit }')
    [ -n "$library" ] || library=$(find / -name "lib$name.so.*" -not -path '/proc/*' 2>/dev/null | head -n 1)
    [ -n "$library" ] && vendor+=("--$name" "$library")
done

"$nvcc" --version | tail -n 2 | head -n 1
nvidia-smi --query-gpu=name,driver_version,clocks.sm,clocks.mem --format=csv,noheader -i 0
exec "$build/bench_gpu" "$build/libsoma_cuda.so" kernels "$build/plain.cubin" "$build/expert.cubin" "${vendor[@]}" "$@"
