// Why a launch stopped: data for callers and one text for users.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace soma::vgpu {

enum class FaultKind {
    /// The launch was refused before anything ran: sizes, limits, arguments.
    InvalidLaunch,
    /// It asks for more than the device has (LDS, workgroup size).
    OutOfResources,
    /// A global, flat or scalar access outside every allocation.
    MemoryAccess,
    LdsAccess,
    ScratchAccess,
    /// An atomic access, or one the target forbids, at an address that is not a multiple of its size.
    Misaligned,
    UnknownInstruction,
    /// The program counter left the code.
    InvalidCodeAddress,
    /// A wave executed more instructions than the device's limit.
    InstructionLimit,
    /// The host asked for its end.
    Stopped,
    /// Every live wave of a workgroup waits and nothing can wake one.
    Deadlock,
    /// s_trap, which compilers emit for `__builtin_trap` and failed assertions.
    Trap,
};

struct Fault {
    FaultKind kind = FaultKind::InvalidLaunch;
    /// Everything below in words, several lines; what users read.
    std::string message;

    std::string kernel;
    /// The instruction in LLVM's syntax, empty where no instruction was at fault.
    std::string instruction;
    /// Its address within the code object's memory image (what llvm-objdump shows) and on the device.
    uint64_t codeOffset = 0;
    uint64_t codeAddress = 0;
    /// From the code object's DWARF line table; line 0: none.
    std::string file;
    unsigned line = 0;
    unsigned column = 0;

    std::array<uint32_t, 3> workgroup{};
    unsigned wave = 0;
    /// -1: the fault is the wave's, not a lane's.
    int lane = -1;
    /// The faulting data address (LDS and scratch: byte offset), 0 where none.
    uint64_t address = 0;
};

/// A launch that was refused as a whole: no instruction was at fault.
inline Fault refusal(FaultKind kind, std::string kernel, std::string message) {
    Fault fault;
    fault.kind = kind;
    fault.kernel = std::move(kernel);
    fault.message = std::move(message);
    return fault;
}

}  // namespace soma::vgpu
