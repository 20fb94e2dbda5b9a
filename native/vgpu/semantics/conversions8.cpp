// Conversions between single precision and floats of 8 bits: OCP's E4M3 ("fp8") and E5M2 ("bf8") on gfx950 and gfx12, AMD's
// FNUZ formats on gfx942.
// Source: CDNA3, CDNA4 and RDNA4 ISA, V_CVT_F32_FP8, V_CVT_PK_F32_FP8, V_CVT_PK_FP8_F32, V_CVT_SR_FP8_F32 and the same of BF8.
// What is too large becomes infinity or, where the format has none, NaN, as MODE's FP16_OVFL = 0 asks; that is its default,
// and the other setting is not modelled.

#include "families_recent.h"
#include "float.h"
#include "matrix_elements.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;

/// Rounds to nearest even, or adds `noise` (a fraction of the last place, in units of 2^-32) and truncates.
template <Element E, bool Stochastic>
u32 encode(float value, u32 noise) {
    constexpr SmallFormat kFormat = smallFormat(E);
    constexpr bool kFnuz = kFormat.special == SmallFormat::Special::MinusZero;
    constexpr u32 kFraction = kFormat.fractionBits;
    constexpr u32 kNan = kFnuz ? 0x80 : 0x7f;
    constexpr u32 kOverflow = kFnuz ? 0x80 : E == Element::Bf8 ? 0x7c : 0x7f;
    // The largest code of a number.
    constexpr u32 kMost = kFnuz ? 0x7f : E == Element::Bf8 ? 0x7b : 0x7e;
    const u32 bits = std::bit_cast<u32>(value);
    const u32 sign = kFnuz ? 0 : bits >> 24 & 0x80;
    const u32 magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return kFnuz ? kNan : sign | kNan;
    }
    if (magnitude == 0x7f800000) {
        return kFnuz ? kOverflow : sign | kOverflow;
    }
    // As significand · 2^(exponent - 23); what the format cannot hold is shifted out.
    const int exponent = std::max(static_cast<int>(magnitude >> 23), 1) - 127;
    const u32 significand = (magnitude & 0x7fffff) | (magnitude >= 0x800000 ? 0x800000 : 0);
    const int least = 1 - kFormat.bias;
    const int drop = std::min(23 - static_cast<int>(kFraction) + std::max(least - exponent, 0), 31);
    u64 kept = significand;
    if constexpr (Stochastic) {
        kept += u64(noise) >> (32 - drop);
    } else {
        const u64 half = u64(1) << (drop - 1);
        kept += half - 1 + (significand >> drop & 1);
    }
    kept >>= drop;
    // The leading one, where there is one, counts into the exponent field.
    const u32 field = static_cast<u32>(std::max(exponent, least) - least);
    const u32 code = static_cast<u32>(kept) + (field << kFraction);
    const u32 negative = kFnuz && code != 0 ? bits >> 24 & 0x80 : sign;
    if (code > kMost) {
        return kFnuz ? kOverflow : sign | kOverflow;
    }
    return negative | code;
}

template <Element E>
u32 decode(u32 byte) {
    return std::bit_cast<u32>(smallTableOf(E)[byte & 0xff]);
}

Select byteAt(int64_t index) { return static_cast<Select>(static_cast<int>(Select::Byte0) + (index & 3)); }

Assembly without(const Assembly& assembly, std::string_view name) {
    Assembly plain = assembly;
    std::erase_if(plain.modifiers, [&](const Modifier& modifier) { return modifier.name == name; });
    return plain;
}

/// The byte that is read: `byte_sel`, or SDWA's selector, which every vector instruction has.
bool bindByte(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(assembly, "byte_sel"), semantics, op)) {
        return false;
    }
    if (assembly.has("byte_sel")) {
        op.src[0].select = byteAt(assembly.number("byte_sel"));
        op.simple = false;
    }
    return true;
}

/// The half that is read: the first bit of op_sel, the register's own half, or SDWA's selector.
bool bindHalf(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(assembly, "op_sel"), semantics, op)) {
        return false;
    }
    if (assembly.element("op_sel", 0) != 0) {
        op.src[0].select = Select::Word1;
        op.simple = false;
    }
    return true;
}

/// Two results go to one half of the destination: op_sel's third bit, or the half that it names.
bool bindToHalf(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(assembly, "op_sel"), semantics, op)) {
        return false;
    }
    if (op.dst.select == Select::All) {
        op.dst.select = assembly.element("op_sel", 2) != 0 ? Select::Word1 : Select::Word0;
    }
    op.simple = false;
    return true;
}

/// One result goes to a byte: `byte_sel`, or op_sel's third and fourth bit.
bool bindToByte(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(without(assembly, "op_sel"), "byte_sel"), semantics, op)) {
        return false;
    }
    const int64_t index = assembly.has("byte_sel") ? assembly.number("byte_sel")
                                                   : assembly.element("op_sel", 2) | assembly.element("op_sel", 3) << 1;
    op.dst.select = byteAt(index);
    op.simple = false;
    return true;
}

template <Element E>
void addFormat(Table& table, const std::string& name, ClassSet classes) {
    constexpr InstructionClass kClass = InstructionClass::Valu;
    table.add("v_cvt_f32_" + name, vector([](u32 a) { return std::bit_cast<float>(decode<E>(a)); }, kClass, bindByte),
              classes);
    table.add("v_cvt_pk_f32_" + name,
              vector([](u32 a) { return u64(decode<E>(a >> 8)) << 32 | decode<E>(a); }, kClass, bindHalf), classes);
    table.add("v_cvt_pk_" + name + "_f32", vector(
                                               [](float a, float b) {
                                                   return encode<E, false>(a, 0) | encode<E, false>(b, 0) << 8;
                                               },
                                               kClass, bindToHalf),
              classes);
    table.add("v_cvt_sr_" + name + "_f32",
              vector([](float a, u32 noise) { return encode<E, true>(a, noise); }, kClass, bindToByte), classes);
}

}  // namespace

void addConversions8(Table& table) {
    addFormat<Element::Fp8Fnuz>(table, "fp8", only(IsaClass::Gfx940));
    addFormat<Element::Bf8Fnuz>(table, "bf8", only(IsaClass::Gfx940));
    addFormat<Element::Fp8>(table, "fp8", only(IsaClass::Gfx950) | kGfx12Plus);
    addFormat<Element::Bf8>(table, "bf8", only(IsaClass::Gfx950) | kGfx12Plus);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
