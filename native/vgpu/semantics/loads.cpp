// Vector loads from global, flat, scratch, buffer and LDS memory.
// Source: RDNA3 ISA, "FLAT, Scratch and Global Format Instructions", "LDS & GDS Instructions".

#include "memory.h"

#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// Words of 32 bits, as they lie in memory.
template <unsigned Words>
struct LoadWords {
    static constexpr unsigned kBytes = Words * 4;
    static void apply(const Wave& wave, uint32_t* target, uint32_t exec, const LanePointers& pointers) {
        if constexpr (Words == 1) {
            if (pointers.contiguous != nullptr) {
                std::memcpy(target, pointers.contiguous, kPart * sizeof(uint32_t));
                return;
            }
        }
        forLanes(exec, [&](unsigned lane) {
            for (unsigned word = 0; word < Words; ++word) {
                target[word * wave.lanes + lane] = readMemory<uint32_t>(pointers.lane[lane] + word * 4);
            }
        });
    }
};

/// A byte or short, extended to 32 bits.
template <class T>
struct LoadSmall {
    static constexpr unsigned kBytes = sizeof(T);
    static void apply(const Wave&, uint32_t* target, uint32_t exec, const LanePointers& pointers) {
        forLanes(exec, [&](unsigned lane) {
            target[lane] = static_cast<uint32_t>(static_cast<int32_t>(readMemory<T>(pointers.lane[lane])));
        });
    }
};

/// A byte or short into one half of the register; the other half stays.
template <class T, bool High>
struct LoadHalf {
    static constexpr unsigned kBytes = sizeof(T);
    static void apply(const Wave&, uint32_t* target, uint32_t exec, const LanePointers& pointers) {
        forLanes(exec, [&](unsigned lane) {
            const auto value = static_cast<uint16_t>(static_cast<int16_t>(readMemory<T>(pointers.lane[lane])));
            target[lane] = High ? (target[lane] & 0xffff) | uint32_t(value) << 16 : (target[lane] & 0xffff0000) | value;
        });
    }
};

template <Space S, class Load>
void runLoad(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        if (!resolve<S>(wave, op, half, Load::kBytes, AccessKind::Load, pointers)) {
            return;
        }
        Load::apply(wave, wave.vgpr + op.dst.reg + half * kPart, exec, pointers);
    }
}

/// Two LDS addresses, in units of the element (times 64).
template <unsigned Words, unsigned Unit>
void runLoadTwo(Wave& wave, const MicroOp& op) {
    using Load = LoadWords<Words>;
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers first;
        LanePointers second;
        if (exec == 0) {
            continue;
        }
        if (!resolveLds(wave, op, half, Load::kBytes, AccessKind::Load, op.imm * Unit, first) ||
            !resolveLds(wave, op, half, Load::kBytes, AccessKind::Load, int64_t(op.aux) * Unit, second)) {
            return;
        }
        // The address may be one of the destinations: all lanes' pointers are there before the first result is.
        uint32_t* target = wave.vgpr + op.dst.reg + half * kPart;
        Load::apply(wave, target, exec, first);
        Load::apply(wave, target + Words * wave.lanes, exec, second);
    }
}

template <Space S, class Load>
Semantics load(uint32_t flags = 0) {
    const Bind bind = S == Space::Lds ? bindLds : S == Space::Buffer ? bindBuffer : bindGlobal;
    return Semantics{runLoad<S, Load>, bind, classOf(S, InstructionClass::VectorLoad), {}, nullptr,
                     access::kLoad | flags};
}

template <Space S>
void addSpace(Table& table, const std::string& prefix) {
    const uint32_t flags = S == Space::Flat ? access::kFlat : 0;
    table.add(prefix + "_load_u8", load<S, LoadSmall<uint8_t>>(flags));
    table.add(prefix + "_load_i8", load<S, LoadSmall<int8_t>>(flags));
    table.add(prefix + "_load_u16", load<S, LoadSmall<uint16_t>>(flags));
    table.add(prefix + "_load_i16", load<S, LoadSmall<int16_t>>(flags));
    table.add(prefix + "_load_b32", load<S, LoadWords<1>>(flags));
    table.add(prefix + "_load_b64", load<S, LoadWords<2>>(flags));
    table.add(prefix + "_load_b96", load<S, LoadWords<3>>(flags));
    table.add(prefix + "_load_b128", load<S, LoadWords<4>>(flags));
    table.add({prefix + "_load_d16_u8", prefix + "_load_u8_d16"}, load<S, LoadHalf<uint8_t, false>>(flags));
    table.add({prefix + "_load_d16_i8", prefix + "_load_i8_d16"}, load<S, LoadHalf<int8_t, false>>(flags));
    table.add({prefix + "_load_d16_b16", prefix + "_load_u16_d16"}, load<S, LoadHalf<uint16_t, false>>(flags));
    table.add({prefix + "_load_d16_hi_u8", prefix + "_load_u8_d16_hi"}, load<S, LoadHalf<uint8_t, true>>(flags));
    table.add({prefix + "_load_d16_hi_i8", prefix + "_load_i8_d16_hi"}, load<S, LoadHalf<int8_t, true>>(flags));
    table.add({prefix + "_load_d16_hi_b16", prefix + "_load_u16_d16_hi"}, load<S, LoadHalf<uint16_t, true>>(flags));
}

template <unsigned Words, unsigned Unit>
Semantics loadTwo() {
    return Semantics{runLoadTwo<Words, Unit>, bindLds, InstructionClass::Lds, {}, nullptr,
                     access::kLoad | access::kTwo};
}

}  // namespace

void addMemoryLoads(Table& table) {
    addSpace<Space::Global>(table, "global");
    addSpace<Space::Flat>(table, "flat");
    addSpace<Space::Scratch>(table, "scratch");
    addSpace<Space::Buffer>(table, "buffer");
    addSpace<Space::Lds>(table, "ds");
    table.add("ds_load_2addr_b32", loadTwo<1, 4>());
    table.add("ds_load_2addr_b64", loadTwo<2, 8>());
    table.add("ds_load_2addr_stride64_b32", loadTwo<1, 256>());
    table.add("ds_load_2addr_stride64_b64", loadTwo<2, 512>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
