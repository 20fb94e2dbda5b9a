// The sanitizer's checks of memory: bounds, alignment, what was written, races.
#include "sanitizer.h"

#include "../format.h"

#include <algorithm>
#include <cstring>

namespace soma::vgpu {

namespace {

const char* verb(Touch touch) {
    return touch == Touch::Load ? "reads" : touch == Touch::Store ? "writes" : "updates";
}

/// Compilers widen scalar loads within a block of this size.
constexpr uint64_t kScalarBlock = 16;

/// Whether all bits of so many bytes (a power of two up to 4, or a multiple of 4) were written.
bool allWritten(const uint8_t* defined, unsigned bytes) {
    if (bytes < 4) {
        return defined[0] == 0xff && defined[bytes - 1] == 0xff;
    }
    uint32_t all = ~uint32_t(0);
    for (unsigned at = 0; at < bytes; at += 4) {
        uint32_t word = 0;
        std::memcpy(&word, defined + at, 4);
        all &= word;
    }
    return all == ~uint32_t(0);
}

}  // namespace

bool ThreadSanitizer::checkScalarLoad(const Step& step) {
    if (step.state.shadow.any(step.facts.registers.reads)) {
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
    if (!inside(cache_)) {
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
        cache_ = *allocation;
    }
    const uint8_t* defined = launch_.shadow().definedAt(address);
    for (unsigned word = 0; word < (bytes + 3) / 4 && step.op.dst.kind == Destination::Kind::Sgpr; ++word) {
        uint32_t bits = ~uint32_t(0);
        const uint64_t at = address + word * 4;
        // What was read beyond the allocation's end is nobody's, and unused.
        if (defined != nullptr && at < cache_.base + cache_.size) {
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
    if (step.state.shadow.any(step.facts.registers.reads)) {
        checkAddress(step);
    }
    LaneAddresses addresses;
    uint64_t bad = 0;
    for (unsigned which = 0; which < step.facts.accesses; ++which) {
        addressesOf(step.wave, step.op, step.facts, which, addresses);
        const uint64_t out = outside(step, addresses);
        bad |= out;
        addresses.global &= ~out;
        addresses.lds &= ~out;
        addresses.scratch &= ~out;
        checkAlignment(step, addresses);
        checkRaces(step, addresses, which);
        checkValues(step, addresses, which);
    }
    if (bad != 0) {
        exec_ = step.wave.read64(sgpr::kExec);
        masked_ = true;
        step.wave.write64(sgpr::kExec, exec_ & ~bad);
    }
}

uint64_t ThreadSanitizer::outside(const Step& step, const LaneAddresses& addresses) {
    const uint64_t bytes = step.facts.bytes;
    const Workgroup& group = *step.wave.group;
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
        if (cache_.contains(address, bytes)) {
            return;
        }
        const Memory& memory = launch_.device().memory();
        const auto allocation = memory.find(address);
        if (allocation && allocation->contains(address, bytes)) {
            cache_ = *allocation;
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

void ThreadSanitizer::checkAlignment(const Step& step, const LaneAddresses& addresses) {
    // Wider accesses are made of words.
    if (!launch_.checksAlignment() && step.facts.touch != Touch::Atomic) {
        return;
    }
    const uint64_t unit = step.facts.touch == Touch::Atomic ? step.facts.bytes : std::min<uint64_t>(step.facts.bytes, 4);
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

void ThreadSanitizer::checkValues(const Step& step, const LaneAddresses& addresses, unsigned which) {
    switch (step.facts.touch) {
    case Touch::Load:
        load(step, addresses, which);
        return;
    case Touch::Store:
        store(step, addresses, which);
        return;
    case Touch::Atomic:
        update(step, addresses);
        return;
    case Touch::None:
        return;
    }
}

void ThreadSanitizer::load(const Step& step, const LaneAddresses& addresses, unsigned which) {
    const OpFacts& facts = step.facts;
    RegisterShadow& shadow = step.state.shadow;
    if (step.op.dst.kind != Destination::Kind::Vgpr) {
        return;
    }
    const unsigned words = std::max(1u, facts.bytes / 4u);
    const unsigned first = step.op.dst.reg / step.wave.lanes + which * words;
    uint64_t undefined = 0;
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        const uint8_t* defined = definedAt(step, addresses, lane);
        undefined |= uint64_t(defined != nullptr && !allWritten(defined, facts.bytes)) << lane;
    });
    if (undefined == 0) {
        for (unsigned word = 0; word < words && !facts.half; ++word) {
            shadow.define(first + word, addresses.lanes());
        }
        return;
    }
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
}

void ThreadSanitizer::store(const Step& step, const LaneAddresses& addresses, unsigned which) {
    const OpFacts& facts = step.facts;
    const RegisterShadow& shadow = step.state.shadow;
    const unsigned words = std::max(1u, facts.bytes / 4u);
    const Source& data = step.op.src[which == 0 ? 1 : 3];
    const unsigned first = data.reg / step.wave.lanes;
    const RegisterRange range{static_cast<uint16_t>(first), static_cast<uint16_t>(words)};
    const bool clean = !shadow.any({&range, 1});
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        uint8_t* defined = definedAt(step, addresses, lane);
        if (defined == nullptr) {
            return;
        }
        if (clean) {
            std::memset(defined, 0xff, facts.bytes);
            return;
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

void ThreadSanitizer::update(const Step& step, const LaneAddresses& addresses) {
    forEachLane(addresses.lanes(), [&](unsigned lane) {
        uint8_t* defined = definedAt(step, addresses, lane);
        if (defined == nullptr) {
            return;
        }
        if (!step.facts.exchanges && !allWritten(defined, step.facts.bytes)) {
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
        std::memset(defined, 0xff, step.facts.bytes);
    });
    for (const RegisterRange& range : step.facts.registers.writes) {
        for (unsigned i = 0; range.vector() && i < range.count; ++i) {
            step.state.shadow.define(range.first + i, addresses.lanes());
        }
    }
}

}  // namespace soma::vgpu
