// The JavaScript side of soma_llvm.node: arguments are checked here, results become JavaScript values here.

#include <cmath>
#include <string>
#include <vector>

#include "disassemble.h"
#include "generate.h"
#include "inspect.h"
#include "job.h"
#include "llvm/Config/llvm-config.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

Napi::TypeError wrong(const Napi::CallbackInfo& info, const std::string& text) {
    return Napi::TypeError::New(info.Env(), text);
}

std::string stringOption(const Napi::CallbackInfo& info, const Napi::Object& options, const char* name) {
    const Napi::Value value = options.Get(name);
    if (!value.IsString()) {
        throw wrong(info, std::string("generate: options.") + name + " must be a string");
    }
    return value.As<Napi::String>().Utf8Value();
}

Output outputOption(const Napi::CallbackInfo& info, const Napi::Object& options) {
    const std::string name = stringOption(info, options, "output");
    if (name == "asm") {
        return Output::Assembly;
    }
    if (name == "hsaco") {
        return Output::CodeObject;
    }
    if (name == "llvm") {
        return Output::Ir;
    }
    throw wrong(info, "generate: options.output must be \"asm\", \"hsaco\" or \"llvm\", not \"" + name + "\"");
}

unsigned optimisationOption(const Napi::CallbackInfo& info, const Napi::Object& options) {
    const Napi::Value value = options.Get("optimisation");
    const double level = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (!(level >= 0 && level <= 3) || level != std::floor(level)) {
        throw wrong(info, "generate: options.optimisation must be 0, 1, 2 or 3");
    }
    return static_cast<unsigned>(level);
}

Napi::Object messageObject(Napi::Env env, const Message& message) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("severity", message.severity);
    object.Set("message", message.text);
    if (message.line != 0) {
        object.Set("file", message.file);
        object.Set("line", message.line);
        if (message.column != 0) {
            object.Set("column", message.column);
        }
    }
    if (message.spilled > 0) {
        Napi::Object spill = Napi::Object::New(env);
        spill.Set("kernel", message.kernel);
        spill.Set("registers", message.spilled);
        if (!message.scheduler.empty()) {
            spill.Set("scheduler", message.scheduler);
        }
        object.Set("spill", spill);
    }
    return object;
}

Napi::Value generateObject(Napi::Env env, const GenerateResult& result) {
    Napi::Array messages = Napi::Array::New(env, result.messages.size());
    for (uint32_t i = 0; i < result.messages.size(); i++) {
        messages[i] = messageObject(env, result.messages[i]);
    }
    Napi::Object object = Napi::Object::New(env);
    object.Set("output", result.output
                             ? Napi::Buffer<char>::Copy(env, result.output->data(), result.output->size()).As<Napi::Value>()
                             : env.Null());
    object.Set("messages", messages);
    Napi::Object timings = Napi::Object::New(env);
    for (const auto& [step, milliseconds] : result.timings) {
        // Some steps are done several times.
        const Napi::Value before = timings.Get(step);
        timings.Set(step, milliseconds + (before.IsNumber() ? before.As<Napi::Number>().DoubleValue() : 0));
    }
    object.Set("timings", timings);
    return object;
}

/// The first argument: a module in LLVM IR or a list of such.
std::vector<std::string> modulesArgument(const Napi::CallbackInfo& info) {
    std::vector<std::string> modules;
    if (info[0].IsString()) {
        modules.push_back(info[0].As<Napi::String>().Utf8Value());
    } else if (info[0].IsArray()) {
        const Napi::Array list = info[0].As<Napi::Array>();
        for (uint32_t at = 0; at < list.Length(); at++) {
            const Napi::Value item = list.Get(at);
            if (!item.IsString()) {
                throw wrong(info, "generate: the first argument's element " + std::to_string(at) + " is no string");
            }
            modules.push_back(item.As<Napi::String>().Utf8Value());
        }
    }
    if (modules.empty()) {
        throw wrong(info, "generate: the first argument must be a string, the LLVM IR, or an array of at least one");
    }
    return modules;
}

Napi::Value generateJob(const Napi::CallbackInfo& info) {
    std::vector<std::string> modules = modulesArgument(info);
    if (!info[1].IsObject()) {
        throw wrong(info, "generate: the second argument must be an object, the options");
    }
    const Napi::Object options = info[1].As<Napi::Object>();
    GenerateOptions parsed{stringOption(info, options, "target"), optimisationOption(info, options),
                           outputOption(info, options)};
    if (modules.size() != 1 && parsed.output != Output::CodeObject) {
        throw wrong(info, "generate: several modules become a code object only, with options.output \"hsaco\"");
    }
    return Job<GenerateResult>::start(
        info.Env(),
        [modules = std::move(modules), parsed = std::move(parsed)] { return generate(modules, parsed); },
        generateObject);
}

/// A job that takes a code object and answers in JSON.
template <std::string (*answer)(const std::string&)>
Napi::Value codeObjectJob(const Napi::CallbackInfo& info) {
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
        throw wrong(info, "the first argument must be a Uint8Array, the code object");
    }
    // Copied: the caller may change or detach the array while the job runs.
    const auto array = info[0].As<Napi::Uint8Array>();
    std::string bytes(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
    return Job<std::string>::start(
        info.Env(), [bytes = std::move(bytes)] { return answer(bytes); },
        [](Napi::Env env, const std::string& json) {
            const Napi::Object parser = env.Global().Get("JSON").As<Napi::Object>();
            return parser.Get("parse").As<Napi::Function>().Call(parser, {Napi::String::New(env, json)});
        });
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
    const std::vector<std::string> names = targetNames();
    Napi::Array targets = Napi::Array::New(env, names.size());
    for (uint32_t i = 0; i < names.size(); i++) {
        targets[i] = names[i];
    }
    exports.Set("version", LLVM_VERSION_STRING);
    exports.Set("targets", targets);
    exports.Set("generate", Napi::Function::New(env, generateJob, "generate"));
    exports.Set("disassemble", Napi::Function::New(env, codeObjectJob<disassemble>, "disassemble"));
    exports.Set("inspect", Napi::Function::New(env, codeObjectJob<inspect>, "inspect"));
    return exports;
}

}  // namespace
}  // namespace soma::llvm_addon

// Outside of any namespace: Node looks the module's entry up by its C name.
static Napi::Object initialiseModule(Napi::Env env, Napi::Object exports) {
    return soma::llvm_addon::initialise(env, exports);
}

NODE_API_MODULE(soma_llvm, initialiseModule)
