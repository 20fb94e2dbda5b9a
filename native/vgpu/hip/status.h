// How a call of the C ABI fails: a code for HIP, words for people. Each thread keeps its last error and its last words.
// Invariant: no exception leaves the library; `call` turns the few that are possible (out of memory) into codes.
#pragma once

#define SOMA_HIP_PROVIDER 1
#include "soma_vgpu.h"

#include <exception>
#include <new>
#include <string>

namespace soma::vgpu::hip {

struct Failure {
    hipError_t code;
    std::string words;
};

/// Makes a failure the calling thread's last one and gives its code. hipErrorNotReady is an answer, not an error: it is
/// returned but not remembered.
hipError_t fail(hipError_t code, std::string words);
inline hipError_t fail(const Failure& failure) { return fail(failure.code, failure.words); }

/// The thread's last error without clearing it (hipPeekAtLastError), and its words.
hipError_t lastError();
const char* lastWords();
/// The thread's last error; hipSuccess until the next one (hipGetLastError).
hipError_t takeLastError();

/// An address or a number in hexadecimal, as messages write it.
std::string hex(uint64_t value);
inline std::string hex(const void* pointer) { return hex(reinterpret_cast<uint64_t>(pointer)); }

/// The body of every exported function.
template <typename Body>
hipError_t call(Body&& body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return fail(hipErrorOutOfMemory, "the host is out of memory");
    } catch (const std::exception& error) {
        return fail(hipErrorUnknown, std::string("a bug in the virtual GPU: ") + error.what());
    }
}

}  // namespace soma::vgpu::hip
