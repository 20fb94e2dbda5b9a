// The base of the addon's JavaScript classes: an object that owns a share of a native state.
// Invariants: only the addon makes them (`new handle.constructor()` throws); a value passed as a handle is one, of that
// class (type tags); a disposed handle refuses to be used.
#pragma once

#include "arguments.h"
#include "slots.h"
#include "error.h"
#include "state.h"
#include "worker.h"

#include <napi.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace soma::hip {

struct GraphState;

/// What one JavaScript thread's instance of the addon keeps.
struct Addon {
    std::shared_ptr<Settler> settler;
    std::map<std::string, Napi::FunctionReference> constructors;
    /// The state of the handle that is being made, else null.
    std::shared_ptr<void> making;
    /// Streams that may still have a thread.
    std::vector<std::weak_ptr<Worker>> workers;
    /// What commands name.
    Slots<KernelState> kernels;
    Slots<Worker> streams;
    Slots<EventState> events;
    Slots<GraphState> graphs;

    static Addon& of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }
};

/// The value of a result, or its error thrown.
template <typename T>
T unwrap(Napi::Env env, Result<T> result) {
    if (const auto* error = std::get_if<HipError>(&result)) {
        throw toJs(env, *error);
    }
    return std::move(std::get<T>(result));
}

/// Throws where the device was lost, or reset since it was made.
inline void requireUsable(Napi::Env env, const DeviceObject& object) {
    if (const auto unusable = object.unusable()) {
        throw toJs(env, *unusable);
    }
}

/// `Self` has `static constexpr const char* kName`, `static constexpr napi_type_tag kTag` and
/// `static std::vector<PropertyDescriptor> members()`.
template <typename Self, typename State>
class Handle : public Napi::ObjectWrap<Self> {
public:
    explicit Handle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Self>(info) {
        Addon& addon = Addon::of(info.Env());
        if (!addon.making) {
            throw Napi::TypeError::New(info.Env(), std::string("a ") + Self::kName + " is not made with `new`");
        }
        state_ = std::static_pointer_cast<State>(std::exchange(addon.making, nullptr));
        napi_type_tag_object(info.Env(), info.This(), &Self::kTag);
    }

    static void define(Napi::Env env) {
        Addon::of(env).constructors[Self::kName] =
            Napi::Persistent(Napi::ObjectWrap<Self>::DefineClass(env, Self::kName, Self::members()));
    }

    static Napi::Object make(Napi::Env env, std::shared_ptr<State> state) {
        Addon& addon = Addon::of(env);
        addon.making = std::move(state);
        return addon.constructors.at(Self::kName).New({});
    }

    /// The handle that `value` is; throws a TypeError if it is something else or was disposed.
    static Self& from(const Napi::Value& value, const std::string& parameter) {
        bool matches = false;
        if (value.IsObject()) {
            napi_check_object_type_tag(value.Env(), value, &Self::kTag, &matches);
        }
        if (!matches) {
            throw Napi::TypeError::New(value.Env(), parameter + " must be a " + Self::kName);
        }
        return *Self::Unwrap(value.As<Napi::Object>());
    }

    /// The state, or a TypeError after `dispose`.
    const std::shared_ptr<State>& state() const {
        if (!state_) {
            throw Napi::TypeError::New(this->Env(), std::string("the ") + Self::kName + " was disposed");
        }
        return state_;
    }

protected:
    Napi::Value disposed(const Napi::CallbackInfo& info) { return Napi::Boolean::New(info.Env(), !state_); }

    std::shared_ptr<State> state_;
};

}  // namespace soma::hip
