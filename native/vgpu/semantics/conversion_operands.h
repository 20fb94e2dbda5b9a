// Operand forms of conversions from and to floats of 8 and fewer bits, which take and give parts of registers; and the
// choice that MODE's FP16_OVFL makes for those that give them.
#pragma once

#include "small_floats.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

inline Select byteAt(int64_t index) { return static_cast<Select>(static_cast<int>(Select::Byte0) + (index & 3)); }

inline Assembly without(const Assembly& assembly, std::string_view name) {
    Assembly plain = assembly;
    std::erase_if(plain.modifiers, [&](const Modifier& modifier) { return modifier.name == name; });
    return plain;
}

/// The byte that is read: `byte_sel`, the first two bits of op_sel, or SDWA's selector. Of 16-bit results op_sel's last
/// bit says which half they take.
inline bool bindByte(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(without(assembly, "byte_sel"), "op_sel"), semantics, op)) {
        return false;
    }
    if (assembly.has("byte_sel") || assembly.has("op_sel")) {
        op.src[0].select = byteAt(assembly.has("byte_sel")
                                      ? assembly.number("byte_sel")
                                      : assembly.element("op_sel", 0) | assembly.element("op_sel", 1) << 1);
        op.simple = false;
    }
    if (isSmall(semantics.signature.result)) {
        const bool high = assembly.element("op_sel", 3, assembly.element("op_sel", 2)) != 0;
        op.dst.select = high ? Select::Word1 : Select::Word0;
        op.simple = false;
    }
    return true;
}

/// The half that is read: the first bit of op_sel, the register's own half, or SDWA's selector.
inline bool bindHalf(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(assembly, "op_sel"), semantics, op)) {
        return false;
    }
    if (assembly.element("op_sel", 0) != 0) {
        op.src[0].select = Select::Word1;
        op.simple = false;
    }
    return true;
}

/// Two results go to one half of the destination: op_sel's last bit, or the half that it names.
inline bool bindToHalf(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(assembly, "op_sel"), semantics, op)) {
        return false;
    }
    if (op.dst.select == Select::All) {
        const bool high = assembly.element("op_sel", semantics.signature.sources) != 0;
        op.dst.select = high ? Select::Word1 : Select::Word0;
    }
    op.simple = false;
    return true;
}

/// One result goes to a byte: `byte_sel`, or op_sel's third and fourth bit.
inline bool bindToByte(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindVector(binder, without(without(assembly, "op_sel"), "byte_sel"), semantics, op)) {
        return false;
    }
    const int64_t index = assembly.has("byte_sel") ? assembly.number("byte_sel")
                                                   : assembly.element("op_sel", 2) | assembly.element("op_sel", 3) << 1;
    op.dst.select = byteAt(index);
    op.simple = false;
    return true;
}

/// Semantics of `F(Overflow, operands…)`.
template <auto F, class Signature>
struct Encoding;
template <auto F, class C, class R, class... A>
struct Encoding<F, R (C::*)(Overflow, A...) const> {
    template <Overflow O>
    struct Of {
        R operator()(A... operands) const { return F(O, operands...); }
    };
    static void run(Wave& wave, const MicroOp& op) {
        if ((wave.mode & mode::kHalfOverflow) != 0) [[unlikely]] {
            runVector<Of<Overflow::Greatest>>(wave, op);
        } else {
            runVector<Of<Overflow::Infinite>>(wave, op);
        }
    }
    static Semantics semantics(Bind bind) {
        return {run, bind, InstructionClass::Valu, ShapeOf<Of<Overflow::Infinite>>::kSignature, nullptr, 0};
    }
};
template <auto F>
Semantics encoding(Bind bind) {
    return Encoding<F, decltype(&decltype(F)::operator())>::semantics(bind);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
