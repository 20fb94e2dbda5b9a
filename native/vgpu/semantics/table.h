// The semantics table: what an instruction does, by mnemonic and class of targets.
// The semantics are compiled once per host instruction set (SOMA_HOST_ISA names the namespace), and the best one that
// the running processor has is taken.
#pragma once

#include "../execute/micro_op.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace soma::vgpu {

class Binder;
struct Assembly;
struct Semantics;

/// Resolves an instruction's operands into `op`. False where it has a form that the semantics do not cover.
using Bind = bool (*)(Binder&, const Assembly&, const Semantics&, MicroOp&);

struct Semantics {
    Handler run = nullptr;
    Bind bind = nullptr;
    InstructionClass cls = InstructionClass::Valu;
    Signature signature;
    /// For integer instructions: what runs with the clamp modifier.
    Handler clamped = nullptr;
    /// Format-specific: element size, register count.
    uint32_t aux = 0;
};

/// Sets of classes.
using ClassSet = uint32_t;
constexpr ClassSet only(IsaClass isa) { return ClassSet(1) << static_cast<unsigned>(isa); }
constexpr ClassSet kEverywhere = ~ClassSet(0);
constexpr ClassSet kGfx12Plus = only(IsaClass::Gfx12) | only(IsaClass::Gfx1250);
constexpr ClassSet kGfx11Plus = only(IsaClass::Gfx11) | kGfx12Plus;
constexpr ClassSet kGfx10Plus = only(IsaClass::Gfx10) | kGfx11Plus;

class Table {
public:
    void add(std::string_view mnemonic, const Semantics& semantics, ClassSet classes = kEverywhere);
    void add(std::initializer_list<std::string_view> mnemonics, const Semantics& semantics,
             ClassSet classes = kEverywhere);
    /// Null where the mnemonic means nothing on that class.
    const Semantics* find(std::string_view mnemonic, IsaClass isa) const;
    size_t size() const { return entries_.size(); }

private:
    struct Entry {
        ClassSet classes;
        Semantics semantics;
    };
    std::unordered_map<std::string, std::vector<Entry>> entries_;
};

/// The table for the running processor.
const Table& semanticsTable();

}  // namespace soma::vgpu
