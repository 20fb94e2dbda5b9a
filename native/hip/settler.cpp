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

Napi::Promise Settler::open(Napi::Env env, Value value, Napi::Reference<Napi::Float64Array> ran, uint64_t& id) {
    Napi::Promise::Deferred deferred = Napi::Promise::Deferred::New(env);
    if (isIdle()) {
        napi_ref_threadsafe_function(env, wake_);
    }
    do {
        id = ++lastPromise_;
    } while (promises_.contains(id));
    promises_.emplace(id, Promised{deferred, std::move(value), std::move(ran)});
    return deferred.Promise();
}

uint32_t Settler::openChannel(Napi::Float64Array results, Napi::Function settled, Napi::Function failed) {
    channels_.push_back({Napi::Persistent(results), Napi::Persistent(settled), Napi::Persistent(failed)});
    return static_cast<uint32_t>(channels_.size());
}

void Settler::expect(Napi::Env env, size_t tickets) {
    if (tickets > 0 && isIdle()) {
        napi_ref_threadsafe_function(env, wake_);
    }
    openTickets_ += tickets;
}

void Settler::settle(uint64_t id, std::optional<HipError> error, Ran ran, std::function<void()> delivered) {
    std::scoped_lock lock(mutex_);
    if (!wake_) {
        return;
    }
    ends_.push_back({id, std::move(error), ran, std::move(delivered)});
    if (ends_.size() == 1) {
        napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
    }
}

void Settler::close() {
    channels_.clear();
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
    const Napi::HandleScope scope(env);
    // Of those at the end of what was seen so far, how many are in the results of their channel.
    uint32_t channel = 0;
    size_t written = 0;
    const auto tell = [&] {
        if (written > 0) {
            channels_[channel - 1].settled.Call({Napi::Number::New(env, static_cast<double>(written))});
        }
        written = 0;
    };
    try {
        for (End& end : ends) {
            if (end.delivered) {
                end.delivered();
            }
            const auto ticket = static_cast<uint32_t>(end.id);
            const auto itsChannel = static_cast<uint32_t>(end.id >> 32);
            if (itsChannel != channel || end.error) {
                tell();
                channel = itsChannel;
            }
            if (channel == 0) {
                deliverPromise(env, end);
                continue;
            }
            --openTickets_;
            if (end.error) {
                channels_[channel - 1].failed.Call({Napi::Number::New(env, ticket), toJs(env, *end.error).Value()});
                continue;
            }
            Napi::Float64Array results = channels_[channel - 1].results.Value();
            const size_t at = kResults * written;
            results[at] = ticket;
            results[at + 1] = end.ran.milliseconds;
            results[at + 2] = end.ran.start;
            if (kResults * (++written + 1) > results.ElementLength()) {
                tell();
            }
        }
        tell();
    } catch (const Napi::Error& error) {
        napi_fatal_exception(env, error.Value());
    }
    if (isIdle()) {
        napi_unref_threadsafe_function(env, wake_);
    }
}

void Settler::deliverPromise(Napi::Env env, End& end) {
    const auto found = promises_.find(end.id);
    if (found == promises_.end()) {
        return;
    }
    Promised promised = std::move(found->second);
    promises_.erase(found);
    const Napi::HandleScope scope(env);
    try {
        if (end.error) {
            promised.deferred.Reject(toJs(env, *end.error).Value());
        } else {
            if (!promised.ran.IsEmpty()) {
                Napi::Float64Array ran = promised.ran.Value();
                if (ran.ElementLength() >= 2) {
                    ran[0] = end.ran.start;
                    ran[1] = end.ran.milliseconds;
                }
            }
            promised.deferred.Resolve(promised.value(env));
        }
    } catch (const Napi::Error& error) {
        promised.deferred.Reject(error.Value());
    }
}

}  // namespace soma::hip
