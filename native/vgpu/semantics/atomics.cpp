// Atomics on global, flat, buffer and LDS memory. Lanes take their turn in ascending order; workgroups on other host
// threads see each update whole. Source: RDNA3 ISA, "FLAT, Scratch and Global Format Instructions", "LDS & GDS
// Instructions"; CDNA3 ISA for packed and double-precision additions.

#include "../format.h"
#include "float.h"
#include "memory.h"

#include <algorithm>
#include <atomic>
#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

/// Replaces what is there by function(old) and returns the old value. `T` is what the function works on. LDS belongs to
/// one host thread: `shared` says that it is not that.
template <class T, class Update>
T update(bool shared, std::byte* pointer, Update function) {
    using Bits = std::conditional_t<sizeof(T) == 8, u64, u32>;
    auto& cell = *reinterpret_cast<Bits*>(pointer);
    if (!shared) {
        const T old = std::bit_cast<T>(cell);
        cell = std::bit_cast<Bits>(function(old));
        return old;
    }
    std::atomic_ref<Bits> atomic(cell);
    Bits old = atomic.load(std::memory_order_relaxed);
    while (!atomic.compare_exchange_weak(old, std::bit_cast<Bits>(function(std::bit_cast<T>(old))),
                                         std::memory_order_seq_cst, std::memory_order_relaxed)) {
    }
    return std::bit_cast<T>(old);
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
template <class T, class F>
void runAtomic(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        if (!resolve(wave, op, half, sizeof(T), AccessKind::Atomic, pointers) ||
            !aligned(wave, op, half, sizeof(T), pointers)) {
            return;
        }
        // LDS has its second operand in a register of its own, the others behind the first.
        const u32 first = op.src[1].reg;
        const bool lds = op.space == Space::Lds;
        const u32 second =
            lds && op.src[3].kind == Source::Kind::Vgpr ? op.src[3].reg : first + sizeof(T) / 4 * wave.lanes;
        u32* target = wave.vgpr + op.dst.reg;
        const bool returns = op.dst.kind == Destination::Kind::Vgpr;
        forLanes(exec, [&](unsigned i) {
            const unsigned lane = half * kPart + i;
            const T data = dataAt<T>(wave, first, lane);
            const T other = dataAt<T>(wave, second, lane);
            const T old = update<T>(!lds, pointers.lane[i], [&](T value) { return F{}(value, data, other); });
            if (returns) {
                storeLane(old, target, target + wave.lanes, nullptr, lane);
            }
        });
    }
}

/// Adds atomics under every space's name: global_atomic_add_u32; in LDS ds_add_u32 and ds_add_rtn_u32.
struct Adder {
    Table& table;

    template <class T, class F>
    void addTo(std::initializer_list<Space> spaces, const std::string& operation, const std::string& type, F,
               uint32_t flags = 0) const {
        for (const SpaceName& name : kSpaces) {
            if (std::find(spaces.begin(), spaces.end(), name.space) == spaces.end()) {
                continue;
            }
            const Semantics semantics =
                memoryInstruction(runAtomic<T, F>, name.space, InstructionClass::VectorAtomic, access::kAtomic | flags);
            if (name.space == Space::Lds) {
                table.add("ds_" + operation + "_" + type, semantics);
                table.add("ds_" + operation + "_rtn_" + type, semantics);
            } else {
                table.add(std::string(name.prefix) + "_atomic_" + operation + "_" + type, semantics);
            }
        }
    }

    template <class T, class F>
    void add(const std::string& operation, const std::string& type, F function) const {
        addTo<T>({Space::Global, Space::Flat, Space::Buffer, Space::Lds}, operation, type, function);
    }
};

template <class U, class I>
void addIntegers(const Adder& atomics, const std::string& bits) {
    const std::string b = "b" + bits;
    const std::string u = "u" + bits;
    const std::string i = "i" + bits;
    atomics.add<U>("add", u, [](U a, U b, U) { return static_cast<U>(a + b); });
    atomics.add<U>("sub", u, [](U a, U b, U) { return static_cast<U>(a - b); });
    atomics.add<U>("rsub", u, [](U a, U b, U) { return static_cast<U>(b - a); });
    atomics.add<U>("min", u, [](U a, U b, U) { return a < b ? a : b; });
    atomics.add<U>("max", u, [](U a, U b, U) { return a < b ? b : a; });
    atomics.add<I>("min", i, [](I a, I b, I) { return a < b ? a : b; });
    atomics.add<I>("max", i, [](I a, I b, I) { return a < b ? b : a; });
    atomics.add<U>("and", b, [](U a, U b, U) { return static_cast<U>(a & b); });
    atomics.add<U>("or", b, [](U a, U b, U) { return static_cast<U>(a | b); });
    atomics.add<U>("xor", b, [](U a, U b, U) { return static_cast<U>(a ^ b); });
    // Count up to the data and start over; count down from it.
    atomics.add<U>("inc", u, [](U a, U b, U) { return static_cast<U>(a >= b ? 0 : a + 1); });
    atomics.add<U>("dec", u, [](U a, U b, U) { return static_cast<U>(a == 0 || a > b ? b : a - 1); });
    const auto exchange = [](U, U b, U) { return b; };
    const auto compare = [](U a, U b, U comparand) { return a == comparand ? b : a; };
    const auto outside = {Space::Global, Space::Flat, Space::Buffer};
    atomics.addTo<U>(outside, "swap", b, exchange);
    atomics.addTo<U>(outside, "cmpswap", b, compare);
    atomics.addTo<U>({Space::Lds}, "storexchg", b, exchange);
    atomics.addTo<U>({Space::Lds}, "cmpstore", b, compare, access::kData2);
    // Before gfx11 the comparand came first.
    const auto compareOld = [](U a, U comparand, U b) { return a == comparand ? b : a; };
    atomics.addTo<U>({Space::Lds}, "cmpst_old", b, compareOld, access::kData2);
    // Clears the bits of a mask and sets others.
    atomics.addTo<U>({Space::Lds}, "mskor", b, [](U a, U mask, U set) { return static_cast<U>((a & ~mask) | set); },
                     access::kData2);
}

/// Replaces either half by its data without the highest bit, where that bit is set.
u64 exchangeHalves(u64 old, u64 data) {
    const auto half = [&](unsigned shift) {
        const u32 given = static_cast<u32>(data >> shift);
        return u64((given >> 31) != 0 ? given & 0x7fffffff : static_cast<u32>(old >> shift)) << shift;
    };
    return half(0) | half(32);
}

/// Compare-and-store of numbers: -0 equals 0, NaN nothing.
template <class T>
void addFloatCompares(const Adder& atomics, const std::string& type) {
    atomics.addTo<T>({Space::Global, Space::Flat, Space::Buffer}, "cmpswap", type,
                     [](T a, T b, T comparand) { return a == comparand ? b : a; });
    atomics.addTo<T>({Space::Lds}, "cmpstore", type, [](T a, T b, T comparand) { return a == comparand ? b : a; },
                     access::kData2);
    atomics.addTo<T>({Space::Lds}, "cmpst_old", type, [](T a, T comparand, T b) { return a == comparand ? b : a; },
                     access::kData2);
}

void addRare(const Adder& atomics) {
    addFloatCompares<float>(atomics, "f32");
    addFloatCompares<double>(atomics, "f64");
    atomics.addTo<u32>({Space::Lds}, "wrap", "b32", [](u32 a, u32 b, u32 c) { return a >= b ? a - b : a + c; },
                       access::kData2);
    atomics.addTo<u64>({Space::Lds}, "condxchg32", "b64", [](u64 a, u64 b, u64) { return exchangeHalves(a, b); });
    // Waves' order is that in which they come.
    atomics.addTo<u64>({Space::Global}, "ordered_add", "b64", [](u64 a, u64 b, u64) { return a + b; });
}

void addFloats(const Adder& atomics) {
    atomics.add<float>("add", "f32", [](float a, float b, float) { return a + b; });
    atomics.add<double>("add", "f64", [](double a, double b, double) { return a + b; });
    atomics.add<float>("min", "f32", [](float a, float b, float) { return minimumNumber(a, b); });
    atomics.add<float>("max", "f32", [](float a, float b, float) { return maximumNumber(a, b); });
    atomics.add<float>("min_num", "f32", [](float a, float b, float) { return minimumNumber(a, b); });
    atomics.add<float>("max_num", "f32", [](float a, float b, float) { return maximumNumber(a, b); });
    atomics.add<double>("min", "f64", [](double a, double b, double) { return minimumNumber(a, b); });
    atomics.add<double>("max", "f64", [](double a, double b, double) { return maximumNumber(a, b); });
    atomics.add<double>("min_num", "f64", [](double a, double b, double) { return minimumNumber(a, b); });
    atomics.add<double>("max_num", "f64", [](double a, double b, double) { return maximumNumber(a, b); });
    atomics.add<u32>("pk_add", "f16", [](u32 a, u32 b, u32) {
        const auto sum = [&](unsigned shift) {
            return u32(floatToHalf(halfToFloat(static_cast<uint16_t>(a >> shift)) +
                                   halfToFloat(static_cast<uint16_t>(b >> shift))));
        };
        return sum(0) | sum(16) << 16;
    });
    atomics.add<u32>("pk_add", "bf16", [](u32 a, u32 b, u32) {
        const auto sum = [&](unsigned shift) {
            return u32(floatToBfloat(bfloatToFloat(static_cast<uint16_t>(a >> shift)) +
                                     bfloatToFloat(static_cast<uint16_t>(b >> shift))));
        };
        return sum(0) | sum(16) << 16;
    });
    atomics.add<u32>("csub", "u32", [](u32 a, u32 b, u32) { return a < b ? 0 : a - b; });
    atomics.add<u32>("sub_clamp", "u32", [](u32 a, u32 b, u32) { return a < b ? 0 : a - b; });
    atomics.add<u32>("cond_sub", "u32", [](u32 a, u32 b, u32) { return a < b ? a : a - b; });
}

}  // namespace

void addMemoryAtomics(Table& table) {
    const Adder atomics{table};
    addIntegers<u32, i32>(atomics, "32");
    addIntegers<u64, i64>(atomics, "64");
    addFloats(atomics);
    addRare(atomics);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
