// The sanitizer's checks of memory: bounds, alignment, what was written, races.
#include "thread_sanitizer.h"

#include "../format.h"

#include <algorithm>
#include <cstring>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

const char* verb(Touch touch) {
    return touch == Touch::Load ? "reads" : touch == Touch::Store ? "writes" : "updates";
}

/// Compilers widen scalar loads within a block of this size.
constexpr uint64_t kScalarBlock = 16;

bool isSet(const uint8_t* bits, uint64_t bytes) {
    uint64_t all = ~uint64_t(0);
    uint64_t at = 0;
    for (; at + 8 <= bytes; at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, bits + at, 8);
        all &= word;
    }
    for (; at < bytes; ++at) {
        all &= ~uint64_t(0xff) | bits[at];
    }
    return all == ~uint64_t(0);
}

/// As many bytes as a power of two up to 4, or words.
void setBits(uint8_t* bits, unsigned bytes) {
    switch (bytes) {
    case 1:
        *bits = 0xff;
        return;
    case 2:
        std::memset(bits, 0xff, 2);
        return;
    default:
        for (unsigned at = 0; at < bytes; at += 4) {
            std::memset(bits + at, 0xff, 4);
        }
    }
}

}  // namespace

bool ThreadSanitizer::checkScalarLoad(const Step& step) {
    if (step.undefined && step.state.shadow.any(step.facts.registers.reads)) {
        reportUndefined(step, "an address", -1, step.facts.registers.reads);
    }
    // Buffer loads leave out what lies behind their descriptor's end.
    if (step.facts.mnemonic.find("buffer") != std::string::npos) {
        return true;
    }
    const uint64_t address = scalarAddressOf(step.wave, step.op, step.facts);
    const uint64_t bytes = step.facts.scalarBytes;
    const Memory& memory = launch_.device().memory();
    const auto inside = [&](const Allocation& allocation) {
        return address >= allocation.base && address < allocation.base + allocation.size &&
               address + bytes <= (allocation.base + allocation.size + kScalarBlock - 1) / kScalarBlock * kScalarBlock;
    };
    if (!inside(last_.scalar)) {
        const auto allocation = memory.find(address);
        if (!allocation || !inside(*allocation)) {
            const std::string where = memory.describe(address);
            const bool freed = where.ends_with("freed");
            const char* kind = freed ? "use-after-free" : "out-of-bounds";
            launch_.findFault(kind, step.index, *step.wave.group, [&] {
                return LaunchSanitizer::Finding{.kind = kind,
                                                .operation = step.index,
                                                .what = format("it reads {0} bytes at {1:x}", bytes, address),
                                                .wave = step.wave.index,
                                                .address = address,
                                                .allocation = where,
                                                .fault = FaultKind::MemoryAccess};
            });
            for (unsigned word = 0; word < (bytes + 3) / 4 && step.op.dst.kind == Destination::Kind::Sgpr; ++word) {
                step.wave.sgpr[step.op.dst.reg + word] = 0;
            }
            return false;
        }
        last_.scalar = *allocation;
    }
    const uint8_t* defined = launch_.shadow().definedAt(address);
    for (unsigned word = 0; word < (bytes + 3) / 4 && step.op.dst.kind == Destination::Kind::Sgpr; ++word) {
        uint32_t bits = ~uint32_t(0);
        const uint64_t at = address + word * 4;
        // What was read beyond the allocation's end is nobody's, and unused.
        if (defined != nullptr && at < last_.scalar.base + last_.scalar.size) {
            std::memcpy(&bits, defined + word * 4, std::min<uint64_t>(bytes - word * 4, 4));
        }
        step.state.shadow.setScalar(step.op.dst.reg + word, ~bits, step.index);
    }
    return true;
}

void ThreadSanitizer::checkAddress(const Step& step) {
    const RegisterShadow& shadow = step.state.shadow;
    const auto& wave = step.wave;
    for (const unsigned at : {2u, 3u}) {
        const Source& source = step.op.src[at];
        const unsigned words = at == 2 ? (step.op.space == Space::Buffer ? 4 : 2) : 1;
        for (unsigned word = 0; source.kind == Source::Kind::Sgpr && word < words; ++word) {
            if (source.reg + word < sgpr::kCount && shadow.scalar(source.reg + word) != 0) {
                reportUndefined(step, "an address", -1, step.facts.registers.reads);
                return;
            }
        }
    }
    const Source& source = step.op.src[0];
    if (source.kind != Source::Kind::Vgpr) {
        return;
    }
    const bool wide =
        (step.op.space == Space::Global || step.op.space == Space::Flat) && step.op.src[2].kind == Source::Kind::None;
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        const unsigned reg = source.reg / wave.lanes;
        if ((wave.exec() >> lane & 1) != 0 &&
            (shadow.vector(reg, lane) != 0 || (wide && shadow.vector(reg + 1, lane) != 0))) {
            reportUndefined(step, "an address", static_cast<int>(lane), step.facts.registers.reads);
            return;
        }
    }
}

void ThreadSanitizer::checkMemory(const Step& step) {
    if (step.facts.joined) {
        checkMemory({step.wave, step.state, step.op, *step.facts.joined, step.index, step.undefined});
        return;
    }
    if (step.undefined) {
        checkAddress(step);
    }
    LaneAccess access;
    uint64_t bad = 0;
    for (unsigned which = 0; which < step.facts.accesses; ++which) {
        access.which = which;
        access.locate(step);
        KnownRange& known = step.state.known[(step.index + which) % step.state.known.size()];
        const bool dense = access.lds.dense && !step.undefined;
        if (dense && underWay_ == 0 && known == rangeOf(step, access)) {
            continue;
        }
        if (const uint64_t out = outside(step, access); out != 0) {
            bad |= out;
            access.leaveOut(out, step.facts.bytes);
        }
        checkAlignment(step, access);
        if (underWay_ != 0 && access.addresses.lds != 0) {
            checkArrivals(step, access);
        }
        checkRaces(step, access);
        if (checkValues(step, access) && dense && bad == 0) {
            known = rangeOf(step, access);
        }
    }
    if (step.facts.toLds) {
        bad |= loadToLds(step, access, step.wave.exec() & ~bad);
    }
    if (bad != 0) {
        exec_ = step.wave.read64(sgpr::kExec);
        masked_ = true;
        step.wave.write64(sgpr::kExec, exec_ & ~bad);
    }
}

ThreadSanitizer::KnownRange ThreadSanitizer::rangeOf(const Step& step, const LaneAccess& access) const {
    return {step.index, access.which, access.lds.begin, access.lds.end, clocks_.epoch(step.wave.index), ldsChanges_};
}

void ThreadSanitizer::LaneAccess::locate(const Step& step) {
    computed = false;
    // What is stored word by word must not be copied as a whole soon: that waits for the stores.
    const bool inLds = step.op.space == Space::Lds;
    if (denseExtentOf(step.wave, step.op, step.facts, which, inLds ? lds : global)) {
        const uint64_t lanes = step.wave.exec();
        (inLds ? global : lds).clear();
        scratch.clear();
        addresses.global = distinctGlobal = inLds ? 0 : lanes;
        addresses.lds = distinctLds = inLds ? lanes : 0;
        addresses.scratch = 0;
        return;
    }
    each(step);
    leaveOut(0, step.facts.bytes);
}

void ThreadSanitizer::LaneAccess::leaveOut(uint64_t lanes, unsigned bytes) {
    addresses.global &= ~lanes;
    addresses.lds &= ~lanes;
    addresses.scratch &= ~lanes;
    global = extentOf(addresses, addresses.global, bytes);
    lds = extentOf(addresses, addresses.lds, bytes);
    scratch = extentOf(addresses, addresses.scratch, bytes);
    distinctGlobal = global.dense ? addresses.global : distinctLanes(addresses, addresses.global);
    distinctLds = lds.dense ? addresses.lds : distinctLanes(addresses, addresses.lds);
}

const LaneAddresses& ThreadSanitizer::LaneAccess::each(const Step& step) {
    if (!computed) {
        addressesOf(step.wave, step.op, step.facts, which, addresses);
        computed = true;
    }
    return addresses;
}

uint64_t ThreadSanitizer::outside(const Step& step, LaneAccess& access) {
    const uint64_t bytes = step.facts.bytes;
    const Workgroup& group = *step.wave.group;
    Allocation& last = step.facts.touch == Touch::Load ? last_.loaded : last_.stored;
    const bool allInside = (access.addresses.global == 0 ||
                            last.contains(access.global.begin, access.global.end - access.global.begin)) &&
                           access.lds.end <= group.ldsBytes && access.scratch.end <= step.wave.scratchBytes;
    if (allInside) {
        return 0;
    }
    const LaneAddresses& addresses = access.each(step);
    uint64_t bad = 0;
    const auto report = [&](const char* kind, FaultKind fault, unsigned lane, const char* unit, std::string where) {
        bad |= uint64_t(1) << lane;
        launch_.findFault(kind, step.index, group, [&] {
            return LaunchSanitizer::Finding{
                .kind = kind,
                .operation = step.index,
                .what = format("it {0} {1} bytes at {2}{3:x}", verb(step.facts.touch), bytes, unit, addresses.at[lane]),
                .wave = step.wave.index,
                .lane = static_cast<int>(lane),
                .address = addresses.at[lane],
                .allocation = std::move(where),
                .fault = fault};
        });
    };
    forEachLane(addresses.global, [&](unsigned lane) {
        const uint64_t address = addresses.at[lane];
        if (last.contains(address, bytes)) {
            return;
        }
        const Memory& memory = launch_.device().memory();
        const auto allocation = memory.find(address);
        if (allocation && allocation->contains(address, bytes)) {
            last = *allocation;
            return;
        }
        const bool within = allocation && allocation->contains(address, 1);
        std::string where = memory.describe(within ? allocation->base + allocation->size : address);
        const char* kind = where.ends_with("freed") ? "use-after-free" : "out-of-bounds";
        report(kind, FaultKind::MemoryAccess, lane, "", std::move(where));
    });
    forEachLane(addresses.lds, [&](unsigned lane) {
        if (addresses.at[lane] + bytes > group.ldsBytes) {
            report("out-of-bounds", FaultKind::LdsAccess, lane, "LDS offset ",
                   format("LDS, of which the workgroup has {0} bytes", group.ldsBytes));
        }
    });
    forEachLane(addresses.scratch, [&](unsigned lane) {
        if (addresses.at[lane] + bytes > step.wave.scratchBytes) {
            report("out-of-bounds", FaultKind::ScratchAccess, lane, "private offset ",
                   format("private memory, of which a work-item has {0} bytes", step.wave.scratchBytes));
        }
    });
    return bad;
}

void ThreadSanitizer::checkAlignment(const Step& step, LaneAccess& access) {
    // Wider accesses are made of words.
    if (!launch_.checksAlignment() && step.facts.touch != Touch::Atomic) {
        return;
    }
    const uint64_t unit = step.facts.touch == Touch::Atomic ? step.facts.bytes : std::min<uint64_t>(step.facts.bytes, 4);
    if (((access.global.bits | access.lds.bits | access.scratch.bits) & (unit - 1)) == 0) {
        return;
    }
    const LaneAddresses& addresses = access.each(step);
    uint64_t wrong = 0;
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        wrong |= uint64_t((addresses.at[lane] & (unit - 1)) != 0) << lane;
    });
    if (wrong == 0) {
        return;
    }
    const auto lane = static_cast<unsigned>(std::countr_zero(wrong));
    const uint64_t address = addresses.at[lane];
    launch_.find("misaligned", step.index, *step.wave.group, [&] {
        const bool global = (addresses.global >> lane & 1) != 0;
        return LaunchSanitizer::Finding{
            .kind = "misaligned",
            .operation = step.index,
            .what = format("it {0} {1} bytes at {2:x}, which is no multiple of {3}", verb(step.facts.touch),
                           step.facts.bytes, address, unit),
            .wave = step.wave.index,
            .lane = static_cast<int>(lane),
            .address = address,
            .allocation = global ? launch_.device().memory().describe(address) : std::string{}};
    });
}

uint8_t* ThreadSanitizer::definedAt(const Step& step, const LaneAddresses& addresses, unsigned lane) {
    if ((addresses.global >> lane & 1) != 0) {
        return launch_.shadow().definedAt(addresses.at[lane]);
    }
    return (addresses.lds >> lane & 1) != 0
               ? ldsDefined_.data() + addresses.at[lane]
               : step.state.scratchDefined.data() + lane * step.wave.scratchBytes + addresses.at[lane];
}

uint8_t* ThreadSanitizer::computedAt(const Step& step, const LaneAddresses& addresses, unsigned lane) {
    if ((addresses.global >> lane & 1) != 0) {
        return nullptr;
    }
    return (addresses.lds >> lane & 1) != 0
               ? ldsComputed_.data() + addresses.at[lane]
               : step.state.scratchComputed.data() + lane * step.wave.scratchBytes + addresses.at[lane];
}

bool ThreadSanitizer::checkValues(const Step& step, LaneAccess& access) {
    switch (step.facts.touch) {
    case Touch::Load:
        return load(step, access);
    case Touch::Store:
        store(step, access);
        return true;
    case Touch::Atomic:
        update(step, access);
        return true;
    case Touch::None:
        return true;
    }
    return true;
}

bool ThreadSanitizer::allWritten(const Step& step, const LaneAccess& access) {
    const LaneAddresses& addresses = access.addresses;
    const DeviceShadow& shadow = launch_.shadow();
    const unsigned bytes = step.facts.bytes;
    bool all = true;
    if (access.lds.dense) {
        all = isSet(ldsDefined_.data() + access.lds.begin, access.lds.end - access.lds.begin);
    } else {
        forEachLane(access.distinctLds, [&](unsigned lane) { all &= isSet(ldsDefined_.data() + addresses.at[lane], bytes); });
    }
    const Extent& global = access.global;
    if (global.dense) {
        const uint64_t size = global.end - global.begin;
        const uint8_t* defined = shadow.definedAt(global.begin);
        all &= defined == nullptr || shadow.complete(global.begin, size) || isSet(defined, size);
    } else {
        forEachLane(access.distinctGlobal, [&](unsigned lane) {
            const uint64_t at = addresses.at[lane];
            const uint8_t* defined = shadow.definedAt(at);
            all &= defined == nullptr || shadow.complete(at, bytes) || isSet(defined, bytes);
        });
    }
    // Private memory of a lane lies apart from that of others.
    forEachLane(addresses.scratch, [&](unsigned lane) { all &= isSet(definedAt(step, addresses, lane), bytes); });
    return all;
}

bool ThreadSanitizer::load(const Step& step, LaneAccess& access) {
    const OpFacts& facts = step.facts;
    RegisterShadow& shadow = step.state.shadow;
    if (step.op.dst.kind != Destination::Kind::Vgpr) {
        return true;
    }
    const unsigned words = std::max(1u, facts.bytes / 4u);
    const unsigned first = step.op.dst.reg / step.wave.lanes + access.which * words;
    if (allWritten(step, access) && !(facts.half && step.undefined)) {
        for (unsigned word = 0; step.undefined && word < words; ++word) {
            shadow.define(first + word, access.addresses.lanes());
        }
        return true;
    }
    const LaneAddresses& addresses = access.each(step);
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        const uint8_t* defined = definedAt(step, addresses, lane);
        const uint8_t* computed = computedAt(step, addresses, lane);
        for (unsigned word = 0; word < words; ++word) {
            const unsigned bytes = std::min<unsigned>(facts.bytes, 4);
            uint32_t bits = ~uint32_t(0);
            if (defined != nullptr) {
                std::memcpy(&bits, defined + word * 4, bytes);
            }
            bits = ~bits;
            const unsigned width = bytes * 8;
            if (width < 32 && facts.signExtends && (bits >> (width - 1) & 1) != 0) {
                bits |= ~uint32_t(0) << width;
            }
            if (facts.half) {
                const unsigned shift = facts.upperHalf ? 16 : 0;
                bits = (shadow.vector(first, lane) & ~(0xffffu << shift)) | (bits & 0xffff) << shift;
            }
            const bool wasComputed = computed != nullptr && bits != 0 && computed[word * 4] != 0;
            shadow.setVector(first + word, lane, bits, wasComputed, step.index);
        }
    });
    return false;
}

void ThreadSanitizer::store(const Step& step, LaneAccess& access) {
    const OpFacts& facts = step.facts;
    const LaneAddresses& addresses = access.addresses;
    const unsigned words = std::max(1u, facts.bytes / 4u);
    const Source& data = step.op.src[access.which == 0 ? 1 : 3];
    const RegisterRange range{static_cast<uint16_t>(data.reg / step.wave.lanes), static_cast<uint16_t>(words)};
    if (step.undefined && step.state.shadow.any({&range, 1})) {
        storeUndefined(step, access, range);
        return;
    }
    if (access.lds.dense) {
        std::memset(ldsDefined_.data() + access.lds.begin, 0xff, access.lds.end - access.lds.begin);
    } else {
        forEachLane(addresses.lds, [&](unsigned lane) { setBits(ldsDefined_.data() + addresses.at[lane], facts.bytes); });
    }
    forEachLane(addresses.scratch, [&](unsigned lane) { setBits(definedAt(step, addresses, lane), facts.bytes); });
    const DeviceShadow& shadow = launch_.shadow();
    const Extent& global = access.global;
    if (global.dense) {
        uint8_t* const defined = shadow.definedAt(global.begin);
        if (defined != nullptr && !shadow.complete(global.begin, global.end - global.begin)) {
            std::memset(defined, 0xff, global.end - global.begin);
        }
        return;
    }
    forEachLane(addresses.global, [&](unsigned lane) {
        if (uint8_t* const defined = shadow.definedAt(addresses.at[lane])) {
            setBits(defined, facts.bytes);
        }
    });
}

void ThreadSanitizer::storeUndefined(const Step& step, LaneAccess& access, RegisterRange range) {
    const OpFacts& facts = step.facts;
    const LaneAddresses& addresses = access.each(step);
    const RegisterShadow& shadow = step.state.shadow;
    ldsChanges_ += addresses.lds != 0;
    const unsigned words = range.count;
    const unsigned first = range.first;
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        uint8_t* defined = definedAt(step, addresses, lane);
        if (defined == nullptr) {
            return;
        }
        if ((addresses.global >> lane & 1) != 0) {
            launch_.shadow().incomplete(addresses.at[lane], facts.bytes);
        }
        uint8_t* computed = computedAt(step, addresses, lane);
        for (unsigned word = 0; word < words; ++word) {
            const uint32_t bits = ~(shadow.vector(first + word, lane) >> (facts.upperHalf ? 16 : 0));
            const unsigned bytes = std::min<unsigned>(facts.bytes, 4);
            const uint32_t stored = bytes == 4 ? ~uint32_t(0) : (1u << bytes * 8) - 1;
            const bool wasComputed = (shadow.computed(first + word) >> lane & 1) != 0 && (~bits & stored) != 0;
            if (computed != nullptr) {
                std::memset(computed + word * 4, wasComputed ? 1 : 0, bytes);
                std::memcpy(defined + word * 4, &bits, bytes);
            } else if (wasComputed) {
                reportUndefined(step, "a result", static_cast<int>(lane), {&range, 1});
                // Said once: what is made of it later is no news.
                std::memset(defined + word * 4, 0xff, bytes);
            } else {
                std::memcpy(defined + word * 4, &bits, bytes);
            }
        }
    });
}

void ThreadSanitizer::update(const Step& step, LaneAccess& access) {
    const LaneAddresses& addresses = access.each(step);
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        uint8_t* defined = definedAt(step, addresses, lane);
        if (defined == nullptr) {
            return;
        }
        if (!step.facts.exchanges && !isSet(defined, step.facts.bytes)) {
            launch_.find("uninitialized", step.index, *step.wave.group, [&] {
                const bool global = (addresses.global >> lane & 1) != 0;
                return LaunchSanitizer::Finding{
                    .kind = "uninitialized",
                    .operation = step.index,
                    .what = format("it updates {0} bytes that nobody wrote", step.facts.bytes),
                    .wave = step.wave.index,
                    .lane = static_cast<int>(lane),
                    .address = addresses.at[lane],
                    .allocation = global ? launch_.device().memory().describe(addresses.at[lane])
                                         : format("LDS offset {0}", addresses.at[lane])};
            });
        }
        setBits(defined, step.facts.bytes);
    });
    for (const RegisterRange& range : step.facts.registers.writes) {
        for (unsigned i = 0; range.vector() && i < range.count; ++i) {
            step.state.shadow.define(range.first + i, addresses.lanes());
        }
    }
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
