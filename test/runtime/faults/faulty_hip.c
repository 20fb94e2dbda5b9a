/* A HIP library that fails on demand: it passes every call on to another library, whose path the environment variable
 * SOMA_FAULTY_LIBRARY has, but for those that its plan says are to fail, which it answers without making them.
 * The plan is a file of the layout below (SOMA_FAULTY_PLAN), which the test maps and changes while it runs. x86-64, System V ABI:
 * a call is decided on with its arguments kept where they are, so that functions need only be known by name.
 */
#define _GNU_SOURCE
#include "../../../native/vgpu/hip/soma_vgpu.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* faulty.ts writes and reads it by these offsets. */
struct plan {
    /* 0: what fails: a function's name; "*" for any but those that give something back or free it; "" for none. */
    char function[64];
    /* 64: how many matching calls pass before. */
    _Atomic int64_t countdown;
    /* 72: of 2^32: how many of the calls after these fail, by chance; 2^32 - 1 is all. */
    _Atomic uint32_t chance;
    /* 76: what they answer. */
    _Atomic int32_t code;
    /* 80: the generator's state (splitmix64). */
    _Atomic uint64_t state;
    /* 88, 96: matching calls, and how many of them failed. */
    _Atomic uint64_t calls;
    _Atomic uint64_t failed;
};

static struct plan* plan;

#define ALL(X)                                                                                                         \
    SOMA_HIP_CORE_FUNCTIONS(X)                                                                                         \
    SOMA_HIP_PROPERTIES_FUNCTIONS(X)                                                                                   \
    SOMA_HIP_FURTHER_FUNCTIONS(X)                                                                                      \
    SOMA_HIP_POOL_FUNCTIONS(X)                                                                                         \
    SOMA_HIP_PROGRAM_FUNCTIONS(X)                                                                                      \
    SOMA_HIP_GRAPH_FUNCTIONS(X)                                                                                        \
    SOMA_VGPU_FUNCTIONS(X)

enum {
#define INDEX(name, result, parameters) index_##name,
    ALL(INDEX) count
};

static const struct {
    const char* name;
    int fails;
} functions[] = {
/* Only what answers with a code can fail. */
#define ENTRY(name, result, parameters) {#name, sizeof(#result) == sizeof("hipError_t") && #result[0] == 'h'},
    ALL(ENTRY)};

__attribute__((visibility("hidden"))) void* soma_faulty_target[count];

static int isAny(const char* name) {
    static const char* const never[] = {"Free", "Destroy", "Unload", "Get", "SetDevice", "Init"};
    for (size_t i = 0; i < sizeof never / sizeof *never; ++i) {
        if (strstr(name, never[i])) {
            return 0;
        }
    }
    return strncmp(name, "hip", 3) == 0 || strcmp(name, "somaVgpuModuleLoad") == 0;
}

/* What the call is answered with; 0 if it is made. */
__attribute__((visibility("hidden"), used)) int soma_faulty_decide(int index) {
    if (!plan || plan->function[0] == 0 || !functions[index].fails) {
        return 0;
    }
    const char* name = functions[index].name;
    if (strcmp(plan->function, "*") == 0 ? !isAny(name) : strcmp(plan->function, name) != 0) {
        return 0;
    }
    atomic_fetch_add(&plan->calls, 1);
    if (atomic_fetch_sub(&plan->countdown, 1) > 0) {
        return 0;
    }
    uint64_t z = atomic_fetch_add(&plan->state, 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    if ((uint32_t)(z >> 32) > plan->chance) {
        return 0;
    }
    atomic_fetch_add(&plan->failed, 1);
    return plan->code;
}

/* Keeps the arguments' registers over the decision, then answers or jumps on; what is on the stack is where it was. */
#define TRAMPOLINE(name, result, parameters) TRAMPOLINE_OF(name, index_##name)
#define TRAMPOLINE_OF(function, number)                                                                                \
    __attribute__((naked, visibility("default"))) void soma_faulty_##function(void) {                                  \
        __asm__ volatile(                                                                                              \
            "push %%rdi\n\tpush %%rsi\n\tpush %%rdx\n\tpush %%rcx\n\tpush %%r8\n\tpush %%r9\n\tsub $8, %%rsp\n\t"      \
            "mov %0, %%edi\n\t"                                                                                        \
            "call soma_faulty_decide\n\t"                                                                              \
            "add $8, %%rsp\n\tpop %%r9\n\tpop %%r8\n\tpop %%rcx\n\tpop %%rdx\n\tpop %%rsi\n\tpop %%rdi\n\t"            \
            "test %%eax, %%eax\n\tjne 1f\n\t"                                                                          \
            "lea soma_faulty_target(%%rip), %%rax\n\tjmp *%c1(%%rax)\n1:\tret"                                         \
            :                                                                                                          \
            : "i"(number), "i"((number) * 8));                                                                         \
    }                                                                                                                  \
    __asm__(".globl " #function "\n.type " #function ", @function\n.set " #function ", soma_faulty_" #function);
ALL(TRAMPOLINE)

__attribute__((constructor)) static void begin(void) {
    const char* path = getenv("SOMA_FAULTY_LIBRARY");
    void* const library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library) {
        fprintf(stderr, "faulty_hip: SOMA_FAULTY_LIBRARY: %s\n", path ? dlerror() : "not set");
        abort();
    }
    for (int i = 0; i < count; ++i) {
        soma_faulty_target[i] = dlsym(library, functions[i].name);
        if (!soma_faulty_target[i]) {
            fprintf(stderr, "faulty_hip: no %s in %s\n", functions[i].name, path);
            abort();
        }
    }
    const char* planned = getenv("SOMA_FAULTY_PLAN");
    const int file = planned ? open(planned, O_RDWR) : -1;
    if (file >= 0) {
        void* const mapped = mmap(NULL, sizeof(struct plan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        plan = mapped == MAP_FAILED ? NULL : mapped;
        close(file);
    }
}
