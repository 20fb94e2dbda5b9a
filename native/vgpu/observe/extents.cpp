#include "extents.h"

#include "../semantics/growth.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// Whether words grow by `step` from lane to lane.
bool allGrowBy(const uint32_t* row, unsigned lanes, uint32_t step) {
    unsigned whole = 0;
    bool grows = true;
    for (; whole + kPart <= lanes; whole += kPart) {
        grows &= growsBy(row + whole, step) && row[whole] == row[0] + whole * step;
    }
    for (; whole < lanes; ++whole) {
        grows &= row[whole] == row[0] + whole * step;
    }
    return grows;
}

}  // namespace

Extent extentOf(const LaneAddresses& addresses, uint64_t lanes, unsigned bytes) {
    if (lanes == 0) {
        return {};
    }
    const auto first = static_cast<unsigned>(std::countr_zero(lanes));
    const auto count = static_cast<unsigned>(std::popcount(lanes));
    const uint64_t* at = addresses.at.data() + first;
    const bool consecutive = lanes >> first == ~uint64_t(0) >> (64 - count);
    if (consecutive) {
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
    const auto add = [&](uint64_t begin) {
        extent.begin = std::min(extent.begin, begin);
        extent.end = std::max(extent.end, begin);
        extent.bits |= begin;
    };
    if (consecutive) {
        for (unsigned lane = 0; lane < count; ++lane) {
            add(at[lane]);
        }
    } else {
        forEachLane(lanes, [&](unsigned lane) { add(addresses.at[lane]); });
    }
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

bool denseExtentOf(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned which, Extent& out) {
    const uint64_t lanes = wave.exec();
    if (lanes == 0 || op.src[0].kind != Source::Kind::Vgpr || (op.space != Space::Global && op.space != Space::Lds)) {
        return false;
    }
    const auto first = static_cast<unsigned>(std::countr_zero(lanes));
    const auto count = static_cast<unsigned>(std::popcount(lanes));
    if (lanes >> first != ~uint64_t(0) >> (64 - count)) {
        return false;
    }
    const uint32_t* const row = wave.vgpr + op.src[0].reg + first;
    const bool wide = op.space == Space::Global && op.src[2].kind == Source::Kind::None;
    const uint32_t* const high = wide ? row + wave.lanes : nullptr;
    const uint64_t bytes = uint64_t(count) * facts.bytes;
    // The rows' numbers must not wrap within them.
    if (row[0] + bytes > uint64_t(1) << 32 || !allGrowBy(row, count, facts.bytes) || (wide && !allGrowBy(high, count, 0))) {
        return false;
    }
    uint64_t begin = row[0];
    if (wide) {
        begin = (uint64_t(high[0]) << 32 | row[0]) + static_cast<uint64_t>(op.imm);
    } else if (op.space == Space::Lds) {
        const int64_t offset = which == 0 ? op.imm : int64_t(op.aux);
        begin += static_cast<uint32_t>(offset * facts.unit);
    } else {
        begin += static_cast<uint64_t>(op.imm) + scalarOperand(wave, op.src[2], true);
    }
    // Where LDS ends, offsets wrap.
    if (op.space == Space::Lds && begin + bytes > uint64_t(1) << 32) {
        return false;
    }
    out.begin = begin;
    out.end = begin + bytes;
    out.bits = begin | (count > 1 ? facts.bytes : 0);
    out.dense = true;
    return true;
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
