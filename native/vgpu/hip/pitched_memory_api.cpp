// Copies and fills of two and three dimensions, and memory whose rows are apart.
#include "context.h"

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// Rows begin at multiples of this many bytes.
constexpr size_t kPitchBytes = 256;

hipError_t copy2D(void* destination, size_t destinationPitch, const void* source, size_t sourcePitch, size_t width,
                  size_t height, hipMemcpyKind kind, hipStream_t stream, bool asynchronous) {
    return call([&] {
        const Copy copy{.destination = {destination, destinationPitch, destinationPitch * height},
                        .source = {const_cast<void*>(source), sourcePitch, sourcePitch * height},
                        .width = width,
                        .height = height,
                        .kind = kind};
        return enqueue("hipMemcpy2D", stream, copy, asynchronous);
    });
}

hipError_t copy3D(const hipMemcpy3DParms* parameters, hipStream_t stream, bool asynchronous) {
    return call([&] {
        if (!parameters) {
            return fail(hipErrorInvalidValue, "the copy's parameters are null");
        }
        Copy copy;
        if (const auto failure = copyFrom(*parameters, copy)) {
            return fail(*failure);
        }
        return enqueue("hipMemcpy3D", stream, copy, asynchronous);
    });
}

hipError_t fillPitched(const hipPitchedPtr& destination, int value, const hipExtent& extent, hipStream_t stream,
                       bool asynchronous) {
    return call([&] {
        const Fill fill{.destination = {destination.ptr, destination.pitch, destination.pitch * destination.ysize},
                        .value = static_cast<unsigned char>(value),
                        .elementSize = 1,
                        .width = extent.width,
                        .height = extent.height,
                        .depth = extent.depth};
        return enqueue("a fill", stream, fill, asynchronous);
    });
}

hipError_t fill16(void* destination, unsigned short value, size_t count, hipStream_t stream, bool asynchronous) {
    return call([&] {
        const Fill fill{.destination = {destination}, .value = value, .elementSize = 2, .width = count};
        return enqueue("a fill", stream, fill, asynchronous);
    });
}

hipError_t copyPeer(void* destination, int destinationDevice, const void* source, int sourceDevice, size_t size,
                    hipStream_t stream, bool asynchronous) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        if (!runtime.device(destinationDevice) || !runtime.device(sourceDevice)) {
            return lastError();
        }
        return enqueue("hipMemcpyPeer", stream, linearCopy(destination, source, size, hipMemcpyDeviceToDevice),
                       asynchronous);
    });
}

}  // namespace

hipError_t hipMallocPitch(void** pointer, size_t* pitch, size_t width, size_t height) {
    return call([&] {
        if (!pointer || !pitch) {
            return fail(hipErrorInvalidValue, "the address for the pointer or the pitch is null");
        }
        *pointer = nullptr;
        *pitch = 0;
        size_t row = 0;
        size_t size = 0;
        if (__builtin_add_overflow(width, kPitchBytes - 1, &row) ||
            __builtin_mul_overflow(row / kPitchBytes * kPitchBytes, height, &size)) {
            return fail(hipErrorOutOfMemory, std::to_string(height) + " rows of " + std::to_string(width) +
                                                 " bytes are more than memory can hold");
        }
        *pitch = row / kPitchBytes * kPitchBytes;
        return hipMalloc(pointer, size);
    });
}

hipError_t hipMalloc3D(hipPitchedPtr* pointer, hipExtent extent) {
    return call([&] {
        size_t rows = 0;
        if (!pointer || __builtin_mul_overflow(extent.height, extent.depth, &rows)) {
            return fail(hipErrorInvalidValue, "the address for the pointer is null, or the extent too large");
        }
        *pointer = {nullptr, 0, extent.width, extent.height};
        return hipMallocPitch(&pointer->ptr, &pointer->pitch, extent.width, rows);
    });
}

hipError_t hipMemcpy2D(void* destination, size_t destinationPitch, const void* source, size_t sourcePitch, size_t width,
                       size_t height, hipMemcpyKind kind) {
    return copy2D(destination, destinationPitch, source, sourcePitch, width, height, kind, nullptr, false);
}

hipError_t hipMemcpy2DAsync(void* destination, size_t destinationPitch, const void* source, size_t sourcePitch,
                            size_t width, size_t height, hipMemcpyKind kind, hipStream_t stream) {
    return copy2D(destination, destinationPitch, source, sourcePitch, width, height, kind, stream, true);
}

hipError_t hipMemcpy3D(const hipMemcpy3DParms* parameters) { return copy3D(parameters, nullptr, false); }

hipError_t hipMemcpy3DAsync(const hipMemcpy3DParms* parameters, hipStream_t stream) {
    return copy3D(parameters, stream, true);
}

hipError_t hipMemset2D(void* destination, size_t pitch, int value, size_t width, size_t height) {
    return fillPitched({destination, pitch, width, height}, value, {width, height, 1}, nullptr, false);
}

hipError_t hipMemset2DAsync(void* destination, size_t pitch, int value, size_t width, size_t height,
                            hipStream_t stream) {
    return fillPitched({destination, pitch, width, height}, value, {width, height, 1}, stream, true);
}

hipError_t hipMemset3D(hipPitchedPtr destination, int value, hipExtent extent) {
    return fillPitched(destination, value, extent, nullptr, false);
}

hipError_t hipMemset3DAsync(hipPitchedPtr destination, int value, hipExtent extent, hipStream_t stream) {
    return fillPitched(destination, value, extent, stream, true);
}

hipError_t hipMemsetD16(hipDeviceptr_t destination, unsigned short value, size_t count) {
    return fill16(destination, value, count, nullptr, false);
}

hipError_t hipMemsetD16Async(hipDeviceptr_t destination, unsigned short value, size_t count, hipStream_t stream) {
    return fill16(destination, value, count, stream, true);
}

hipError_t hipMemcpyWithStream(void* destination, const void* source, size_t size, hipMemcpyKind kind,
                               hipStream_t stream) {
    return call([&] {
        return enqueue("hipMemcpyWithStream", stream, linearCopy(destination, source, size, kind), false);
    });
}

hipError_t hipMemcpyPeer(void* destination, int destinationDevice, const void* source, int sourceDevice, size_t size) {
    return copyPeer(destination, destinationDevice, source, sourceDevice, size, nullptr, false);
}

hipError_t hipMemcpyPeerAsync(void* destination, int destinationDevice, const void* source, int sourceDevice,
                              size_t size, hipStream_t stream) {
    return copyPeer(destination, destinationDevice, source, sourceDevice, size, stream, true);
}

hipError_t hipExtMallocWithFlags(void** pointer, size_t size, unsigned) { return hipMalloc(pointer, size); }
