// Vector stores to global, flat, scratch, buffer and LDS memory.
// Source: RDNA3 ISA, "FLAT, Scratch and Global Format Instructions", "LDS & GDS Instructions".

#include "memory.h"

#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

template <unsigned Words>
struct StoreWords {
    static constexpr unsigned kBytes = Words * 4;
    /// What a wave stores to a place that the host's caches don't hold.
    static void streamTo(const Wave& wave, const uint32_t* data, std::byte* to) {
        streamContiguous<Words>(to, data, wave.lanes);
    }
    static void apply(const Wave& wave, const uint32_t* data, uint32_t exec, const LanePointers& pointers) {
        if (pointers.contiguous != nullptr) {
            storeContiguous<Words>(pointers.contiguous, data, wave.lanes);
            return;
        }
        if constexpr (Words == 4) {
            if (exec == ~uint32_t(0)) {
                storeQuads([&](unsigned lane) { return pointers.lane[lane]; }, data, wave.lanes);
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
            std::byte* to =
                pointers.contiguous != nullptr ? pointers.contiguous + lane * sizeof(T) : pointers.lane[lane];
            std::memcpy(to, &value, sizeof value);
        });
    }
};

/// Whether what a whole part of a wave stores one behind the other goes past the host's caches: whole lines of memory that
/// these can't hold.
bool streams(const Wave& wave, const std::byte* to) {
    constexpr uint64_t kLine = 64;
    return wave.group->last.stored.size >= wave.group->streamedSize && reinterpret_cast<uint64_t>(to) % kLine == 0;
}

template <class Store>
void runStore(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        pointers.contiguous = rangeInCache<Store::kBytes>(wave, op, half, wave.group->last.stored);
        if (pointers.contiguous == nullptr &&
            !resolve(wave, op, half, Store::kBytes, AccessKind::Store, pointers)) {
            return;
        }
        const uint32_t* data = wave.vgpr + op.src[1].reg + half * kPart;
        if (pointers.contiguous != nullptr && op.space != Space::Lds) {
            if constexpr (requires { Store::streamTo; }) {
                if (streams(wave, pointers.contiguous)) {
                    takeTurn<Store::kBytes * kPart>(wave);
                    wave.group->streams = true;
                    Store::streamTo(wave, data, pointers.contiguous);
                    continue;
                }
            }
            streamed<Store::kBytes * kPart, true>(wave, pointers.contiguous);
        }
        Store::apply(wave, data, exec, pointers);
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

void addSpace(Table& table, Space space, const std::string& prefix) {
    const auto add = [&](std::initializer_list<const char*> names, Handler run) {
        for (const char* name : names) {
            table.add(prefix + name, memoryInstruction(run, space, InstructionClass::VectorStore, access::kStore));
        }
    };
    add({"_store_b8"}, runStore<StorePart<uint8_t, 0>>);
    add({"_store_b16"}, runStore<StorePart<uint16_t, 0>>);
    add({"_store_d16_hi_b8", "_store_b8_d16_hi"}, runStore<StorePart<uint8_t, 16>>);
    add({"_store_d16_hi_b16", "_store_b16_d16_hi"}, runStore<StorePart<uint16_t, 16>>);
    add({"_store_b32"}, runStore<StoreWords<1>>);
    add({"_store_b64"}, runStore<StoreWords<2>>);
    add({"_store_b96"}, runStore<StoreWords<3>>);
    add({"_store_b128"}, runStore<StoreWords<4>>);
}

template <unsigned Words, unsigned Unit>
Semantics storeTwo() {
    return memoryInstruction(runStoreTwo<Words, Unit>, Space::Lds, InstructionClass::Lds,
                             access::kStore | access::kTwo | access::kData2);
}

}  // namespace

void addMemoryStores(Table& table) {
    for (const SpaceName& name : kSpaces) {
        addSpace(table, name.space, name.prefix);
    }
    table.add("ds_store_2addr_b32", storeTwo<1, 4>());
    table.add("ds_store_2addr_b64", storeTwo<2, 8>());
    table.add("ds_store_2addr_stride64_b32", storeTwo<1, 256>());
    table.add("ds_store_2addr_stride64_b64", storeTwo<2, 512>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
