// Atomics on global, flat, buffer and LDS memory. Lanes take their turn in ascending order; workgroups on other host
// threads see each update whole. Source: RDNA3 ISA, "FLAT, Scratch and Global Format Instructions", "LDS & GDS
// Instructions"; CDNA3 ISA for packed and double-precision additions.

#include "../format.h"
#include "float.h"
#include "memory.h"

#include <atomic>
#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

/// Replaces what is there by function(old) and returns the old value. `T` is what the function works on.
template <Space S, class T, class Update>
T update(std::byte* pointer, Update function) {
    using Bits = std::conditional_t<sizeof(T) == 8, u64, u32>;
    auto& cell = *reinterpret_cast<Bits*>(pointer);
    if constexpr (S == Space::Lds) {
        const T old = std::bit_cast<T>(cell);
        cell = std::bit_cast<Bits>(function(old));
        return old;
    } else {
        std::atomic_ref<Bits> shared(cell);
        Bits old = shared.load(std::memory_order_relaxed);
        while (!shared.compare_exchange_weak(old, std::bit_cast<Bits>(function(std::bit_cast<T>(old))),
                                             std::memory_order_seq_cst, std::memory_order_relaxed)) {
        }
        return std::bit_cast<T>(old);
    }
}

template <class T>
T dataAt(const Wave& wave, u32 reg, unsigned lane) {
    const u32* row = wave.vgpr + reg;
    return loadLane<T>(row, row + wave.lanes, lane);
}

bool aligned(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, const LanePointers& pointers) {
    for (u32 exec = wave.exec32(half); exec != 0; exec &= exec - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(exec));
        const auto address = reinterpret_cast<u64>(pointers.lane[lane]);
        if (address % bytes != 0) {
            raiseFault(wave, op, FaultKind::Misaligned, static_cast<int>(half * kPart + lane), address,
                       format("an atomic access of {0} bytes at {1:x}, which is no multiple of {0}", bytes, address));
            return false;
        }
    }
    return true;
}

/// F(old, data, second): `second` is the comparand of a compare-and-store, and unused else.
template <Space S, class T, class F>
void runAtomic(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        if (!resolve<S>(wave, op, half, sizeof(T), AccessKind::Atomic, pointers) ||
            !aligned(wave, op, half, sizeof(T), pointers)) {
            return;
        }
        // LDS has its second operand in a register of its own, the others behind the first.
        const u32 first = op.src[1].reg;
        const u32 second = op.src[3].kind == Source::Kind::Vgpr && S == Space::Lds ? op.src[3].reg
                                                                                   : first + sizeof(T) / 4 * wave.lanes;
        u32* target = wave.vgpr + op.dst.reg;
        const bool returns = op.dst.kind == Destination::Kind::Vgpr;
        forLanes(exec, [&](unsigned i) {
            const unsigned lane = half * kPart + i;
            const T data = dataAt<T>(wave, first, lane);
            const T other = dataAt<T>(wave, second, lane);
            const T old = update<S, T>(pointers.lane[i], [&](T value) { return F{}(value, data, other); });
            if (returns) {
                storeLane(old, target, target + wave.lanes, nullptr, lane);
            }
        });
    }
}

template <Space S, class T, class F>
Semantics atomic(uint32_t flags = 0) {
    const Bind bind = S == Space::Lds ? bindLds : S == Space::Buffer ? bindBuffer : bindGlobal;
    return Semantics{runAtomic<S, T, F>, bind, classOf(S, InstructionClass::VectorAtomic), {}, nullptr,
                     access::kAtomic | (S == Space::Flat ? access::kFlat : 0) | flags};
}

template <Space S>
struct Names {
    Table& table;
    std::string prefix;

    /// For all spaces: global_atomic_add_u32; for LDS ds_add_u32 and ds_add_rtn_u32.
    template <class T, class F>
    void add(const std::string& operation, const std::string& type, F, uint32_t flags = 0) {
        const Semantics semantics = atomic<S, T, F>(flags);
        if constexpr (S == Space::Lds) {
            table.add(prefix + operation + "_" + type, semantics);
            table.add(prefix + operation + "_rtn_" + type, semantics);
        } else {
            table.add(prefix + operation + "_" + type, semantics);
        }
    }
};

template <Space S, class U, class I>
void addIntegers(Names<S> names, const std::string& bits) {
    const std::string b = "b" + bits;
    const std::string u = "u" + bits;
    const std::string i = "i" + bits;
    names.template add<U>("add", u, [](U a, U b, U) { return static_cast<U>(a + b); });
    names.template add<U>("sub", u, [](U a, U b, U) { return static_cast<U>(a - b); });
    names.template add<U>("rsub", u, [](U a, U b, U) { return static_cast<U>(b - a); });
    names.template add<U>("min", u, [](U a, U b, U) { return a < b ? a : b; });
    names.template add<U>("max", u, [](U a, U b, U) { return a < b ? b : a; });
    names.template add<I>("min", i, [](I a, I b, I) { return a < b ? a : b; });
    names.template add<I>("max", i, [](I a, I b, I) { return a < b ? b : a; });
    names.template add<U>("and", b, [](U a, U b, U) { return static_cast<U>(a & b); });
    names.template add<U>("or", b, [](U a, U b, U) { return static_cast<U>(a | b); });
    names.template add<U>("xor", b, [](U a, U b, U) { return static_cast<U>(a ^ b); });
    // Count up to the data and start over; count down from it.
    names.template add<U>("inc", u, [](U a, U b, U) { return static_cast<U>(a >= b ? 0 : a + 1); });
    names.template add<U>("dec", u, [](U a, U b, U) { return static_cast<U>(a == 0 || a > b ? b : a - 1); });
    const auto exchange = [](U, U b, U) { return b; };
    const auto compare = [](U a, U b, U comparand) { return a == comparand ? b : a; };
    if constexpr (S == Space::Lds) {
        names.template add<U>("storexchg", b, exchange);
        names.template add<U>("cmpstore", b, compare, access::kData2);
        // Before gfx11 the comparand came first.
        names.template add<U>("cmpst_old", b, [](U a, U comparand, U b) { return a == comparand ? b : a; }, access::kData2);
    } else {
        names.template add<U>("swap", b, exchange);
        names.template add<U>("cmpswap", b, compare);
    }
}

template <Space S>
void addFloats(Names<S> names) {
    names.template add<float>("add", "f32", [](float a, float b, float) { return a + b; });
    names.template add<double>("add", "f64", [](double a, double b, double) { return a + b; });
    names.template add<float>("min", "f32", [](float a, float b, float) { return minimumNumber(a, b); });
    names.template add<float>("max", "f32", [](float a, float b, float) { return maximumNumber(a, b); });
    names.template add<float>("min_num", "f32", [](float a, float b, float) { return minimumNumber(a, b); });
    names.template add<float>("max_num", "f32", [](float a, float b, float) { return maximumNumber(a, b); });
    names.template add<double>("min", "f64", [](double a, double b, double) { return minimumNumber(a, b); });
    names.template add<double>("max", "f64", [](double a, double b, double) { return maximumNumber(a, b); });
    names.template add<u32>("pk_add", "f16", [](u32 a, u32 b, u32) {
        const auto sum = [&](unsigned shift) {
            return u32(floatToHalf(halfToFloat(static_cast<uint16_t>(a >> shift)) +
                                   halfToFloat(static_cast<uint16_t>(b >> shift))));
        };
        return sum(0) | sum(16) << 16;
    });
    names.template add<u32>("pk_add", "bf16", [](u32 a, u32 b, u32) {
        const auto sum = [&](unsigned shift) {
            return u32(floatToBfloat(bfloatToFloat(static_cast<uint16_t>(a >> shift)) +
                                     bfloatToFloat(static_cast<uint16_t>(b >> shift))));
        };
        return sum(0) | sum(16) << 16;
    });
    names.template add<u32>("csub", "u32", [](u32 a, u32 b, u32) { return a < b ? 0 : a - b; });
    names.template add<u32>("sub_clamp", "u32", [](u32 a, u32 b, u32) { return a < b ? 0 : a - b; });
    names.template add<u32>("cond_sub", "u32", [](u32 a, u32 b, u32) { return a < b ? a : a - b; });
}

template <Space S>
void addSpace(Table& table, const std::string& prefix) {
    const Names<S> names{table, prefix};
    addIntegers<S, u32, i32>(names, "32");
    addIntegers<S, u64, i64>(names, "64");
    addFloats<S>(names);
}

}  // namespace

void addMemoryAtomics(Table& table) {
    addSpace<Space::Global>(table, "global_atomic_");
    addSpace<Space::Flat>(table, "flat_atomic_");
    addSpace<Space::Buffer>(table, "buffer_atomic_");
    addSpace<Space::Lds>(table, "ds_");
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
