// HIP C++ as clang's own language mode wants it, and no more: enough for these tests where HIP's headers are not installed.
// The library's functions come from the project's header of the same ABI.
#pragma once

#include "../../../../native/hip_abi/hip_abi.h"

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))

/// What a launch leaves out.
extern "C" hipError_t __hipPushCallConfiguration(dim3 grid, dim3 block, size_t sharedMemBytes = 0,
                                                 hipStream_t stream = nullptr);

struct Dim3 : dim3 {
    __host__ __device__ Dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : dim3{a, b, c} {}
};

__device__ inline unsigned threadX() { return __builtin_amdgcn_workitem_id_x(); }
__device__ inline unsigned blockX() { return __builtin_amdgcn_workgroup_id_x(); }
__device__ inline unsigned blockSize() { return __builtin_amdgcn_workgroup_size_x(); }
__device__ inline unsigned globalX() { return blockX() * blockSize() + threadX(); }
__device__ inline void barrier() {
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
