#include "arguments.h"

#include <cmath>
#include <cstring>

namespace soma::hip {

uint64_t integerArgument(const Napi::Value& value, const std::string& parameter, uint64_t most) {
    if (!value.IsNumber()) {
        throw Napi::TypeError::New(value.Env(), parameter + " must be a number");
    }
    const double number = value.As<Napi::Number>().DoubleValue();
    if (!(number >= 0 && number <= static_cast<double>(most)) || std::floor(number) != number) {
        throw Napi::RangeError::New(value.Env(), parameter + " must be an integer from 0 to " + std::to_string(most) +
                                                     ", not " + value.ToString().Utf8Value());
    }
    return static_cast<uint64_t>(number);
}

std::string stringArgument(const Napi::Value& value, const std::string& parameter) {
    if (!value.IsString()) {
        throw Napi::TypeError::New(value.Env(), parameter + " must be a string");
    }
    std::string text = value.As<Napi::String>().Utf8Value();
    if (text.find('\0') != std::string::npos) {
        throw Napi::TypeError::New(value.Env(), parameter + " must not contain a null character");
    }
    return text;
}

Bytes bytesArgument(const Napi::Value& value, const std::string& parameter) {
    const Napi::Env env = value.Env();
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
        throw Napi::TypeError::New(env, parameter + " must be a Uint8Array");
    }
    void* data = nullptr;
    size_t size = 0;
    napi_value buffer = nullptr;
    napi_typedarray_type type{};
    bool detached = false;
    if (napi_get_typedarray_info(env, value, &type, &size, &data, &buffer, nullptr) != napi_ok ||
        napi_is_detached_arraybuffer(env, buffer, &detached) != napi_ok || detached) {
        throw Napi::TypeError::New(env, parameter + " is detached: its ArrayBuffer was transferred to elsewhere");
    }
    // Left uninitialised: every byte is copied.
    Bytes bytes{std::unique_ptr<std::byte[]>(new std::byte[size + 1]), size};
    if (size != 0) {
        std::memcpy(bytes.data.get(), data, size);
    }
    bytes.data[size] = std::byte{0};
    return bytes;
}

void checkRange(Napi::Env env, uint64_t offset, uint64_t bytes, uint64_t size, const std::string& what) {
    if (offset > size || bytes > size - offset) {
        throw Napi::RangeError::New(env, what + ": " + std::to_string(bytes) + " bytes at offset " +
                                             std::to_string(offset) + " end outside the buffer of " +
                                             std::to_string(size) + " bytes");
    }
}

}  // namespace soma::hip
