// Conversions between single precision and floats of 8 bits: OCP's E4M3 ("fp8") and E5M2 ("bf8") on gfx950 and gfx12, AMD's
// FNUZ formats on gfx942.
// Source: CDNA3, CDNA4 and RDNA4 ISA, V_CVT_F32_FP8, V_CVT_PK_F32_FP8, V_CVT_PK_FP8_F32, V_CVT_SR_FP8_F32 and the same of BF8.
// What is too large becomes infinity or, where the format has none, NaN; with MODE's FP16_OVFL the greatest number.

#include "conversion_operands.h"
#include "families_recent.h"
#include "small_floats.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using u64 = uint64_t;

template <Element E>
u32 decodeBits(u32 byte) {
    return std::bit_cast<u32>(decodeSmall<E>(byte));
}

template <Element E>
void addFormat(Table& table, const std::string& name, ClassSet classes) {
    constexpr InstructionClass kClass = InstructionClass::Valu;
    table.add("v_cvt_f32_" + name, vector([](u32 a) { return decodeSmall<E>(a); }, kClass, bindByte), classes);
    table.add("v_cvt_pk_f32_" + name,
              vector([](u32 a) { return u64(decodeBits<E>(a >> 8)) << 32 | decodeBits<E>(a); }, kClass, bindHalf),
              classes);
    table.add("v_cvt_pk_" + name + "_f32",
              encoding<[](Overflow overflow, float a, float b) {
                  return encodeSmall<E, false>(a, 0, overflow) | encodeSmall<E, false>(b, 0, overflow) << 8;
              }>(bindToHalf),
              classes);
    table.add("v_cvt_sr_" + name + "_f32",
              encoding<[](Overflow overflow, float a, u32 noise) { return encodeSmall<E, true>(a, noise, overflow); }>(
                  bindToByte),
              classes);
}

}  // namespace

void addConversions8(Table& table) {
    addFormat<Element::Fp8Fnuz>(table, "fp8", only(IsaClass::Gfx940));
    addFormat<Element::Bf8Fnuz>(table, "bf8", only(IsaClass::Gfx940));
    addFormat<Element::Fp8>(table, "fp8", only(IsaClass::Gfx950) | kGfx12Plus);
    addFormat<Element::Bf8>(table, "bf8", only(IsaClass::Gfx950) | kGfx12Plus);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
