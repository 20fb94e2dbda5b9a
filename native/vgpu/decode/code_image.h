// A module's code as micro-operations for one wave size. Decoded once, linearly over what the file holds of the executable
// segment; every 4-byte address that begins an instruction maps to its first micro-operation. Immutable after construction.
#pragma once

#include "binder.h"
#include "disassembler.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace soma::vgpu {

class CodeImage {
public:
    /// `code`: the loaded bytes, whose first one has the device address `base`.
    CodeImage(const Target& target, unsigned waveSize, std::span<const std::byte> code, uint64_t base);

    unsigned waveSize() const { return waveSize_; }
    /// Null where no instruction begins there.
    const MicroOp* at(uint64_t address) const;
    /// The device address of the instruction that a micro-operation belongs to.
    uint64_t addressOf(const MicroOp& op) const;
    /// All micro-operations, in the order of their addresses: each is an instruction or a part of one, so that observers
    /// may run them one by one.
    std::span<const MicroOp> operations() const { return ops_; }
    size_t indexOf(const MicroOp& op) const { return static_cast<size_t>(&op - ops_.data()); }
    /// Of the instruction at an address.
    RegisterUse registersOf(uint64_t address) const;
    /// Whether an instruction begins there that the virtual GPU can run.
    bool implements(uint64_t address) const;
    /// In LLVM's syntax; empty where the bytes are no instruction.
    std::string text(uint64_t address) const;

private:
    void decode(uint64_t address, const Disassembler::Instruction& instruction);
    MicroOp bind(std::string_view text, Binder& binder);
    void append(const MicroOp& op, uint64_t address);
    void resolveBranches();

    const Target& target_;
    unsigned waveSize_;
    std::span<const std::byte> code_;
    uint64_t base_;
    Disassembler disassembler_;
    ConstantPool pool_;
    std::vector<MicroOp> ops_;
    /// For each micro-operation: words from `base`.
    std::vector<uint32_t> words_;
    /// For each word of code: its micro-operation, or -1.
    std::vector<int32_t> index_;
    std::vector<uint32_t> branches_;
    /// Decoding is between gfx9's s_set_gpr_idx_on and s_set_gpr_idx_off.
    bool indexing_ = false;
};

}  // namespace soma::vgpu
