// Failures as JavaScript errors; runtime/hip/binding.ts documents their properties.
#pragma once

#include "failure.h"
#include "table.h"

#include <napi.h>

#include <optional>
#include <string>

namespace soma::hip {

Napi::Error toJs(Napi::Env env, const HipError& error);
Napi::Error toJs(Napi::Env env, const LoadFailure& failure, const std::string& path,
                 const std::optional<std::string>& help);

}  // namespace soma::hip
