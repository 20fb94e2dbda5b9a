// A failed HIP call as data.
#pragma once

#include <optional>
#include <string>

namespace soma::hip {

struct HipError {
    std::string call;
    int code = 0;
    std::string name;
    std::string text;
    std::string asked;
    std::optional<std::string> fault;
    std::optional<std::string> help;
};

/// What to do where a HIP library finds no device.
std::string noDeviceHelp();

}  // namespace soma::hip
