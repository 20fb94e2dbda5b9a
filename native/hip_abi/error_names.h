// Names and texts of HIP's errors, from their one list: what the libraries that export HIP's ABI answer with.
#pragma once

#include "hip_abi.h"

namespace soma::hip {

inline bool isError(int code) {
    switch (code) {
#define SOMA_CASE(name, value, text) case value:
        SOMA_HIP_ERRORS(SOMA_CASE)
#undef SOMA_CASE
        return true;
        default:
            return false;
    }
}

inline const char* errorName(int code) {
    switch (code) {
#define SOMA_CASE(name, value, text)                                                                                   \
    case value:                                                                                                        \
        return #name;
        SOMA_HIP_ERRORS(SOMA_CASE)
#undef SOMA_CASE
        default:
            return "hipErrorUnknown";
    }
}

inline const char* errorText(int code) {
    switch (code) {
#define SOMA_CASE(name, value, text)                                                                                   \
    case value:                                                                                                        \
        return text;
        SOMA_HIP_ERRORS(SOMA_CASE)
#undef SOMA_CASE
        default:
            return "an unknown error";
    }
}

}  // namespace soma::hip
