#include "settler.h"

#include "error.h"

namespace soma::hip {

std::shared_ptr<Settler> Settler::create(Napi::Env env) {
    auto settler = std::make_shared<Settler>();
    const Napi::String name = Napi::String::New(env, "soma_hip");
    auto* context = new std::shared_ptr<Settler>(settler);
    const napi_status status = napi_create_threadsafe_function(
        env, nullptr, nullptr, name, 0, 1, nullptr,
        [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<Settler>*>(hint); }, context, wake,
        &settler->wake_);
    if (status != napi_ok) {
        delete context;
        throw Napi::Error::New(env, "cannot make a thread-safe function");
    }
    napi_unref_threadsafe_function(env, settler->wake_);
    return settler;
}

Napi::Promise Settler::open(Napi::Env env, Value value, uint64_t& id) {
    Napi::Promise::Deferred deferred = Napi::Promise::Deferred::New(env);
    if (promises_.empty()) {
        napi_ref_threadsafe_function(env, wake_);
    }
    id = nextId_++;
    promises_.emplace(id, Promised{deferred, std::move(value)});
    return deferred.Promise();
}

void Settler::settle(uint64_t id, std::optional<HipError> error, std::function<void()> delivered) {
    std::scoped_lock lock(mutex_);
    if (!wake_) {
        return;
    }
    ends_.push_back({id, std::move(error), std::move(delivered)});
    if (ends_.size() == 1) {
        napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
    }
}

void Settler::close() {
    std::scoped_lock lock(mutex_);
    if (wake_) {
        napi_release_threadsafe_function(wake_, napi_tsfn_abort);
        wake_ = nullptr;
        ends_.clear();
    }
}

void Settler::wake(napi_env env, napi_value, void* context, void*) {
    if (env) {
        (*static_cast<std::shared_ptr<Settler>*>(context))->deliver(env);
    }
}

void Settler::deliver(Napi::Env env) {
    std::vector<End> ends;
    {
        std::scoped_lock lock(mutex_);
        ends.swap(ends_);
    }
    for (End& end : ends) {
        if (end.delivered) {
            end.delivered();
        }
        const auto found = promises_.find(end.id);
        if (found == promises_.end()) {
            continue;
        }
        const Promised promised = std::move(found->second);
        promises_.erase(found);
        if (promises_.empty()) {
            napi_unref_threadsafe_function(env, wake_);
        }
        const Napi::HandleScope scope(env);
        try {
            if (end.error) {
                promised.deferred.Reject(toJs(env, *end.error).Value());
            } else {
                promised.deferred.Resolve(promised.value(env));
            }
        } catch (const Napi::Error& error) {
            promised.deferred.Reject(error.Value());
        }
    }
}

}  // namespace soma::hip
