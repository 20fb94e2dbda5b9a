// AMD's metadata note (MessagePack): LLVM's AMDGPU user guide, "Code Object V5 Metadata".
#pragma once

#include "../module.h"

namespace soma::vgpu {

struct Metadata {
    /// Such as `amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-`; empty where it says none.
    std::string target;
    struct Entry {
        Kernel kernel;
        /// The descriptor's symbol, `<name>.kd`.
        std::string symbol;
    };
    std::vector<Entry> kernels;
};

bool readMetadata(std::span<const std::byte> note, Metadata& metadata, std::string& error);

}  // namespace soma::vgpu
