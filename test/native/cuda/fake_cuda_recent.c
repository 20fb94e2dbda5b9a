/* The stand-in's functions that older drivers lack: each logs its call; FAKE_CUDA_OLD leaves all out. */
#include "fake_cuda.h"

#ifndef FAKE_CUDA_OLD
#define SOMA_DEFINE(name, parameters)                                                                                  \
    __attribute__((weak)) CUresult name parameters { return called(#name, ""); }
SOMA_CUDA_RECENT_FUNCTIONS(SOMA_DEFINE)
#endif
