/* Arrays and textures: what programs call that ask first whether a device has images. Part of hip_abi.h, which has the
 * conventions; Soma's libraries have none, so that what arrays and textures are made from stays opaque. */
#ifndef SOMA_HIP_TEXTURES_H
#define SOMA_HIP_TEXTURES_H

#include "hip_transfers.h"

typedef struct __hip_texture* hipTextureObject_t;
typedef struct hipChannelFormatDesc hipChannelFormatDesc;
typedef struct hipResourceDesc hipResourceDesc;
typedef struct hipTextureDesc hipTextureDesc;
struct hipResourceViewDesc;

/* X(name, result, parameters) */
#define SOMA_HIP_TEXTURE_FUNCTIONS(X)                                                                                  \
    X(hipMallocArray, hipError_t,                                                                                      \
      (hipArray_t * array, const hipChannelFormatDesc* format, size_t width, size_t height, unsigned flags))           \
    X(hipFreeArray, hipError_t, (hipArray_t array))                                                                    \
    X(hipMemcpy2DToArray, hipError_t,                                                                                  \
      (hipArray_t array, size_t x, size_t y, const void* source, size_t pitch, size_t width, size_t height,            \
       hipMemcpyKind kind))                                                                                            \
    X(hipCreateTextureObject, hipError_t,                                                                              \
      (hipTextureObject_t * texture, const hipResourceDesc* resource, const hipTextureDesc* sampling,                  \
       const struct hipResourceViewDesc* view))                                                                        \
    X(hipDestroyTextureObject, hipError_t, (hipTextureObject_t texture))

#endif
