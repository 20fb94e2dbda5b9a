#include "generic.h"

#include <llvm/BinaryFormat/ELF.h>

#include <array>

namespace soma::vgpu {

namespace {

using namespace llvm::ELF;

constexpr std::array kGenerics = {
    GenericProcessor{"gfx9-generic", EF_AMDGPU_MACH_AMDGCN_GFX9_GENERIC},
    GenericProcessor{"gfx9-4-generic", EF_AMDGPU_MACH_AMDGCN_GFX9_4_GENERIC},
    GenericProcessor{"gfx10-1-generic", EF_AMDGPU_MACH_AMDGCN_GFX10_1_GENERIC},
    GenericProcessor{"gfx10-3-generic", EF_AMDGPU_MACH_AMDGCN_GFX10_3_GENERIC},
    GenericProcessor{"gfx11-generic", EF_AMDGPU_MACH_AMDGCN_GFX11_GENERIC},
    GenericProcessor{"gfx12-generic", EF_AMDGPU_MACH_AMDGCN_GFX12_GENERIC},
};

}  // namespace

const GenericProcessor* genericOf(const Target& target) {
    switch (target.isa) {
        case IsaClass::Gfx940:
        case IsaClass::Gfx950:
            return findGeneric(EF_AMDGPU_MACH_AMDGCN_GFX9_4_GENERIC);
        case IsaClass::Gfx10:
            return findGeneric(EF_AMDGPU_MACH_AMDGCN_GFX10_3_GENERIC);
        case IsaClass::Gfx11:
            return findGeneric(EF_AMDGPU_MACH_AMDGCN_GFX11_GENERIC);
        case IsaClass::Gfx12:
            return findGeneric(EF_AMDGPU_MACH_AMDGCN_GFX12_GENERIC);
        case IsaClass::Gfx90a:
        case IsaClass::Gfx1250:
            break;
    }
    return nullptr;
}

const GenericProcessor* findGeneric(uint32_t machine) {
    for (const GenericProcessor& generic : kGenerics) {
        if (generic.machine == machine) {
            return &generic;
        }
    }
    return nullptr;
}

}  // namespace soma::vgpu
