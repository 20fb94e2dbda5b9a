// Vector stores to global, flat, scratch, buffer and LDS memory.
// Source: RDNA3 ISA, "FLAT, Scratch and Global Format Instructions", "LDS & GDS Instructions".

#include "memory.h"

#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

template <unsigned Words>
struct StoreWords {
    static constexpr unsigned kBytes = Words * 4;
    static void apply(const Wave& wave, const uint32_t* data, uint32_t exec, const LanePointers& pointers) {
        if constexpr (Words == 1) {
            if (pointers.contiguous != nullptr) {
                std::memcpy(pointers.contiguous, data, kPart * sizeof(uint32_t));
                return;
            }
        }
        forLanes(exec, [&](unsigned lane) {
            for (unsigned word = 0; word < Words; ++word) {
                std::memcpy(pointers.lane[lane] + word * 4, &data[word * wave.lanes + lane], 4);
            }
        });
    }
};

/// The low bits of the register, from bit `Shift` on.
template <class T, unsigned Shift>
struct StorePart {
    static constexpr unsigned kBytes = sizeof(T);
    static void apply(const Wave&, const uint32_t* data, uint32_t exec, const LanePointers& pointers) {
        forLanes(exec, [&](unsigned lane) {
            const T value = static_cast<T>(data[lane] >> Shift);
            std::memcpy(pointers.lane[lane], &value, sizeof value);
        });
    }
};

template <Space S, class Store>
void runStore(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        if (!resolve<S>(wave, op, half, Store::kBytes, AccessKind::Store, pointers)) {
            return;
        }
        Store::apply(wave, wave.vgpr + op.src[1].reg + half * kPart, exec, pointers);
    }
}

template <unsigned Words, unsigned Unit>
void runStoreTwo(Wave& wave, const MicroOp& op) {
    using Store = StoreWords<Words>;
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers first;
        LanePointers second;
        if (exec == 0) {
            continue;
        }
        if (!resolveLds(wave, op, half, Store::kBytes, AccessKind::Store, op.imm * Unit, first) ||
            !resolveLds(wave, op, half, Store::kBytes, AccessKind::Store, int64_t(op.aux) * Unit, second)) {
            return;
        }
        Store::apply(wave, wave.vgpr + op.src[1].reg + half * kPart, exec, first);
        Store::apply(wave, wave.vgpr + op.src[3].reg + half * kPart, exec, second);
    }
}

template <Space S, class Store>
Semantics store() {
    const Bind bind = S == Space::Lds ? bindLds : S == Space::Buffer ? bindBuffer : bindGlobal;
    return Semantics{runStore<S, Store>, bind, classOf(S, InstructionClass::VectorStore), {}, nullptr,
                     access::kStore | (S == Space::Flat ? access::kFlat : 0)};
}

template <Space S>
void addSpace(Table& table, const std::string& prefix) {
    table.add(prefix + "_store_b8", store<S, StorePart<uint8_t, 0>>());
    table.add(prefix + "_store_b16", store<S, StorePart<uint16_t, 0>>());
    table.add({prefix + "_store_d16_hi_b8", prefix + "_store_b8_d16_hi"}, store<S, StorePart<uint8_t, 16>>());
    table.add({prefix + "_store_d16_hi_b16", prefix + "_store_b16_d16_hi"}, store<S, StorePart<uint16_t, 16>>());
    table.add(prefix + "_store_b32", store<S, StoreWords<1>>());
    table.add(prefix + "_store_b64", store<S, StoreWords<2>>());
    table.add(prefix + "_store_b96", store<S, StoreWords<3>>());
    table.add(prefix + "_store_b128", store<S, StoreWords<4>>());
}

template <unsigned Words, unsigned Unit>
Semantics storeTwo() {
    return Semantics{runStoreTwo<Words, Unit>, bindLds, InstructionClass::Lds, {}, nullptr,
                     access::kStore | access::kTwo | access::kData2};
}

}  // namespace

void addMemoryStores(Table& table) {
    addSpace<Space::Global>(table, "global");
    addSpace<Space::Flat>(table, "flat");
    addSpace<Space::Scratch>(table, "scratch");
    addSpace<Space::Buffer>(table, "buffer");
    addSpace<Space::Lds>(table, "ds");
    table.add("ds_store_2addr_b32", storeTwo<1, 4>());
    table.add("ds_store_2addr_b64", storeTwo<2, 8>());
    table.add("ds_store_2addr_stride64_b32", storeTwo<1, 256>());
    table.add("ds_store_2addr_stride64_b64", storeTwo<2, 512>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
