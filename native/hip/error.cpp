#include "error.h"

namespace soma::hip {

Napi::Error toJs(Napi::Env env, const HipError& error) {
    std::string message = error.call + " failed for " + error.asked + ": " + error.name;
    if (error.text != error.name) {
        message += ", " + error.text;
    }
    if (error.fault) {
        message += "\n" + *error.fault;
    }
    if (error.help) {
        message += "\n" + *error.help;
    }
    Napi::Error js = Napi::Error::New(env, message);
    js.Set("name", Napi::String::New(env, error.name));
    js.Set("call", Napi::String::New(env, error.call));
    js.Set("code", Napi::Number::New(env, error.code));
    js.Set("text", Napi::String::New(env, error.text));
    js.Set("asked", Napi::String::New(env, error.asked));
    if (error.fault) {
        js.Set("fault", Napi::String::New(env, *error.fault));
    }
    if (error.help) {
        js.Set("help", Napi::String::New(env, *error.help));
    }
    return js;
}

Napi::Error toJs(Napi::Env env, const LoadFailure& failure, const std::string& path,
                 const std::optional<std::string>& help) {
    Napi::Error js = Napi::Error::New(env, help ? failure.message + "\n" + *help : failure.message);
    js.Set("name", Napi::String::New(env, "HipLibraryError"));
    js.Set("path", Napi::String::New(env, path));
    Napi::Array missing = Napi::Array::New(env, failure.missing.size());
    for (size_t i = 0; i < failure.missing.size(); ++i) {
        missing.Set(static_cast<uint32_t>(i), Napi::String::New(env, failure.missing[i]));
    }
    js.Set("missing", missing);
    if (help) {
        js.Set("help", Napi::String::New(env, *help));
    }
    return js;
}

}  // namespace soma::hip
