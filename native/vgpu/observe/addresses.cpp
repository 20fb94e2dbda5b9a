#include "addresses.h"

#include "../semantics/buffer_address.h"

namespace soma::vgpu {

namespace {

uint64_t scalar(const Wave& wave, const Source& source, bool wide) {
    switch (source.kind) {
    case Source::Kind::Sgpr:
        return wide ? wave.read64(source.reg) : wave.sgpr[source.reg];
    case Source::Kind::Constant:
        return source.value;
    default:
        return 0;
    }
}

void globalAddresses(const Wave& wave, const MicroOp& op, LaneAddresses& out) {
    const uint32_t* low = wave.vgpr + op.src[0].reg;
    const auto offset = static_cast<uint64_t>(op.imm);
    const bool based = op.src[2].kind != Source::Kind::None;
    const uint64_t base = scalar(wave, op.src[2], true) + offset;
    if (based) {
        for (unsigned lane = 0; lane < wave.lanes; ++lane) {
            out.at[lane] = base + low[lane];
        }
        return;
    }
    const uint32_t* high = low + wave.lanes;
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        out.at[lane] = (uint64_t(high[lane]) << 32 | low[lane]) + offset;
    }
}

void bufferAddresses(const Wave& wave, const MicroOp& op, const OpFacts& facts, uint64_t lanes, LaneAddresses& out) {
    const BufferDescriptor buffer = bufferDescriptor(wave, op.src[2].reg, op.aux);
    const uint64_t scalarOffset = scalar(wave, op.src[3], false) & 0xffffffff;
    const uint32_t* rows = wave.vgpr + op.src[0].reg;
    const bool indexed = (op.aux & access::kIndexEnable) != 0;
    const bool offsets = (op.aux & access::kOffsetEnable) != 0;
    forEachLane(lanes, [&](unsigned lane) {
        const uint64_t index = indexed ? rows[lane] : 0;
        const uint64_t inner =
            (offsets ? rows[lane + (indexed ? wave.lanes : 0)] : 0) + static_cast<uint64_t>(op.imm);
        if (buffer.scratch) {
            out.at[lane] = static_cast<uint32_t>(inner + scalarOffset / wave.lanes);
            out.scratch |= uint64_t(1) << lane;
            return;
        }
        const BufferPlace place = bufferPlace(buffer, index, inner, scalarOffset, lane, facts.bytes);
        out.at[lane] = place.address;
        out.global |= uint64_t(place.inside) << lane;
    });
}

}  // namespace

void addressesOf(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned which, LaneAddresses& out) {
    const uint64_t lanes = wave.exec();
    out.global = out.lds = out.scratch = 0;
    const uint32_t* rows = wave.vgpr + op.src[0].reg;
    switch (op.space) {
    case Space::Global:
        out.global = lanes;
        globalAddresses(wave, op, out);
        return;
    case Space::Flat:
        globalAddresses(wave, op, out);
        forEachLane(lanes, [&](unsigned lane) {
            const uint64_t top = out.at[lane] >> 32;
            const bool shared = top == Device::kSharedBase >> 32;
            const bool own = top == Device::kPrivateBase >> 32;
            (shared ? out.lds : own ? out.scratch : out.global) |= uint64_t(1) << lane;
            out.at[lane] = shared || own ? out.at[lane] & 0xffffffff : out.at[lane];
        });
        return;
    case Space::Scratch: {
        out.scratch = lanes;
        const bool vector = op.src[0].kind == Source::Kind::Vgpr;
        const uint32_t base =
            static_cast<uint32_t>(op.imm) + static_cast<uint32_t>(scalar(wave, op.src[2], false));
        forEachLane(lanes, [&](unsigned lane) { out.at[lane] = base + (vector ? rows[lane] : 0); });
        return;
    }
    case Space::Lds: {
        out.lds = lanes;
        const int64_t offset = which == 0 ? op.imm : int64_t(op.aux);
        const auto base = static_cast<uint32_t>(offset * (facts.accesses == 2 ? facts.unit : 1));
        const uint64_t end = wave.group->ldsBytes;
        for (unsigned lane = 0; lane < wave.lanes; ++lane) {
            // The sum wraps where it would leave LDS.
            const uint64_t at = uint64_t(rows[lane]) + base;
            out.at[lane] = at + facts.bytes <= end ? at : static_cast<uint32_t>(at);
        }
        return;
    }
    case Space::Buffer:
        bufferAddresses(wave, op, facts, lanes, out);
        return;
    }
}

Extent extentOf(const LaneAddresses& addresses, uint64_t lanes, unsigned bytes) {
    if (lanes == 0) {
        return {};
    }
    const auto first = static_cast<unsigned>(std::countr_zero(lanes));
    const auto count = static_cast<unsigned>(std::popcount(lanes));
    const uint64_t* at = addresses.at.data() + first;
    if (lanes >> first == ~uint64_t(0) >> (64 - count)) {
        uint64_t other = 0;
        uint64_t next = at[0];
        for (unsigned lane = 0; lane < count; ++lane) {
            other |= at[lane] ^ next;
            next += bytes;
        }
        if (other == 0) {
            return {at[0], next, at[0] | (count > 1 ? bytes : 0), true};
        }
    }
    Extent extent{~uint64_t(0), 0, 0, false};
    forEachLane(lanes, [&](unsigned lane) {
        const uint64_t begin = addresses.at[lane];
        extent.begin = std::min(extent.begin, begin);
        extent.end = std::max(extent.end, begin);
        extent.bits |= begin;
    });
    // An address that wraps is no extent: what it is compared with must not contain it.
    extent.end = extent.end > ~uint64_t(0) - bytes ? ~uint64_t(0) : extent.end + bytes;
    return extent;
}

uint64_t distinctLanes(const LaneAddresses& addresses, uint64_t lanes) {
    constexpr unsigned kRow = 16;
    uint64_t same = 0;
    uint64_t sameRow = 0;
    const unsigned end = 64 - static_cast<unsigned>(std::countl_zero(lanes | 1));
    for (unsigned lane = 1; lane < end; ++lane) {
        same |= uint64_t(addresses.at[lane] == addresses.at[lane - 1]) << lane;
    }
    for (unsigned lane = kRow; lane < end; ++lane) {
        sameRow |= uint64_t(addresses.at[lane] == addresses.at[lane - kRow]) << lane;
    }
    return lanes & ~(same & lanes << 1) & ~(sameRow & lanes << kRow);
}

std::optional<Extent> denseExtentOf(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned which) {
    const uint64_t lanes = wave.exec();
    if (lanes == 0 || op.src[0].kind != Source::Kind::Vgpr || (op.space != Space::Global && op.space != Space::Lds)) {
        return std::nullopt;
    }
    const auto first = static_cast<unsigned>(std::countr_zero(lanes));
    const auto count = static_cast<unsigned>(std::popcount(lanes));
    if (lanes >> first != ~uint64_t(0) >> (64 - count)) {
        return std::nullopt;
    }
    const uint32_t* const row = wave.vgpr + op.src[0].reg + first;
    const bool wide = op.space == Space::Global && op.src[2].kind == Source::Kind::None;
    const uint32_t* const high = wide ? row + wave.lanes : nullptr;
    uint32_t other = 0;
    for (unsigned lane = 0; lane < count; ++lane) {
        other |= row[lane] ^ (row[0] + lane * facts.bytes);
    }
    for (unsigned lane = 0; wide && lane < count; ++lane) {
        other |= high[lane] ^ high[0];
    }
    const uint64_t bytes = uint64_t(count) * facts.bytes;
    // The rows' numbers must not wrap within them.
    if (other != 0 || row[0] + bytes > uint64_t(1) << 32) {
        return std::nullopt;
    }
    uint64_t begin = row[0];
    if (wide) {
        begin = (uint64_t(high[0]) << 32 | row[0]) + static_cast<uint64_t>(op.imm);
    } else if (op.space == Space::Lds) {
        const int64_t offset = which == 0 ? op.imm : int64_t(op.aux);
        begin += static_cast<uint32_t>(offset * (facts.accesses == 2 ? facts.unit : 1));
    } else {
        begin += static_cast<uint64_t>(op.imm) + scalar(wave, op.src[2], true);
    }
    // Where LDS ends, offsets wrap.
    if (op.space == Space::Lds && begin + bytes > uint64_t(1) << 32) {
        return std::nullopt;
    }
    return Extent{begin, begin + bytes, begin | (count > 1 ? facts.bytes : 0), true};
}

uint64_t scalarAddressOf(const Wave& wave, const MicroOp& op, const OpFacts& facts) {
    uint64_t address = wave.read64(op.src[0].reg) + static_cast<uint64_t>(op.imm);
    if (op.src[2].kind != Source::Kind::None) {
        address += scalar(wave, op.src[2], false) & 0xffffffff;
    }
    return facts.scalarBytes >= 4 ? address & ~uint64_t(3) : address;
}

}  // namespace soma::vgpu
