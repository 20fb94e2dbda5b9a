// A device: what is on it, what of that is in use by operations in flight, and what becomes of it when it is reset or lost.
#include "state.h"
#include "workers.h"

#include <iterator>

namespace soma::hip {

namespace {

/// The device has gone, or is broken; no call on it can succeed.
bool saysLost(hipError_t code) {
    return code == hipErrorDeinitialized || code == hipErrorNoDevice || code == hipErrorECCNotCorrectable ||
           code == hipErrorContextIsDestroyed;
}

}  // namespace

HipError DeviceState::failure(const char* call, hipError_t code, const std::string& asked) const {
    HipError error = library->failure(call, code, asked.empty() ? describe() : asked + " on " + describe());
    if (saysLost(code)) {
        std::scoped_lock lock(lostMutex_);
        if (!lost_) {
            lost_ = error;
        }
    }
    return error;
}

bool DeviceState::lost() const {
    std::scoped_lock lock(lostMutex_);
    return lost_.has_value();
}

std::optional<HipError> DeviceState::unusable(uint64_t epoch) const {
    if (epoch != this->epoch()) {
        HipError error = library->refusal("hipDeviceReset", hipErrorContextIsDestroyed, describe());
        error.help = "The device was reset: what was on it before is lost.";
        return error;
    }
    std::scoped_lock lock(lostMutex_);
    return lost_;
}

void DeviceState::own(const void* object, std::function<void()> release) {
    std::scoped_lock lock(ownedMutex_);
    owned_[object] = std::move(release);
}

void DeviceState::disown(const void* object) {
    std::function<void()> release;
    {
        std::scoped_lock lock(ownedMutex_);
        const auto found = owned_.find(object);
        if (found == owned_.end()) {
            return;
        }
        release = std::move(found->second);
        owned_.erase(found);
    }
    releaseWhenIdle([this, release = std::move(release), epoch = epoch()] {
        if (!unusable(epoch)) {
            select();
            release();
        }
    });
}

std::optional<HipError> DeviceState::reset() {
    if (!hip().hipDeviceReset) {
        HipError error = library->refusal("hipDeviceReset", hipErrorNotSupported, describe());
        error.help = "The library " + library->path + " can't reset devices: start the process again.";
        return error;
    }
    // From now on what is queued ends with a failure.
    epoch_.fetch_add(1, std::memory_order_acq_rel);
    stopDevice(*this);
    drainDevice(*this);
    // What was put off is freed here, with the rest.
    releaseNow();
    select();
    std::unordered_map<const void*, std::function<void()>> owned;
    {
        std::scoped_lock lock(ownedMutex_);
        owned.swap(owned_);
    }
    for (const auto& [object, release] : owned) {
        release();
    }
    {
        std::scoped_lock lock(memoryMutex_);
        if (memoryStream_ && *memoryStream_) {
            hip().hipStreamDestroy(*memoryStream_);
        }
        memoryStream_.reset();
    }
    if (const hipError_t code = hip().hipDeviceReset()) {
        return failure("hipDeviceReset", code, "");
    }
    hip().hipGetLastError();
    std::scoped_lock lock(lostMutex_);
    lost_.reset();
    return std::nullopt;
}

std::string DeviceState::describe() const { return "device " + std::to_string(index) + " (" + target() + ")"; }

unsigned DeviceState::begin(size_t operations) {
    std::scoped_lock lock(mutex_);
    inFlight_[current_] += operations;
    return current_;
}

void DeviceState::advance(Releases& ready) {
    while (inFlight_[1 - current_] == 0 && !putOff_[current_].empty()) {
        // All that is put off there waits for this generation alone now.
        current_ = 1 - current_;
        if (inFlight_[1 - current_] != 0) {
            break;
        }
        Releases& done = putOff_[1 - current_];
        ready.insert(ready.end(), std::make_move_iterator(done.begin()), std::make_move_iterator(done.end()));
        done.clear();
    }
}

void DeviceState::end(unsigned generation) {
    Releases ready;
    {
        std::scoped_lock lock(mutex_);
        if (--inFlight_[generation] == 0 && generation != current_) {
            ready.swap(putOff_[generation]);
        }
        advance(ready);
    }
    for (const auto& release : ready) {
        release();
    }
}

void DeviceState::releaseWhenIdle(std::function<void()> release) {
    Releases ready;
    {
        std::scoped_lock lock(mutex_);
        putOff_[current_].push_back(std::move(release));
        advance(ready);
    }
    for (const auto& each : ready) {
        each();
    }
}

void DeviceState::releaseNow() {
    Releases ready;
    {
        std::scoped_lock lock(mutex_);
        for (Releases& putOff : putOff_) {
            ready.insert(ready.end(), std::make_move_iterator(putOff.begin()), std::make_move_iterator(putOff.end()));
            putOff.clear();
        }
    }
    for (const auto& release : ready) {
        release();
    }
}

DeviceObject::DeviceObject(std::shared_ptr<DeviceState> device, std::function<void()> release)
    : device(std::move(device)), epoch(this->device->epoch()) {
    if (release) {
        this->device->own(this, std::move(release));
    }
}

DeviceObject::~DeviceObject() { device->disown(this); }

}  // namespace soma::hip
