/* Types of HIP's copies and fills in two and three dimensions. Part of hip_abi.h, which has the conventions. */
#ifndef SOMA_HIP_TRANSFERS_H
#define SOMA_HIP_TRANSFERS_H

#include <stddef.h>
#include <stdint.h>

typedef enum hipMemcpyKind {
    hipMemcpyHostToHost = 0,
    hipMemcpyHostToDevice = 1,
    hipMemcpyDeviceToHost = 2,
    hipMemcpyDeviceToDevice = 3,
    hipMemcpyDefault = 4
} hipMemcpyKind;

/* Textures' memory, which Soma's libraries don't have: always null. */
typedef struct hipArray* hipArray_t;

typedef struct hipPitchedPtr {
    void* ptr;
    size_t pitch; /* bytes from row to row */
    size_t xsize;
    size_t ysize; /* rows of a plane */
} hipPitchedPtr;

typedef struct hipExtent {
    size_t width; /* bytes */
    size_t height;
    size_t depth;
} hipExtent;

typedef struct hipPos {
    size_t x;
    size_t y;
    size_t z;
} hipPos;

typedef struct hipMemcpy3DParms {
    hipArray_t srcArray;
    hipPos srcPos;
    hipPitchedPtr srcPtr;
    hipArray_t dstArray;
    hipPos dstPos;
    hipPitchedPtr dstPtr;
    hipExtent extent;
    hipMemcpyKind kind;
} hipMemcpy3DParms;

typedef struct hipMemsetParams {
    void* dst;
    unsigned int elementSize; /* 1, 2 or 4 bytes */
    size_t height;
    size_t pitch;
    unsigned int value;
    size_t width; /* elements */
} hipMemsetParams;

typedef struct dim3 {
    uint32_t x;
    uint32_t y;
    uint32_t z;
} dim3;

#endif
