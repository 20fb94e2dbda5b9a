#include "status.h"

#include "../hip_abi/error_names.h"

namespace soma::cuda {

namespace {
thread_local hipError_t threadError = hipSuccess;
/// The code that the words are for: hipGetErrorString gives them for this code alone.
thread_local hipError_t threadWordsCode = hipSuccess;
thread_local std::string threadWords;
}  // namespace

hipError_t toHip(CUresult result) {
    switch (result) {
        case CUDA_ERROR_STUB_LIBRARY:
        case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
        case CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE:
            return hipErrorInsufficientDriver;
        case CUDA_ERROR_SYSTEM_NOT_READY:
            return hipErrorNotInitialized;
        case CUDA_ERROR_INVALID_PTX:
        case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
            return hipErrorInvalidImage;
        case CUDA_ERROR_JIT_COMPILER_NOT_FOUND:
        case CUDA_ERROR_JIT_COMPILATION_DISABLED:
            return hipErrorSharedObjectInitFailed;
        case CUDA_ERROR_NVLINK_UNCORRECTABLE:
            return hipErrorECCNotCorrectable;
        case CUDA_ERROR_HARDWARE_STACK_ERROR:
        case CUDA_ERROR_ILLEGAL_INSTRUCTION:
        case CUDA_ERROR_INVALID_ADDRESS_SPACE:
        case CUDA_ERROR_INVALID_PC:
            return hipErrorLaunchFailure;
        case CUDA_ERROR_MISALIGNED_ADDRESS:
            return hipErrorIllegalAddress;
        default:
            return hip::isError(result) ? static_cast<hipError_t>(result) : hipErrorUnknown;
    }
}

std::string describe(const Driver& driver, CUresult result) {
    const char* name = nullptr;
    const char* text = nullptr;
    if (driver.cuGetErrorName(result, &name) != CUDA_SUCCESS || !name) {
        return "CUDA error " + std::to_string(result);
    }
    const bool said = driver.cuGetErrorString(result, &text) == CUDA_SUCCESS && text;
    return std::string(name) + " (" + std::to_string(result) + ")" + (said ? std::string(", ") + text : "");
}

hipError_t fail(hipError_t code, std::string words) {
    threadError = code;
    threadWordsCode = code;
    threadWords = std::move(words);
    return code;
}

hipError_t outcome(const Driver& driver, CUresult result, const char* call, const std::string& what) {
    if (result == CUDA_SUCCESS) {
        return hipSuccess;
    }
    const hipError_t code = toHip(result);
    if (code == hipErrorNotReady) {
        return code;
    }
    return fail(code, std::string(call) + ": " + describe(driver, result) + (what.empty() ? "" : ": " + what));
}

}  // namespace soma::cuda

using namespace soma::cuda;

hipError_t hipPeekAtLastError() { return threadError; }

hipError_t hipGetLastError() {
    const hipError_t error = threadError;
    threadError = hipSuccess;
    return error;
}

const char* hipGetErrorName(hipError_t error) { return soma::hip::errorName(error); }

const char* hipGetErrorString(hipError_t error) {
    return error != hipSuccess && error == threadWordsCode ? threadWords.c_str() : soma::hip::errorText(error);
}
