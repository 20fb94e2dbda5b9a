// What both baselines have in common: clang's built-ins under short names, as there is no device library here.

#define INLINE static __attribute__((always_inline))
#define SIZE(x, y) __attribute__((reqd_work_group_size(x, y, 1)))
#define LOCAL_X ((uint)__builtin_amdgcn_workitem_id_x())
#define LOCAL_Y ((uint)__builtin_amdgcn_workitem_id_y())
#define GROUP_X ((uint)__builtin_amdgcn_workgroup_id_x())
#define GROUP_Y ((uint)__builtin_amdgcn_workgroup_id_y())
#define GLOBAL_X(size) (GROUP_X * (size) + LOCAL_X)
#define GLOBAL_Y(size) (GROUP_Y * (size) + LOCAL_Y)
#define EXP2 __builtin_elementwise_exp2
#define LOG2 __builtin_elementwise_log2
#define SQRT __builtin_elementwise_sqrt
#define ABS __builtin_elementwise_abs
#define MAX __builtin_elementwise_max

INLINE void meet(void) {
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

INLINE void add_local(__local uint* place, uint value) {
    __scoped_atomic_fetch_add(place, value, __ATOMIC_RELAXED, __MEMORY_SCOPE_WRKGRP);
}

INLINE void add_global(__global uint* place, uint value) {
    __scoped_atomic_fetch_add(place, value, __ATOMIC_RELAXED, __MEMORY_SCOPE_DEVICE);
}
