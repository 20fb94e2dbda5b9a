// The sanitizer's checks of loads from global memory straight to LDS. What they write arrives some time between the load and
// their wave's wait for it: until then nobody may access these bytes, and for the other waves the wait is when they were
// written, so that it must come before the barrier.
#include "thread_sanitizer.h"

#include "../format.h"
#include "../semantics/direct_lds_address.h"

#include <algorithm>
#include <cstring>

namespace soma::vgpu::SOMA_HOST_ISA {

void ThreadSanitizer::LaneAccess::locate(const Arrival& arrival) {
    addresses.global = addresses.scratch = 0;
    addresses.lds = arrival.lanes;
    for (unsigned lane = 0; lane < addresses.at.size(); ++lane) {
        addresses.at[lane] = arrival.base + uint64_t(lane) * arrival.bytes;
    }
    computed = true;
    leaveOut(0, arrival.bytes);
}

uint64_t ThreadSanitizer::loadToLds(const Step& load, LaneAccess& from, uint64_t lanes) {
    if (load.undefined && load.state.shadow.scalar(sgpr::kM0) != 0) {
        reportUndefined(load, "an address", -1, load.facts.registers.reads);
    }
    WaveState& state = load.state;
    const Step step{load.wave, state, load.op, *load.facts.toLds, load.index, load.undefined};
    Arrival arrival{.base = directLdsBase(load.wave, load.op),
                    .bytes = step.facts.bytes,
                    .lanes = lanes,
                    .load = load.index,
                    .number = state.pending.lastVector(),
                    .issued = clocks_.epoch(load.wave.index)};
    LaneAccess to;
    to.source = &from;
    to.locate(arrival);
    const uint64_t bad = outside(step, to);
    to.leaveOut(bad, step.facts.bytes);
    arrival.lanes = to.addresses.lds;
    if (arrival.lanes == 0) {
        return bad;
    }
    checkAlignment(step, to);
    checkArrivals(step, to);
    checkRaces(step, to);
    copyToLds(load, from, to);
    state.arrivals.push_back(arrival);
    ++underWay_;
    return bad;
}

void ThreadSanitizer::copyToLds(const Step& load, LaneAccess& from, const LaneAccess& to) {
    constexpr unsigned kWord = 4;
    const unsigned bytes = load.facts.bytes;
    const unsigned stored = load.facts.toLds->bytes;
    const bool written = allWritten(load, from);
    if (written && to.lds.dense) {
        std::memset(ldsDefined_.data() + to.lds.begin, 0xff, to.lds.end - to.lds.begin);
        return;
    }
    const LaneAddresses& addresses = from.each(load);
    ldsChanges_ += !written;
    forEachLane(to.addresses.lds, [&](unsigned lane) {
        const uint64_t at = to.addresses.at[lane];
        std::memset(ldsDefined_.data() + at, 0xff, stored);
        // Lanes that a buffer's descriptor leaves out bring zeros.
        const uint8_t* const defined =
            !written && (addresses.lanes() >> lane & 1) != 0 ? definedAt(load, addresses, lane) : nullptr;
        if (defined == nullptr) {
            return;
        }
        std::memcpy(ldsDefined_.data() + at, defined, bytes);
        if (load.facts.signExtends && (defined[bytes - 1] & 0x80) == 0) {
            std::memset(ldsDefined_.data() + at + bytes, 0, stored - bytes);
        }
        const uint8_t* const computed = computedAt(load, addresses, lane);
        for (unsigned word = 0; word < stored; word += kWord) {
            std::memset(ldsComputed_.data() + at + word, computed != nullptr ? computed[word] : 0, kWord);
        }
    });
}

void ThreadSanitizer::checkArrivals(const Step& step, LaneAccess& access) {
    const unsigned own = step.wave.index;
    for (const Wave& wave : step.wave.group->waves) {
        for (const Arrival& arrival : waves_[wave.index].arrivals) {
            const bool apart = access.lds.end <= arrival.begin() || arrival.end() <= access.lds.begin;
            // Loads return in order. What no barrier orders is a race (checkRaces).
            const bool inOrder = wave.index == own && access.source != nullptr;
            const bool races = wave.index != own && !clocks_.behind(own, wave.index, arrival.issued);
            if (apart || arrival.waited != Arrival::kUnderWay || inOrder || races) {
                continue;
            }
            const LaneAddresses& addresses = access.each(step);
            for (uint64_t rest = addresses.lds; rest != 0; rest &= rest - 1) {
                const auto lane = static_cast<unsigned>(std::countr_zero(rest));
                if (const auto byte = arrival.firstOf(addresses.at[lane], addresses.at[lane] + step.facts.bytes)) {
                    reportEarly(step.wave, {step.index, step.facts.touch != Touch::Load, own, static_cast<int>(lane)},
                                arrival, wave.index, *byte);
                    break;
                }
            }
        }
    }
}

void ThreadSanitizer::settleArrivals(const Step& step) {
    WaveState& state = step.state;
    const unsigned own = step.wave.index;
    const uint32_t epoch = clocks_.epoch(own);
    for (Arrival& arrival : state.arrivals) {
        if (arrival.waited != Arrival::kUnderWay || !state.pending.vectorReturned(arrival.number)) {
            continue;
        }
        --underWay_;
        arrival.waited = epoch;
        if (arrival.issued != epoch) {
            // For the others it is written now.
            const Step load{step.wave,    state,
                            launch_.code().operations()[arrival.load], *launch_.facts().all()[arrival.load].toLds,
                            arrival.load, false};
            LaneAccess access;
            access.late = &arrival;
            access.locate(arrival);
            checkRaces(load, access);
        }
    }
    std::erase_if(state.arrivals, [&](const Arrival& arrival) {
        return arrival.waited != Arrival::kUnderWay &&
               (arrival.waited == arrival.issued || clocks_.over(own, arrival.waited));
    });
}

const ThreadSanitizer::Arrival* ThreadSanitizer::lateArrival(unsigned wave, const AccessCell& cell, uint64_t address,
                                                             unsigned other) const {
    for (const Arrival& arrival : waves_[wave].arrivals) {
        const bool late = arrival.waited != Arrival::kUnderWay && arrival.waited != arrival.issued;
        if (late && (arrival.waited & AccessCell::kEpochs) == cell.epoch() &&
            launch_.operationOf(cell.site()) == arrival.load && arrival.firstOf(address, address + 1) &&
            clocks_.behind(other, wave, arrival.issued)) {
            return &arrival;
        }
    }
    return nullptr;
}

void ThreadSanitizer::forgetArrivals() {
    for (WaveState& state : waves_) {
        std::erase_if(state.arrivals, [](const Arrival& arrival) { return arrival.waited != Arrival::kUnderWay; });
        for (Arrival& arrival : state.arrivals) {
            arrival.issued = clocks_.epoch(0);
        }
    }
}

void ThreadSanitizer::reportEarly(const Wave& wave, const EarlyAccess& access, const Arrival& arrival, unsigned loader,
                                  uint64_t address) {
    launch_.findPair("missing-wait", access.index, arrival.load, *wave.group, [&] {
        const uint64_t lane = (address - arrival.base) / arrival.bytes;
        return LaunchSanitizer::Finding{
            .kind = "missing-wait",
            .operation = access.index,
            .what = format("it {0} LDS at offset {1} before a wait for the load that writes it",
                           access.writes ? "writes" : "reads", address),
            .wave = access.wave,
            .lane = access.lane,
            .address = address,
            .other = arrival.load,
            .otherWhat = "the load:",
            .otherGroup = wave.group->id,
            .otherItem = static_cast<int>(loader * wave.lanes + lane)};
    });
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
