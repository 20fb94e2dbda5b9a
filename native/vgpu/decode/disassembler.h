// LLVM's AMDGPU disassembler for one target and wave size: bytes to canonical assembly text.
#pragma once

#include "../target.h"
#include "registers_of.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace soma::vgpu {

class Disassembler {
public:
    Disassembler(const Target& target, unsigned waveSize);
    ~Disassembler();

    struct Instruction {
        /// Without leading blanks; empty where the bytes are no instruction of the target.
        std::string text;
        /// Bytes it takes; 4 where `text` is empty.
        unsigned size = 4;
    };
    Instruction decode(std::span<const std::byte> bytes, uint64_t address) const;
    /// Empty where the bytes are no instruction.
    RegisterUse registersOf(std::span<const std::byte> bytes, uint64_t address) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace soma::vgpu
