// A small frame for vgpu_test: named tests that share a device, and kernel launches with plain values as arguments.
#pragma once

#include "device.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace soma::vgpu::test {

/// Thrown by a failed check; the text says what was expected.
struct Failure {
    std::string message;
};

inline void check(bool condition, const std::string& message) {
    if (!condition) {
        throw Failure{message};
    }
}

template <class T>
void checkEqual(const T& actual, const T& expected, const std::string& what) {
    if (!(actual == expected)) {
        std::ostringstream text;
        text.precision(20);
        text << what << ": expected " << +expected << ", got " << +actual;
        throw Failure{text.str()};
    }
}

/// Equal to the bit, or both NaN.
template <class T>
void checkSame(T actual, T expected, const std::string& what) {
    if (actual != actual && expected != expected) {
        return;
    }
    std::ostringstream text;
    text.precision(20);
    text << what << ": expected " << expected << ", got " << actual;
    check(std::memcmp(&actual, &expected, sizeof(T)) == 0, text.str());
}

/// An array in device memory.
template <class T>
class Buffer {
public:
    Buffer(Device& device, size_t count) : device_(device), count_(count) {
        const auto address = device.memory().allocate(count * sizeof(T));
        check(address.has_value(), "out of device memory");
        address_ = *address;
    }
    Buffer(Device& device, const std::vector<T>& values) : Buffer(device, values.size()) {
        std::memcpy(data(), values.data(), values.size() * sizeof(T));
    }
    ~Buffer() { device_.memory().free(address_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    T* data() const { return reinterpret_cast<T*>(address_); }
    T& operator[](size_t index) const { return data()[index]; }
    size_t size() const { return count_; }
    uint64_t address() const { return address_; }

private:
    Device& device_;
    size_t count_;
    uint64_t address_ = 0;
};

/// Packs arguments as the metadata lays them out: each at a multiple of its own size.
class Arguments {
public:
    template <class T>
    Arguments& add(const T& value) {
        bytes_.resize((bytes_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
        const auto* first = reinterpret_cast<const std::byte*>(&value);
        bytes_.insert(bytes_.end(), first, first + sizeof(T));
        return *this;
    }
    template <class T>
    Arguments& add(const Buffer<T>& buffer) {
        return add(buffer.address());
    }
    std::span<const std::byte> bytes() const { return bytes_; }

private:
    std::vector<std::byte> bytes_;
};

struct Context {
    Device& device;
    const Module& module;

    std::optional<Fault> tryLaunch(const char* name, std::array<uint32_t, 3> groups, std::array<uint32_t, 3> block,
                                   const Arguments& arguments, uint32_t dynamicLds = 0) const {
        Dispatch dispatch;
        dispatch.module = &module;
        dispatch.kernel = module.findKernel(name);
        check(dispatch.kernel != nullptr, std::string("no kernel ") + name);
        dispatch.groups = groups;
        dispatch.block = block;
        dispatch.dynamicLds = dynamicLds;
        dispatch.arguments = arguments.bytes();
        return device.run(dispatch);
    }

    void launch(const char* name, uint32_t groups, uint32_t block, const Arguments& arguments,
                uint32_t dynamicLds = 0) const {
        const auto fault = tryLaunch(name, {groups, 1, 1}, {block, 1, 1}, arguments, dynamicLds);
        check(!fault, fault ? fault->message : "");
    }
};

struct Test {
    std::string name;
    std::function<void(const Context&)> body;
};

/// Kernels of kernels.cl.
std::vector<Test> kernelTests();
/// Kernels of foreign.cl.
std::vector<Test> foreignTests();
/// Faults, limits and counters, with kernels of kernels.cl.
std::vector<Test> faultTests();
/// Single instructions, with the code object that `instructionAssembly` describes.
std::vector<Test> instructionTests();
std::string instructionAssembly();
/// The matrix instructions of a target, with the code object that `matrixAssembly` describes.
std::vector<Test> matrixTests(std::string_view target, unsigned lanes);
std::string matrixAssembly(std::string_view target, unsigned lanes);
/// Damaged and foreign code objects, and device memory: `image` is a sound one.
void runLoaderTests(std::span<const std::byte> image, std::vector<std::string>& lines);

}  // namespace soma::vgpu::test
