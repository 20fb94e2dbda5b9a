#!/usr/bin/env bash
# The run tests and all samples on every kind of virtual GPU, and the arithmetic of halves with many pairs:
#     tools/test-full.sh [TARGET…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then targets=(gfx1100 gfx1201 gfx90a gfx942 gfx950); fi
failed=()
for target in "${targets[@]}"; do
    echo "== $target"
    SOMA_DEVICE="vgpu:$target" node_modules/.bin/vitest run test/run test/samples || failed+=("$target")
done
SOMA_EXHAUSTIVE=1 node_modules/.bin/vitest run test/native/arithmetic || failed+=(arithmetic)
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed on: ${failed[*]}" >&2
    exit 1
fi
echo "passed on: ${targets[*]}"
