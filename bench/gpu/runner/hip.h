// libsoma_cuda.so, loaded at run time as native/hip does, and what the benchmarks own of the device. A failing call ends
// the program with the call's name and the library's words.
#pragma once

#include "../native/hip_abi/hip_abi.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Hip {
#define SOMA_POINTER(name, result, parameters) result(*name) parameters = nullptr;
    SOMA_HIP_CORE_FUNCTIONS(SOMA_POINTER)
    SOMA_HIP_FURTHER_FUNCTIONS(SOMA_POINTER)
#undef SOMA_POINTER
};

void loadHip(const std::string& path);
const Hip& hip();

[[noreturn]] void die(const std::string& message);
void check(hipError_t error, const char* call);

#define BENCH_HIP(name, ...) ::bench::check(::bench::hip().name(__VA_ARGS__), #name)

/// Device memory for `count` elements.
template <typename T>
class Array {
public:
    explicit Array(size_t count) : count_(count) { BENCH_HIP(hipMalloc, &pointer_, count * sizeof(T)); }
    explicit Array(const std::vector<T>& values) : Array(values.size()) { write(values); }
    ~Array() { hip().hipFree(pointer_); }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;

    void* get() const { return pointer_; }
    size_t size() const { return count_; }
    size_t bytes() const { return count_ * sizeof(T); }

    void write(const std::vector<T>& values) {
        BENCH_HIP(hipMemcpy, pointer_, values.data(), values.size() * sizeof(T), hipMemcpyHostToDevice);
    }
    std::vector<T> read() const {
        std::vector<T> values(count_);
        BENCH_HIP(hipMemcpy, values.data(), pointer_, bytes(), hipMemcpyDeviceToHost);
        return values;
    }
    /// Every byte 0xff: NaN as a float, so an element that nobody wrote is no right result.
    void poison() { BENCH_HIP(hipMemset, pointer_, 0xff, bytes()); }

private:
    size_t count_;
    void* pointer_ = nullptr;
};

/// A module and its kernels by name.
class Module {
public:
    explicit Module(const std::string& path);
    hipFunction_t kernel(const std::string& name) const;

private:
    std::string path_;
    hipModule_t module_ = nullptr;
};

struct Axes {
    unsigned x = 1, y = 1, z = 1;
};

/// A kernel of a baseline with its arguments by position.
template <typename... Arguments>
void launch(hipFunction_t kernel, Axes grid, Axes block, hipStream_t stream, Arguments... arguments) {
    void* pointers[] = {static_cast<void*>(&arguments)...};
    BENCH_HIP(hipModuleLaunchKernel, kernel, grid.x, grid.y, grid.z, block.x, block.y, block.z, 0, stream, pointers,
              nullptr);
}

}  // namespace bench
