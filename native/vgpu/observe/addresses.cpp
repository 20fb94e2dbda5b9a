#include "addresses.h"

#include "../semantics/access.h"

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

void globalAddresses(const Wave& wave, const MicroOp& op, uint64_t lanes, LaneAddresses& out) {
    const uint32_t* low = wave.vgpr + op.src[0].reg;
    const auto offset = static_cast<uint64_t>(op.imm);
    const bool based = op.src[2].kind != Source::Kind::None;
    const uint64_t base = scalar(wave, op.src[2], true) + offset;
    forEachLane(lanes, [&](unsigned lane) {
        out.at[lane] =
            based ? base + low[lane] : (uint64_t(low[wave.lanes + lane]) << 32 | low[lane]) + offset;
    });
}

void bufferAddresses(const Wave& wave, const MicroOp& op, const OpFacts& facts, uint64_t lanes, LaneAddresses& out) {
    const unsigned descriptor = op.src[2].reg;
    const uint64_t base = wave.read64(descriptor) & 0xffffffffffff;
    const uint64_t stride = wave.sgpr[descriptor + 1] >> 16 & 0x3fff;
    const uint64_t records = wave.sgpr[descriptor + 2];
    const uint64_t offset = scalar(wave, op.src[3], false) & 0xffffffff;
    const uint32_t* rows = wave.vgpr + op.src[0].reg;
    const bool indexed = (op.aux & access::kIndexEnable) != 0;
    const bool offsets = (op.aux & access::kOffsetEnable) != 0;
    const bool scratch = base == (Device::kPrivateBase & 0xffffffffffff) && records == 0xffffffff;
    forEachLane(lanes, [&](unsigned lane) {
        const uint64_t index = indexed ? rows[lane] : 0;
        const uint64_t inner =
            (offsets ? rows[lane + (indexed ? wave.lanes : 0)] : 0) + static_cast<uint64_t>(op.imm);
        if (scratch) {
            out.at[lane] = static_cast<uint32_t>(inner + offset / wave.lanes);
            out.scratch |= uint64_t(1) << lane;
            return;
        }
        const bool outside = stride != 0 && indexed ? index >= records || inner + facts.bytes > stride
                                                    : inner + index * stride + facts.bytes > records;
        out.at[lane] = base + offset + inner + index * stride;
        out.global |= uint64_t(!outside) << lane;
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
        globalAddresses(wave, op, lanes, out);
        return;
    case Space::Flat:
        globalAddresses(wave, op, lanes, out);
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
        forEachLane(lanes, [&](unsigned lane) {
            // The sum wraps where it would leave LDS.
            const uint64_t at = uint64_t(rows[lane]) + base;
            out.at[lane] = at + facts.bytes <= end ? at : static_cast<uint32_t>(at);
        });
        return;
    }
    case Space::Buffer:
        bufferAddresses(wave, op, facts, lanes, out);
        return;
    }
}

uint64_t scalarAddressOf(const Wave& wave, const MicroOp& op, const OpFacts& facts) {
    uint64_t address = wave.read64(op.src[0].reg) + static_cast<uint64_t>(op.imm);
    if (op.src[2].kind != Source::Kind::None) {
        address += scalar(wave, op.src[2], false) & 0xffffffff;
    }
    return facts.scalarBytes >= 4 ? address & ~uint64_t(3) : address;
}

}  // namespace soma::vgpu
