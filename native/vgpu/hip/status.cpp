// The thread's last error, and the functions of HIP that name errors.
#include "status.h"

#include "../../hip_abi/error_names.h"

#include <cstdio>

namespace soma::vgpu::hip {

namespace {
thread_local hipError_t threadError = hipSuccess;
thread_local std::string threadWords;
}  // namespace

hipError_t fail(hipError_t code, std::string words) {
    if (code != hipErrorNotReady) {
        threadError = code;
        threadWords = std::move(words);
    }
    return code;
}

hipError_t lastError() { return threadError; }

const char* lastWords() { return threadWords.c_str(); }

hipError_t takeLastError() {
    const hipError_t error = threadError;
    threadError = hipSuccess;
    return error;
}

std::string hex(uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

}  // namespace soma::vgpu::hip

using namespace soma::vgpu::hip;

hipError_t hipGetLastError() { return takeLastError(); }

hipError_t hipPeekAtLastError() { return lastError(); }

const char* hipGetErrorName(hipError_t error) { return soma::hip::errorName(error); }

const char* hipGetErrorString(hipError_t error) { return soma::hip::errorText(error); }
