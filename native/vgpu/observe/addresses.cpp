#include "addresses.h"

#include "../semantics/buffer_address.h"

namespace soma::vgpu {

namespace {

void globalAddresses(const Wave& wave, const MicroOp& op, LaneAddresses& out) {
    const uint32_t* low = wave.vgpr + op.src[0].reg;
    const auto offset = static_cast<uint64_t>(op.imm);
    const bool based = op.src[2].kind != Source::Kind::None;
    const uint64_t base = scalarOperand(wave, op.src[2], true) + offset;
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
    const uint64_t scalarOffset = scalarOperand(wave, op.src[3], false) & 0xffffffff;
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
            static_cast<uint32_t>(op.imm) + static_cast<uint32_t>(scalarOperand(wave, op.src[2], false));
        forEachLane(lanes, [&](unsigned lane) { out.at[lane] = base + (vector ? rows[lane] : 0); });
        return;
    }
    case Space::Lds: {
        out.lds = lanes;
        const int64_t offset = which == 0 ? op.imm : int64_t(op.aux);
        const auto base = static_cast<uint32_t>(offset * facts.unit);
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

uint64_t scalarAddressOf(const Wave& wave, const MicroOp& op, const OpFacts& facts) {
    uint64_t address = wave.read64(op.src[0].reg) + static_cast<uint64_t>(op.imm);
    if (op.src[2].kind != Source::Kind::None) {
        address += scalarOperand(wave, op.src[2], false) & 0xffffffff;
    }
    return facts.scalarBytes >= 4 ? address & ~uint64_t(3) : address;
}

}  // namespace soma::vgpu
