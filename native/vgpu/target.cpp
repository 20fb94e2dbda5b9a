#include "target.h"

#include <llvm/BinaryFormat/ELF.h>

#include <array>

namespace soma::vgpu {

namespace {

constexpr uint64_t GiB = uint64_t(1) << 30;
constexpr unsigned KiB = 1024;
constexpr unsigned MiB = 1024 * KiB;

using enum IsaClass;

// Machine numbers and features: LLVM's AMDGPU user guide, "Processors". Sizes and clocks: AMD's product pages of the
// board named; they are what a host program reads as device properties, and change no result.
constexpr std::array kTargets = {
    Target{"gfx90a", Gfx90a, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX90A, "Soma virtual GPU (gfx90a, Instinct MI210)", 104,
           64, false, 1700, 1600, 4096, 8 * MiB, 64 * KiB, 1024, 32, 64 * GiB, true, true},
    Target{"gfx942", Gfx940, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942, "Soma virtual GPU (gfx942, Instinct MI300X)", 304,
           64, false, 2100, 1300, 8192, 4 * MiB, 64 * KiB, 1024, 32, 192 * GiB, true, true},
    Target{"gfx950", Gfx950, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950, "Soma virtual GPU (gfx950, Instinct MI355X)", 256,
           64, false, 2400, 2000, 8192, 4 * MiB, 160 * KiB, 1024, 32, 288 * GiB, true, true},
    Target{"gfx1030", Gfx10, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1030, "Soma virtual GPU (gfx1030, Radeon RX 6800)", 60,
           32, true, 2105, 1000, 256, 4 * MiB, 64 * KiB, 1024, 32, 16 * GiB, false, false},
    Target{"gfx1100", Gfx11, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1100, "Soma virtual GPU (gfx1100, Radeon RX 7900 XTX)",
           96, 32, true, 2500, 1249, 384, 6 * MiB, 64 * KiB, 1024, 32, 24 * GiB, false, false},
    Target{"gfx1101", Gfx11, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1101, "Soma virtual GPU (gfx1101, Radeon RX 7800 XT)",
           60, 32, true, 2430, 1219, 256, 4 * MiB, 64 * KiB, 1024, 32, 16 * GiB, false, false},
    Target{"gfx1102", Gfx11, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1102, "Soma virtual GPU (gfx1102, Radeon RX 7600)", 32,
           32, true, 2655, 1125, 128, 2 * MiB, 64 * KiB, 1024, 32, 8 * GiB, false, false},
    Target{"gfx1103", Gfx11, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1103, "Soma virtual GPU (gfx1103, Radeon 780M)", 12,
           32, true, 2700, 2800, 128, 2 * MiB, 64 * KiB, 1024, 32, 16 * GiB, false, false},
    Target{"gfx1150", Gfx11, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1150, "Soma virtual GPU (gfx1150, Radeon 890M)", 16,
           32, true, 2900, 3750, 128, 2 * MiB, 64 * KiB, 1024, 32, 16 * GiB, false, false},
    Target{"gfx1151", Gfx11, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1151, "Soma virtual GPU (gfx1151, Radeon 8060S)", 40,
           32, true, 2900, 4000, 256, 2 * MiB, 64 * KiB, 1024, 32, 64 * GiB, false, false},
    Target{"gfx1200", Gfx12, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1200, "Soma virtual GPU (gfx1200, Radeon RX 9060 XT)",
           32, 32, true, 3130, 1258, 128, 4 * MiB, 64 * KiB, 1024, 32, 16 * GiB, false, false},
    Target{"gfx1201", Gfx12, llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX1201, "Soma virtual GPU (gfx1201, Radeon RX 9070 XT)",
           64, 32, true, 2970, 1258, 256, 8 * MiB, 64 * KiB, 1024, 32, 16 * GiB, false, false},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

const Target* findTarget(std::string_view name) {
    for (const Target& target : kTargets) {
        if (target.name == name) {
            return &target;
        }
    }
    return nullptr;
}

}  // namespace soma::vgpu
