// Brings the ends of operations from the streams' threads to one JavaScript thread: to promises, or as numbers to who has a
// ticket, which costs no object of Node's API for each. All that ended by then comes with one wake-up.
// Invariants: JavaScript values are touched on their own thread only; the event loop is kept alive exactly while something
// is waited for; after `close`, ends are dropped. What ends has an id: the upper half is the channel of a ticket, the
// lower half the ticket; promises are those of channel 0.
#pragma once

#include "failure.h"

#include <napi.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace soma::hip {

/// When an operation ran, in milliseconds.
struct Ran {
    float milliseconds = 0;
    /// On the device's clock (clock.h); NaN where nobody asked for it, or the device could not measure it.
    double start = std::numeric_limits<double>::quiet_NaN();
};

class Settler : public std::enable_shared_from_this<Settler> {
public:
    static std::shared_ptr<Settler> create(Napi::Env env);

    /// Makes the value that a promise resolves to.
    using Value = std::function<Napi::Value(Napi::Env)>;

    /// On the JavaScript thread: opens a promise. `id` is what `settle` takes.
    /// @param ran empty, or where the start and the milliseconds go before the promise resolves
    Napi::Promise open(Napi::Env env, Value value, Napi::Reference<Napi::Float64Array> ran, uint64_t& id);
    /// Elements of a channel's results for each end: ticket, milliseconds, start.
    static constexpr size_t kResults = 3;
    /// On the JavaScript thread: a channel, which tells `settled(count)` of so many ends in `results`, and `failed(ticket, error)`.
    /// Neither may throw.
    uint32_t openChannel(Napi::Float64Array results, Napi::Function settled, Napi::Function failed);
    bool hasChannel(uint32_t channel) const { return channel > 0 && channel <= channels_.size(); }
    static uint64_t idOf(uint32_t channel, uint32_t ticket) { return uint64_t(channel) << 32 | ticket; }
    /// On the JavaScript thread: so many tickets come to be open.
    void expect(Napi::Env env, size_t tickets);
    /// On any thread, once for each id. `delivered` runs on the JavaScript thread before whoever waits is told.
    void settle(uint64_t id, std::optional<HipError> error, Ran ran = {}, std::function<void()> delivered = {});
    /// On the JavaScript thread, when it ends.
    void close();

private:
    struct Promised {
        Napi::Promise::Deferred deferred;
        Value value;
        Napi::Reference<Napi::Float64Array> ran;
    };
    struct Channel {
        Napi::Reference<Napi::Float64Array> results;
        Napi::FunctionReference settled;
        Napi::FunctionReference failed;
    };
    struct End {
        uint64_t id;
        std::optional<HipError> error;
        Ran ran;
        std::function<void()> delivered;
    };

    static void wake(napi_env env, napi_value callback, void* context, void* data);
    void deliver(Napi::Env env);
    void deliverPromise(Napi::Env env, End& end);
    bool isIdle() const { return promises_.empty() && openTickets_ == 0; }

    /// On the JavaScript thread only.
    std::unordered_map<uint64_t, Promised> promises_;
    uint32_t lastPromise_ = 0;
    std::vector<Channel> channels_;
    size_t openTickets_ = 0;

    std::mutex mutex_;
    napi_threadsafe_function wake_ = nullptr;
    std::vector<End> ends_;
};

}  // namespace soma::hip
