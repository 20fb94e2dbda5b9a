// What each virtual target is: one table of architectural facts, from AMD's ISA manuals and LLVM's AMDGPU user guide.
// Nothing else in the virtual GPU names a gfx number.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace soma::vgpu {

/// Instruction-set classes: a mnemonic's semantics are kept once per class that gives it a meaning.
enum class IsaClass : uint8_t { Gfx90a, Gfx940, Gfx950, Gfx10, Gfx11, Gfx12, Gfx1250 };

struct Target {
    /// Such as `gfx1100`.
    std::string_view name;
    IsaClass isa;
    /// EF_AMDGPU_MACH of its code objects.
    uint32_t machine;
    /// What hipDeviceProp_t calls `name`; says that it is virtual.
    std::string_view marketingName;
    unsigned computeUnits;
    /// Wave sizes it runs: 64 always, 32 from gfx10 on. `waveSize` is the default one.
    unsigned waveSize;
    bool wave32;
    unsigned clockMHz;
    unsigned memoryClockMHz;
    unsigned memoryBusBits;
    unsigned l2Bytes;
    /// LDS of one workgroup at most, in bytes.
    unsigned ldsBytes;
    unsigned maxWorkgroupSize;
    unsigned maxWavesPerComputeUnit;
    /// Memory size in bytes unless the device is made with another one.
    uint64_t memoryBytes;
    /// Sub-target features a code object's flags may state.
    bool supportsXnack;
    bool supportsSramEcc;

    /// Private memory of a wave at most, in bytes: what COMPUTE_TMPRING_SIZE.WAVESIZE can say. Source: LLVM's
    /// GCNSubtarget::getMaxWaveScratchSize, 13 bits of 256 words, from gfx11 on 15 bits of 64 words, from gfx12 on 18 bits.
    uint64_t waveScratchBytes() const {
        return gfx12Plus() ? 256 * ((1u << 18) - 1) : gfx11Plus() ? 256 * ((1u << 15) - 1) : 1024 * ((1u << 13) - 1);
    }
    bool accumulationVgprs() const { return isa <= IsaClass::Gfx950; }
    bool gfx9() const { return isa <= IsaClass::Gfx950; }
    bool gfx10Plus() const { return isa >= IsaClass::Gfx10; }
    bool gfx11Plus() const { return isa >= IsaClass::Gfx11; }
    bool gfx12Plus() const { return isa >= IsaClass::Gfx12; }
};

/// All virtual targets, in the order in which lists show them.
std::span<const Target> targets();
/// Null where there is none of that name.
const Target* findTarget(std::string_view name);

}  // namespace soma::vgpu
