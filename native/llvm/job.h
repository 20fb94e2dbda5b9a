// A job off the event loop that settles a promise: `work` on a thread of Node's pool, `convert` on the JavaScript
// thread that asked. Nothing here is global, so any number of worker threads can use the addon; Node waits for a
// running job before it tears an environment down.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <napi.h>

namespace soma::llvm_addon {

template <typename Result>
class Job final : public Napi::AsyncWorker {
public:
    using Work = std::function<Result()>;
    using Convert = std::function<Napi::Value(Napi::Env, const Result&)>;

    /// An exception of `work` (derived from std::exception) rejects the promise with an Error of its message.
    static Napi::Promise start(Napi::Env env, Work work, Convert convert) {
        auto* job = new Job(env, std::move(work), std::move(convert));
        const Napi::Promise promise = job->deferred.Promise();
        job->Queue();
        return promise;
    }

private:
    Job(Napi::Env env, Work work, Convert convert)
        : AsyncWorker(env, "soma_llvm"), deferred(env), work(std::move(work)), convert(std::move(convert)) {}

    void Execute() override { result = work(); }
    void OnOK() override { deferred.Resolve(convert(Env(), *result)); }
    void OnError(const Napi::Error& error) override { deferred.Reject(error.Value()); }

    Napi::Promise::Deferred deferred;
    const Work work;
    const Convert convert;
    std::optional<Result> result;
};

}  // namespace soma::llvm_addon
