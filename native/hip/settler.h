// Brings the ends of operations from the streams' threads to the promises of one JavaScript thread.
// Invariants: JavaScript values are touched on their own thread only; the event loop is kept alive exactly while promises
// are open; after `close`, ends are dropped.
#pragma once

#include "failure.h"

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace soma::hip {

class Settler : public std::enable_shared_from_this<Settler> {
public:
    static std::shared_ptr<Settler> create(Napi::Env env);

    /// Makes the value that a promise resolves to.
    using Value = std::function<Napi::Value(Napi::Env)>;

    /// On the JavaScript thread: opens a promise. `id` is what `settle` takes.
    Napi::Promise open(Napi::Env env, Value value, uint64_t& id);
    /// On any thread, once for each id. `delivered` runs on the JavaScript thread before the promise is settled.
    void settle(uint64_t id, std::optional<HipError> error, std::function<void()> delivered = {});
    /// On the JavaScript thread, when it ends.
    void close();

private:
    struct Promised {
        Napi::Promise::Deferred deferred;
        Value value;
    };
    struct End {
        uint64_t id;
        std::optional<HipError> error;
        std::function<void()> delivered;
    };

    static void wake(napi_env env, napi_value callback, void* context, void* data);
    void deliver(Napi::Env env);

    /// On the JavaScript thread only.
    std::unordered_map<uint64_t, Promised> promises_;
    uint64_t nextId_ = 1;

    std::mutex mutex_;
    napi_threadsafe_function wake_ = nullptr;
    std::vector<End> ends_;
};

}  // namespace soma::hip
