#include "register_shadow.h"

#include <algorithm>

namespace soma::vgpu {

namespace {

/// Undefined bits as an operand's selection reads them.
uint64_t selected(uint64_t bits, Select select, bool signExtend) {
    const auto part = [&](unsigned shift, unsigned width) {
        uint64_t value = bits >> shift & ((uint64_t(1) << width) - 1);
        if (signExtend && (value >> (width - 1) & 1) != 0) {
            value |= ~((uint64_t(1) << width) - 1);
        }
        return value;
    };
    switch (select) {
    case Select::All:
        return bits;
    case Select::Byte0:
    case Select::Byte1:
    case Select::Byte2:
    case Select::Byte3:
        return part((static_cast<unsigned>(select) - static_cast<unsigned>(Select::Byte0)) * 8, 8);
    case Select::Word0:
        return part(0, 16);
    case Select::Word1:
        return part(16, 16);
    }
    return bits;
}

uint64_t scalarValue(const Wave& wave, const Source& source, unsigned lane) {
    switch (source.kind) {
    case Source::Kind::Vgpr:
        return uint64_t(wave.vgpr[source.reg + wave.lanes + lane]) << 32 | wave.vgpr[source.reg + lane];
    case Source::Kind::Sgpr:
        return source.reg + 1 < sgpr::kCount ? wave.read64(source.reg) : wave.sgpr[source.reg];
    default:
        return source.value;
    }
}

}  // namespace

uint32_t* RegisterShadow::row(unsigned reg) {
    uint32_t* const begin = rows_.data() + size_t(reg) * lanes_;
    if (!any_[reg]) {
        std::fill_n(begin, lanes_, 0u);
        computed_[reg] = 0;
    }
    return begin;
}

size_t RegisterShadow::origin(std::span<const RegisterRange> ranges) const {
    for (const RegisterRange& range : ranges) {
        for (unsigned i = 0; i < range.count; ++i) {
            if (any_[range.first + i]) {
                return origins_[range.first + i];
            }
        }
    }
    return 0;
}

void RegisterShadow::setVector(unsigned reg, unsigned lane, uint32_t bits, bool computed, size_t origin) {
    if (bits == 0 && !any_[reg]) {
        return;
    }
    row(reg)[lane] = bits;
    computed_[reg] = (computed_[reg] & ~(uint64_t(1) << lane)) | uint64_t(computed) << lane;
    if (bits != 0) {
        any_.set(reg, true);
        origins_[reg] = origin;
    }
}

void RegisterShadow::setScalar(unsigned reg, uint32_t bits, size_t origin) {
    if (reg >= sgpr::kCount) {
        return;
    }
    scalars_[reg] = bits;
    any_.set(registers::kScalar + reg, bits != 0);
    origins_[registers::kScalar + reg] = origin;
}

void RegisterShadow::setScc(bool undefined, size_t origin) {
    any_.set(registers::kScc, undefined);
    origins_[registers::kScc] = origin;
}

void RegisterShadow::define(unsigned reg, uint64_t lanes) {
    if (!any_[reg]) {
        return;
    }
    uint32_t* const begin = row(reg);
    forEachLane(lanes, [&](unsigned lane) { begin[lane] = 0; });
    computed_[reg] &= ~lanes;
    any_.set(reg, std::any_of(begin, begin + lanes_, [](uint32_t bits) { return bits != 0; }));
}

void RegisterShadow::defineAll(const Wave& wave, const OpFacts& facts) {
    for (const RegisterRange& range : facts.registers.writes) {
        for (unsigned i = 0; i < range.count; ++i) {
            if (range.vector()) {
                define(range.first + i, wave.exec());
            } else {
                any_.set(range.first + i, false);
            }
        }
    }
}

uint64_t RegisterShadow::sourceBits(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned source,
                                    unsigned lane) const {
    const Source& from = op.src[source];
    const ValueType type = facts.signature.source[source];
    unsigned at = lane;
    if (source == 0 && op.move != nullptr) {
        at = op.move->from[lane];
        if (at == LaneMove::kNone) {
            return 0;
        }
    }
    if (from.kind == Source::Kind::Scc) {
        return scc() ? ~uint64_t(0) : 0;
    }
    if (from.kind == Source::Kind::Sgpr) {
        const uint64_t low = scalar(from.reg);
        const uint64_t high = from.reg + 1 < sgpr::kCount ? uint64_t(scalar(from.reg + 1)) << 32 : 0;
        if (type == ValueType::Mask) {
            return ((wave.lanes == 64 ? high | low : low) >> lane & 1) != 0 ? ~uint64_t(0) : 0;
        }
        return selected(isWide(type) ? high | low : low, from.select, from.signExtend);
    }
    if (from.kind != Source::Kind::Vgpr) {
        return 0;
    }
    const unsigned reg = from.reg / lanes_;
    const uint64_t high = isWide(type) && reg + 1 < registers::kScalar ? uint64_t(vector(reg + 1, at)) << 32 : 0;
    return selected(high | vector(reg, at), from.select, from.signExtend);
}

uint64_t RegisterShadow::combine(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned lane) const {
    uint64_t bits = 0;
    for (unsigned i = 0; i < facts.signature.sources; ++i) {
        bits |= sourceBits(wave, op, facts, i, lane);
    }
    switch (facts.shadow.spread) {
    case Spread::Union:
        return bits;
    case Spread::Up:
        return bits | (uint64_t(0) - bits);
    case Spread::And:
    case Spread::Or: {
        if (!op.simple || bits == 0) {
            return bits;
        }
        // A source's written 0 (for or: 1) decides the bit, whatever the other is.
        const bool isOr = facts.shadow.spread == Spread::Or;
        const uint64_t first = sourceBits(wave, op, facts, 0, lane);
        const uint64_t second = sourceBits(wave, op, facts, 1, lane);
        const uint64_t a = scalarValue(wave, op.src[0], lane) ^ (isOr ? ~uint64_t(0) : 0);
        const uint64_t b = scalarValue(wave, op.src[1], lane) ^ (isOr != facts.shadow.invertSecond ? ~uint64_t(0) : 0);
        return bits & (a | first) & (b | second);
    }
    default:
        return bits == 0 ? 0 : ~uint64_t(0);
    }
}

bool RegisterShadow::move(Wave& wave, const MicroOp& op, const OpFacts& facts, size_t origin) {
    struct Saved {
        uint32_t* place;
        std::array<uint32_t, 64> values;
        unsigned count;
    };
    std::vector<Saved> saved;
    const auto save = [&](uint32_t* place, unsigned count) {
        Saved one{place, {}, count};
        std::copy_n(place, count, one.values.begin());
        saved.push_back(one);
    };
    MicroOp shadowed = op;
    const auto& signature = facts.signature;
    static constexpr std::array<uint32_t, 128> kZeros{};
    const auto isMoved = [&](unsigned i) { return (facts.shadow.moved >> i & 1) != 0; };
    // What chooses must be written, and be no register that is moved or the target: else the simple rule serves.
    for (unsigned i = 0; i < std::max<unsigned>(signature.sources, 1); ++i) {
        const Source& source = op.src[i];
        if (source.negate || source.absolute) {
            return false;
        }
        if (isMoved(i) || (source.kind != Source::Kind::Vgpr && source.kind != Source::Kind::Sgpr)) {
            continue;
        }
        for (unsigned k = 0; k < 4; ++k) {
            if (k != i && isMoved(k) && op.src[k].kind == source.kind && op.src[k].reg == source.reg) {
                return false;
            }
        }
        const bool vectorTarget = op.dst.kind == Destination::Kind::Vgpr;
        if ((source.kind == Source::Kind::Vgpr) == vectorTarget && source.reg == op.dst.reg) {
            return false;
        }
        for (unsigned lane = 0; lane < lanes_; ++lane) {
            if (sourceBits(wave, op, facts, i, lane) != 0) {
                return false;
            }
        }
    }
    // Everything is saved before anything is changed: registers may be named twice.
    std::vector<std::pair<uint32_t*, const uint32_t*>> rows;
    const auto exchange = [&](bool vector, unsigned reg, unsigned words) {
        for (unsigned word = 0; word < words; ++word) {
            if (vector) {
                const unsigned index = reg / lanes_ + word;
                save(wave.vgpr + reg + word * lanes_, lanes_);
                rows.emplace_back(wave.vgpr + reg + word * lanes_, index < registers::kScalar ? row(index) : kZeros.data());
            } else if (reg + word < sgpr::kCount) {
                scalars_[reg + word] = scalar(reg + word);
                save(&wave.sgpr[reg + word], 1);
                rows.emplace_back(&wave.sgpr[reg + word], &scalars_[reg + word]);
            }
        }
    };
    const unsigned width = isWide(signature.result) ? 2 : 1;
    for (unsigned i = 0; i < 4; ++i) {
        if (!isMoved(i)) {
            continue;
        }
        const Source& source = op.src[i];
        if (source.kind == Source::Kind::Vgpr || source.kind == Source::Kind::Sgpr) {
            exchange(source.kind == Source::Kind::Vgpr, source.reg, isWide(signature.source[i]) ? 2 : 1);
        } else {
            shadowed.src[i] = Source{};
            shadowed.src[i].kind = Source::Kind::Constant;
            shadowed.src[i].rows = kZeros.data();
        }
    }
    const bool toVector = op.dst.kind == Destination::Kind::Vgpr;
    const bool hasTarget = op.dst.kind != Destination::Kind::None;
    if (hasTarget) {
        exchange(toVector, op.dst.reg, width);
    }
    for (size_t i = 0; i < rows.size(); ++i) {
        std::copy_n(rows[i].second, saved[i].count, rows[i].first);
    }
    const uint64_t active = wave.activeLanes;
    const uint64_t counted = wave.vectorInstructions;
    const bool scc = wave.scc;
    op.run(wave, shadowed);
    wave.activeLanes = active;
    wave.vectorInstructions = counted;
    wave.scc = scc;
    std::array<std::array<uint32_t, 64>, 2> result{};
    for (unsigned word = 0; hasTarget && word < width; ++word) {
        if (toVector) {
            std::copy_n(wave.vgpr + op.dst.reg + word * lanes_, lanes_, result[word].begin());
        } else {
            result[word][0] = wave.sgpr[op.dst.reg + word];
        }
    }
    for (const Saved& one : saved) {
        std::copy_n(one.values.begin(), one.count, one.place);
    }
    // A copy of what was computed is still computed.
    uint64_t computed = 0;
    for (unsigned i = 0; i < 4; ++i) {
        if (isMoved(i) && op.src[i].kind == Source::Kind::Vgpr) {
            computed |= this->computed(op.src[i].reg / lanes_) != 0 ? ~uint64_t(0) : 0;
        }
    }
    uint32_t all = 0;
    for (unsigned word = 0; hasTarget && word < width; ++word) {
        if (toVector) {
            for (unsigned lane = 0; lane < lanes_; ++lane) {
                setVector(op.dst.reg / lanes_ + word, lane, result[word][lane],
                          result[word][lane] != 0 && (computed >> lane & 1) != 0, origin);
            }
        } else {
            setScalar(op.dst.reg + word, result[word][0], origin);
            all |= result[word][0];
        }
    }
    setScc(false, 0);
    const bool setsScc = std::any_of(facts.registers.writes.begin(), facts.registers.writes.end(),
                                     [](const RegisterRange& range) { return range.first == registers::kScc; });
    setScc(setsScc && all != 0, origin);
    return true;
}

void RegisterShadow::propagate(Wave& wave, const MicroOp& op, const OpFacts& facts) {
    if (any_.none()) {
        return;
    }
    const auto& use = facts.registers;
    if (!any(use.reads) || facts.shadow.spread == Spread::None) {
        if (any(use.writes)) {
            defineAll(wave, facts);
        }
        return;
    }
    const size_t from = origin(use.reads);
    if (facts.shadow.spread == Spread::Move && move(wave, op, facts, from)) {
        return;
    }
    const auto& signature = facts.signature;
    const bool toVector = op.dst.kind == Destination::Kind::Vgpr;
    const bool small = isSmall(signature.result) && op.dst.select != Select::All;
    const uint64_t lanes = facts.vector ? wave.exec() : 1;
    uint64_t mask = 0;
    uint64_t scalarResult = 0;
    const bool copies = facts.shadow.spread == Spread::Union || facts.shadow.spread == Spread::And ||
                        facts.shadow.spread == Spread::Or;
    forEachLane(lanes, [&](unsigned lane) {
        const uint64_t bits = combine(wave, op, facts, lane);
        mask |= uint64_t(bits != 0) << lane;
        scalarResult |= bits;
        if (!toVector || signature.result == ValueType::None) {
            return;
        }
        const unsigned reg = op.dst.reg / lanes_;
        if (reg >= registers::kScalar) {
            return;
        }
        if (small) {
            const unsigned shift = op.dst.select == Select::Word1 ? 16 : 0;
            const uint32_t kept = vector(reg, lane) & ~(0xffffu << shift);
            setVector(reg, lane, kept | static_cast<uint32_t>(bits & 0xffff) << shift, !copies && bits != 0, from);
            return;
        }
        setVector(reg, lane, static_cast<uint32_t>(bits), !copies && bits != 0, from);
        if (isWide(signature.result) && reg + 1 < registers::kScalar) {
            setVector(reg + 1, lane, static_cast<uint32_t>(bits >> 32), !copies && bits != 0, from);
        }
    });
    if (facts.vector) {
        // Masks of lanes: of comparisons, carries, and of v_div_scale.
        const Destination& target = signature.result == ValueType::None ? op.dst : op.dst2;
        if (signature.mask && target.kind == Destination::Kind::Sgpr) {
            setScalar(target.reg, static_cast<uint32_t>(mask), from);
            if (lanes_ == 64) {
                setScalar(target.reg + 1, static_cast<uint32_t>(mask >> 32), from);
            }
        }
        return;
    }
    if (op.dst.kind == Destination::Kind::Sgpr && signature.result != ValueType::None) {
        setScalar(op.dst.reg, static_cast<uint32_t>(scalarResult), from);
        if (isWide(signature.result)) {
            setScalar(op.dst.reg + 1, static_cast<uint32_t>(scalarResult >> 32), from);
        }
    }
    const bool setsScc = std::any_of(use.writes.begin(), use.writes.end(),
                                     [](const RegisterRange& range) { return range.first == registers::kScc; });
    if (setsScc) {
        setScc(scalarResult != 0, from);
    }
}

}  // namespace soma::vgpu
