#!/bin/bash
# Builds sweep with any C++20 compiler and runs it with the arguments given; pack.ts made this folder.
set -e
cd "$(dirname "$0")"
if [ ! -e sweep ] || [ functions.inc -nt sweep ]; then
    ${CXX:-c++} -std=c++20 -O2 -Wall -Wextra -Iinclude -Inative/vgpu/hip sweep.cpp -L. -lsoma_vgpu -Wl,-rpath,'$ORIGIN' -o sweep
fi
SOMA_VGPU=gfx1100 exec ./sweep "$@"
