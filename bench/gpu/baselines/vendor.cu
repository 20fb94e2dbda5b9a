// CUB, which comes with nvcc, behind a C ABI: a library of its own, because it wants CUDA's runtime. That shares the
// device's primary context with libsoma_cuda.so, so addresses and streams are the same on both sides.
#include <cub/cub.cuh>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {
/// Scratch memory, made on the first call and kept.
struct Scratch {
    void* pointer = nullptr;
    size_t bytes = 0;
};

template <typename Body>
int with(Scratch& scratch, Body&& body) {
    if (!scratch.pointer) {
        if (cudaError_t error = body(nullptr, scratch.bytes)) return error;
        if (cudaError_t error = cudaMalloc(&scratch.pointer, scratch.bytes)) return error;
    }
    return body(scratch.pointer, scratch.bytes);
}
}  // namespace

EXPORT int cub_sum(const float* x, float* out, int n, cudaStream_t stream) {
    static Scratch scratch;
    return with(scratch, [&](void* p, size_t& b) { return cub::DeviceReduce::Sum(p, b, x, out, n, stream); });
}

EXPORT int cub_scan(const float* x, float* y, int n, cudaStream_t stream) {
    static Scratch scratch;
    return with(scratch, [&](void* p, size_t& b) { return cub::DeviceScan::InclusiveSum(p, b, x, y, n, stream); });
}

EXPORT int cub_histogram(const unsigned char* x, unsigned* bins, int n, cudaStream_t stream) {
    static Scratch scratch;
    return with(scratch, [&](void* p, size_t& b) {
        return cub::DeviceHistogram::HistogramEven(p, b, x, bins, 257, 0, 256, n, stream);
    });
}
