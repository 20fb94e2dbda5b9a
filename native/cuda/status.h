// How a call of the HIP ABI fails on this device: HIP's code, and words that carry CUDA's own name and number.
// HIP's numbers are CUDA's wherever both have the error, so most codes pass through.
// Invariant: no exception leaves the library.
#pragma once

#define SOMA_HIP_PROVIDER 1
#include "../hip_abi/hip_abi.h"
#include "driver.h"

#include <exception>
#include <new>
#include <string>

namespace soma::cuda {

/// HIP's code for a driver's.
hipError_t toHip(CUresult result);

/// Such as `CUDA_ERROR_INVALID_VALUE (1), invalid argument`.
std::string describe(const Driver& driver, CUresult result);

/// Makes a failure the calling thread's last one and gives its code.
hipError_t fail(hipError_t code, std::string words);

/// The outcome of a driver call: hipSuccess, or the failure with `what` was asked for. hipErrorNotReady is an answer, not
/// an error: it is returned but not remembered.
hipError_t outcome(const Driver& driver, CUresult result, const char* call, const std::string& what = {});

/// Calls a function that an older driver may lack; the failure then names it.
#define SOMA_RECENT(driver, function, ...) recent(driver, (driver).function, #function __VA_OPT__(, ) __VA_ARGS__)
template <typename Function, typename... Arguments>
hipError_t recent(const Driver& driver, Function function, const char* name, Arguments... arguments) {
    if (!function) {
        int version = 0;
        driver.cuDriverGetVersion(&version);
        return fail(hipErrorNotSupported, std::string("this NVIDIA driver, of CUDA ") + std::to_string(version / 1000) +
                                              "." + std::to_string(version % 1000 / 10) + ", lacks " + name +
                                              ": take a newer one");
    }
    return outcome(driver, function(arguments...), name);
}

/// The body of every exported function that needs the driver; it gets the driver's table.
template <typename Body>
hipError_t withDriver(Body&& body) noexcept {
    try {
        const Driver* const found = driver();
        if (!found) {
            return fail(static_cast<hipError_t>(whyNoDriver().code), whyNoDriver().words);
        }
        return body(*found);
    } catch (const std::bad_alloc&) {
        return fail(hipErrorOutOfMemory, "the host is out of memory");
    } catch (const std::exception& error) {
        return fail(hipErrorUnknown, std::string("a bug in libsoma_cuda: ") + error.what());
    }
}

/// `*out = value`, or a failure where the caller gave no address.
template <typename T>
hipError_t answer(T* out, T value, const char* what) {
    if (!out) {
        return fail(hipErrorInvalidValue, std::string("the address for the ") + what + " is null");
    }
    *out = value;
    return hipSuccess;
}

}  // namespace soma::cuda
