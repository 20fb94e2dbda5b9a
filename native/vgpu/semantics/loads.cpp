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
        if (pointers.contiguous != nullptr) {
            loadContiguous<Words>(pointers.contiguous, target, wave.lanes);
            return;
        }
        if constexpr (Words == 4) {
            if (exec == ~uint32_t(0)) {
                loadQuads([&](unsigned lane) { return pointers.lane[lane]; }, target, wave.lanes);
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
        if (pointers.contiguous != nullptr) {
            SOMA_LANES
            for (unsigned lane = 0; lane < kPart; ++lane) {
                const T value = readMemory<T>(pointers.contiguous + lane * sizeof(T));
                target[lane] = static_cast<uint32_t>(static_cast<int32_t>(value));
            }
            return;
        }
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
            const std::byte* from =
                pointers.contiguous != nullptr ? pointers.contiguous + lane * sizeof(T) : pointers.lane[lane];
            const auto value = static_cast<uint16_t>(static_cast<int16_t>(readMemory<T>(from)));
            target[lane] = High ? (target[lane] & 0xffff) | uint32_t(value) << 16 : (target[lane] & 0xffff0000) | value;
        });
    }
};

template <class Load>
void runLoad(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        pointers.contiguous = rangeInCache<Load::kBytes>(wave, op, half, wave.group->last.loaded);
        if (pointers.contiguous == nullptr &&
            !resolve(wave, op, half, Load::kBytes, AccessKind::Load, pointers)) {
            return;
        }
        if (pointers.contiguous != nullptr && op.space != Space::Lds) {
            streamed<Load::kBytes * kPart, false>(wave, pointers.contiguous);
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

void addSpace(Table& table, Space space, const std::string& prefix) {
    const auto add = [&](std::initializer_list<const char*> names, Handler run) {
        for (const char* name : names) {
            table.add(prefix + name, memoryInstruction(run, space, InstructionClass::VectorLoad, access::kLoad));
        }
    };
    add({"_load_u8"}, runLoad<LoadSmall<uint8_t>>);
    add({"_load_i8"}, runLoad<LoadSmall<int8_t>>);
    add({"_load_u16"}, runLoad<LoadSmall<uint16_t>>);
    add({"_load_i16"}, runLoad<LoadSmall<int16_t>>);
    add({"_load_b32"}, runLoad<LoadWords<1>>);
    add({"_load_b64"}, runLoad<LoadWords<2>>);
    add({"_load_b96"}, runLoad<LoadWords<3>>);
    add({"_load_b128"}, runLoad<LoadWords<4>>);
    // LDS names the size first.
    add({"_load_d16_u8", "_load_u8_d16"}, runLoad<LoadHalf<uint8_t, false>>);
    add({"_load_d16_i8", "_load_i8_d16"}, runLoad<LoadHalf<int8_t, false>>);
    add({"_load_d16_b16", "_load_u16_d16"}, runLoad<LoadHalf<uint16_t, false>>);
    add({"_load_d16_hi_u8", "_load_u8_d16_hi"}, runLoad<LoadHalf<uint8_t, true>>);
    add({"_load_d16_hi_i8", "_load_i8_d16_hi"}, runLoad<LoadHalf<int8_t, true>>);
    add({"_load_d16_hi_b16", "_load_u16_d16_hi"}, runLoad<LoadHalf<uint16_t, true>>);
}

template <unsigned Words, unsigned Unit>
Semantics loadTwo() {
    return memoryInstruction(runLoadTwo<Words, Unit>, Space::Lds, InstructionClass::Lds, access::kLoad | access::kTwo);
}

}  // namespace

void addMemoryLoads(Table& table) {
    for (const SpaceName& name : kSpaces) {
        addSpace(table, name.space, name.prefix);
    }
    table.add("ds_load_2addr_b32", loadTwo<1, 4>());
    table.add("ds_load_2addr_b64", loadTwo<2, 8>());
    table.add("ds_load_2addr_stride64_b32", loadTwo<1, 256>());
    table.add("ds_load_2addr_stride64_b64", loadTwo<2, 512>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
