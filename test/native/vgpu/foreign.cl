// What code objects of versions 4, 5 and 6 ask of whoever loads and launches them: hidden arguments at the places that LLVM's
// AMDGPU user guide gives, the dispatch packet, relocations, calls through tables. foreign_test.cpp checks the results.
// Compiled with -DVERSION=4, 5 or 6, as -mcode-object-version says.

#pragma OPENCL EXTENSION __cl_clang_function_pointers : enable

#define LOCAL_ID() __builtin_amdgcn_workitem_id_x()

#define HIDDEN(type, offset) *(constant type*)((constant uchar*)__builtin_amdgcn_implicitarg_ptr() + offset)

#if VERSION == 4
kernel void hidden_arguments_4(global ulong* out) {
    // hidden_global_offset_x, y, z; printf or hostcall; queue, completion action, multigrid.
    for (uint i = 0; i < 3; i++) {
        out[i] = ((constant ulong*)__builtin_amdgcn_implicitarg_ptr())[i];
    }
    out[3] = HIDDEN(ulong, 24);
}
#else
kernel void hidden_arguments_5(global ulong* out, local uint* dynamic) {
    dynamic[LOCAL_ID()] = 1;
    out[0] = HIDDEN(uint, 0);
    out[1] = HIDDEN(uint, 4);
    out[2] = HIDDEN(uint, 8);
    out[3] = HIDDEN(ushort, 12);
    out[4] = HIDDEN(ushort, 14);
    out[5] = HIDDEN(ushort, 16);
    out[6] = HIDDEN(ushort, 18);
    out[7] = HIDDEN(ushort, 20);
    out[8] = HIDDEN(ushort, 22);
    out[9] = HIDDEN(ulong, 40);
    out[10] = HIDDEN(ulong, 48);
    out[11] = HIDDEN(ulong, 56);
    out[12] = HIDDEN(ushort, 64);
    // printf, hostcall, multigrid, heap, default queue, completion action: there are none.
    out[13] = HIDDEN(ulong, 72) | HIDDEN(ulong, 80) | HIDDEN(ulong, 88) | HIDDEN(ulong, 96) | HIDDEN(ulong, 104) |
              HIDDEN(ulong, 112);
    out[14] = dynamic[LOCAL_ID()];
    out[15] = HIDDEN(uint, 120);
}
#endif

/// hsa_kernel_dispatch_packet_t.
kernel void packet(global ulong* out) {
    constant uchar* at = (constant uchar*)__builtin_amdgcn_dispatch_ptr();
    for (uint axis = 0; axis < 3; axis++) {
        out[axis] = ((constant ushort*)(at + 4))[axis];
        out[3 + axis] = ((constant uint*)(at + 12))[axis];
    }
    out[6] = *(constant uint*)(at + 28);
}

constant int primes[4] = {2, 3, 5, 7};
constant int squares[4] = {1, 4, 9, 16};
constant int* constant tables[2] = {primes, squares};
__attribute__((visibility("protected"))) global int slots[4] = {10, 20, 30, 40};
global int* constant places[2] = {&slots[1], &slots[3]};

/// Addresses in memory, which only the loader can know.
kernel void relocated(global int* out, uint which) {
    uint i = LOCAL_ID();
    out[i] = tables[which][i & 3] + *places[which];
}

__attribute__((noinline)) static int twice(int x) { return 2 * x; }
__attribute__((noinline)) static int square(int x) {
    volatile int onStack[8];
    for (int i = 0; i < 8; i++) {
        onStack[i] = x;
    }
    return onStack[x & 7] * onStack[7];
}
typedef int (*Function)(int);
constant Function functions[2] = {twice, square};

/// Lanes of a wave call different functions, of which one needs a stack.
kernel void dispatched(global const int* picks, global int* out) {
    uint i = LOCAL_ID();
    out[i] = functions[picks[i]](i) + twice(i);
}
