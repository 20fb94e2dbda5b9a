// Vector compares (VOPC), which write a lane mask, and v_cmpx, which write EXEC.
// Source: RDNA3 ISA, "VOPC Instructions". Floating-point conditions: "n" ones are true for unordered operands.

#include "families.h"
#include "float.h"

#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// A compare and its EXEC-writing form.
template <class F>
void addCompare(Table& table, const std::string& condition, const std::string& type, F function) {
    table.add("v_cmp_" + condition + "_" + type, vector(function));
    table.add("v_cmpx_" + condition + "_" + type, vector(function, InstructionClass::Valu, bindVectorCompareExec));
}

template <class T>
void addIntegers(Table& table, const std::string& type) {
    addCompare(table, "f", type, [](T, T) { return false; });
    addCompare(table, "lt", type, [](T a, T b) { return a < b; });
    addCompare(table, "eq", type, [](T a, T b) { return a == b; });
    addCompare(table, "le", type, [](T a, T b) { return a <= b; });
    addCompare(table, "gt", type, [](T a, T b) { return a > b; });
    addCompare(table, "ne", type, [](T a, T b) { return a != b; });
    addCompare(table, "lg", type, [](T a, T b) { return a != b; });
    addCompare(table, "ge", type, [](T a, T b) { return a >= b; });
    addCompare(table, "t", type, [](T, T) { return true; });
}

inline float comparable(float value) { return value; }
inline double comparable(double value) { return value; }
inline float comparable(Half value) { return toFloat(value); }

template <class T>
void addFloats(Table& table, const std::string& type) {
    addCompare(table, "f", type, [](T, T) { return false; });
    addCompare(table, "lt", type, [](T a, T b) { return comparable(a) < comparable(b); });
    addCompare(table, "eq", type, [](T a, T b) { return comparable(a) == comparable(b); });
    addCompare(table, "le", type, [](T a, T b) { return comparable(a) <= comparable(b); });
    addCompare(table, "gt", type, [](T a, T b) { return comparable(a) > comparable(b); });
    addCompare(table, "lg", type,
               [](T a, T b) { return bool((comparable(a) < comparable(b)) | (comparable(a) > comparable(b))); });
    addCompare(table, "ge", type, [](T a, T b) { return comparable(a) >= comparable(b); });
    addCompare(table, "o", type, [](T a, T b) { return !isNan(comparable(a)) && !isNan(comparable(b)); });
    addCompare(table, "u", type, [](T a, T b) { return isNan(comparable(a)) || isNan(comparable(b)); });
    addCompare(table, "nge", type, [](T a, T b) { return !(comparable(a) >= comparable(b)); });
    addCompare(table, "nlg", type,
               [](T a, T b) { return !((comparable(a) < comparable(b)) | (comparable(a) > comparable(b))); });
    addCompare(table, "ngt", type, [](T a, T b) { return !(comparable(a) > comparable(b)); });
    addCompare(table, "nle", type, [](T a, T b) { return !(comparable(a) <= comparable(b)); });
    addCompare(table, "neq", type, [](T a, T b) { return !(comparable(a) == comparable(b)); });
    addCompare(table, "nlt", type, [](T a, T b) { return !(comparable(a) < comparable(b)); });
    addCompare(table, "t", type, [](T, T) { return true; });
    addCompare(table, "tru", type, [](T, T) { return true; });
}

/// v_cmp_class: the second operand's bits name the classes that are asked for.
template <class Bits>
bool inClasses(Bits value, uint32_t classes, unsigned fractionBits, Bits infinity) {
    constexpr unsigned kBits = sizeof(Bits) * 8;
    const bool negative = (value >> (kBits - 1) & 1) != 0;
    const Bits magnitude = static_cast<Bits>(value & static_cast<Bits>(~(Bits(1) << (kBits - 1))));
    const Bits quiet = static_cast<Bits>(Bits(1) << (fractionBits - 1));
    const Bits smallest = static_cast<Bits>(Bits(1) << fractionBits);
    uint32_t cls = 0;
    if (magnitude > infinity) {
        cls = (magnitude & quiet) != 0 ? 1u << 1 : 1u << 0;
    } else if (magnitude == infinity) {
        cls = negative ? 1u << 2 : 1u << 9;
    } else if (magnitude >= smallest) {
        cls = negative ? 1u << 3 : 1u << 8;
    } else if (magnitude != 0) {
        cls = negative ? 1u << 4 : 1u << 7;
    } else {
        cls = negative ? 1u << 5 : 1u << 6;
    }
    return (classes & cls) != 0;
}

}  // namespace

void addCompares(Table& table) {
    addIntegers<uint16_t>(table, "u16");
    addIntegers<int16_t>(table, "i16");
    addIntegers<uint32_t>(table, "u32");
    addIntegers<int32_t>(table, "i32");
    addIntegers<uint64_t>(table, "u64");
    addIntegers<int64_t>(table, "i64");
    addFloats<Half>(table, "f16");
    addFloats<float>(table, "f32");
    addFloats<double>(table, "f64");
    addCompare(table, "class", "f16",
               [](Half a, uint32_t classes) { return inClasses<uint16_t>(a.bits, classes, 10, 0x7c00); });
    addCompare(table, "class", "f32", [](float a, uint32_t classes) {
        return inClasses<uint32_t>(std::bit_cast<uint32_t>(a), classes, 23, 0x7f800000);
    });
    addCompare(table, "class", "f64", [](double a, uint32_t classes) {
        return inClasses<uint64_t>(std::bit_cast<uint64_t>(a), classes, 52, 0x7ff0000000000000);
    });
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
