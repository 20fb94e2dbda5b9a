// Checked arguments of JavaScript calls. Each function throws a TypeError or RangeError that names the parameter.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace soma::hip {

/// An integer from 0 to `most` (at most 2⁵³ - 1).
uint64_t integerArgument(const Napi::Value& value, const std::string& parameter,
                         uint64_t most = (uint64_t(1) << 53) - 1);
std::string stringArgument(const Napi::Value& value, const std::string& parameter);

/// Bytes that were copied from a Uint8Array.
struct Bytes {
    std::unique_ptr<std::byte[]> data;
    size_t size = 0;
};
/// A copy, with a zero byte behind it that `size` does not count: a code object may be text, and HIP's functions take no
/// size. Refuses an array whose buffer was detached.
Bytes bytesArgument(const Napi::Value& value, const std::string& parameter);

/// A range inside a buffer of `size` bytes.
void checkRange(Napi::Env env, uint64_t offset, uint64_t bytes, uint64_t size, const std::string& what);

}  // namespace soma::hip
