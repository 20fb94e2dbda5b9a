/* HIP's memory pools: allocation and release in the order of a stream. Part of hip_abi.h, which has the conventions. */
#ifndef SOMA_HIP_POOLS_H
#define SOMA_HIP_POOLS_H

#include <stddef.h>

typedef struct ihipMemPoolHandle_t* hipMemPool_t;

/* Reuse attributes are ints (0 or 1), the others uint64_t in bytes. */
typedef enum hipMemPoolAttr {
    hipMemPoolReuseFollowEventDependencies = 1,
    hipMemPoolReuseAllowOpportunistic = 2,
    hipMemPoolReuseAllowInternalDependencies = 3,
    hipMemPoolAttrReleaseThreshold = 4,
    hipMemPoolAttrReservedMemCurrent = 5,
    hipMemPoolAttrReservedMemHigh = 6,
    hipMemPoolAttrUsedMemCurrent = 7,
    hipMemPoolAttrUsedMemHigh = 8
} hipMemPoolAttr;

typedef enum hipMemLocationType { hipMemLocationTypeInvalid = 0, hipMemLocationTypeDevice = 1 } hipMemLocationType;

typedef struct hipMemLocation {
    hipMemLocationType type;
    int id;
} hipMemLocation;

typedef enum hipMemAccessFlags {
    hipMemAccessFlagsProtNone = 0,
    hipMemAccessFlagsProtRead = 1,
    hipMemAccessFlagsProtReadWrite = 3
} hipMemAccessFlags;

typedef struct hipMemAccessDesc {
    hipMemLocation location;
    hipMemAccessFlags flags;
} hipMemAccessDesc;

typedef enum hipMemAllocationType {
    hipMemAllocationTypeInvalid = 0,
    hipMemAllocationTypePinned = 1
} hipMemAllocationType;

typedef enum hipMemAllocationHandleType {
    hipMemHandleTypeNone = 0,
    hipMemHandleTypePosixFileDescriptor = 1
} hipMemAllocationHandleType;

/* An allocation of a pool for another process: opaque. */
typedef struct hipMemPoolPtrExportData {
    unsigned char reserved[64];
} hipMemPoolPtrExportData;

/* HIP 5 has no maxSize: there it is the beginning of `reserved`, which is zero, and zero means no limit. */
typedef struct hipMemPoolProps {
    hipMemAllocationType allocType;
    hipMemAllocationHandleType handleTypes;
    hipMemLocation location;
    void* win32SecurityAttributes;
    size_t maxSize;
    unsigned char reserved[56];
} hipMemPoolProps;

/* X(name, result, parameters). A library may lack them. A descriptor is exported to an int, and imported as its value. */
#define SOMA_HIP_POOL_FUNCTIONS(X)                                                                                     \
    X(hipMallocAsync, hipError_t, (void** pointer, size_t size, hipStream_t stream))                                   \
    X(hipMallocFromPoolAsync, hipError_t, (void** pointer, size_t size, hipMemPool_t pool, hipStream_t stream))        \
    X(hipFreeAsync, hipError_t, (void* pointer, hipStream_t stream))                                                   \
    X(hipMemPoolCreate, hipError_t, (hipMemPool_t* pool, const hipMemPoolProps* properties))                           \
    X(hipMemPoolDestroy, hipError_t, (hipMemPool_t pool))                                                              \
    X(hipMemPoolSetAttribute, hipError_t, (hipMemPool_t pool, hipMemPoolAttr attribute, void* value))                  \
    X(hipMemPoolGetAttribute, hipError_t, (hipMemPool_t pool, hipMemPoolAttr attribute, void* value))                  \
    X(hipMemPoolTrimTo, hipError_t, (hipMemPool_t pool, size_t bytesToKeep))                                           \
    X(hipMemPoolSetAccess, hipError_t, (hipMemPool_t pool, const hipMemAccessDesc* descriptors, size_t count))         \
    X(hipMemPoolGetAccess, hipError_t, (hipMemAccessFlags* flags, hipMemPool_t pool, hipMemLocation* location))        \
    X(hipMemPoolExportToShareableHandle, hipError_t,                                                                   \
      (void* descriptor, hipMemPool_t pool, hipMemAllocationHandleType type, unsigned int flags))                      \
    X(hipMemPoolImportFromShareableHandle, hipError_t,                                                                 \
      (hipMemPool_t * pool, void* descriptor, hipMemAllocationHandleType type, unsigned int flags))                    \
    X(hipMemPoolExportPointer, hipError_t, (hipMemPoolPtrExportData * data, void* pointer))                            \
    X(hipMemPoolImportPointer, hipError_t, (void** pointer, hipMemPool_t pool, hipMemPoolPtrExportData* data))         \
    X(hipDeviceGetDefaultMemPool, hipError_t, (hipMemPool_t* pool, int device))                                        \
    X(hipDeviceGetMemPool, hipError_t, (hipMemPool_t* pool, int device))                                               \
    X(hipDeviceSetMemPool, hipError_t, (int device, hipMemPool_t pool))

#endif
