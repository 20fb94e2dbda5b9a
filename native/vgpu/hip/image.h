// Code objects as they come in: from memory of unknown or known length, alone or in a clang offload bundle.
// Invariant: nothing is read outside the given length; where HIP gives none, the image's own headers bound what is read,
// and memory that cannot be read is an error, not a crash.
#pragma once

#include "status.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace soma::vgpu::hip {

/// Copies an image of unknown length, as hipModuleLoadData gets it.
std::optional<Failure> imageFromMemory(const void* image, std::vector<std::byte>& bytes);
std::optional<Failure> imageFromFile(const std::string& path, std::vector<std::byte>& bytes);

/// An entry of an offload bundle that is AMD GPU code.
struct BundleEntry {
    /// Such as `gfx90a:xnack-`.
    std::string_view target;
    std::span<const std::byte> code;

    /// Such as `gfx90a`.
    std::string_view processor() const { return target.substr(0, target.find(':')); }
};

bool isBundle(std::span<const std::byte> bytes);
bool isCompressedBundle(std::span<const std::byte> bytes);
/// Decompresses a bundle ("CCOB"), where LLVM was built with its method.
std::optional<Failure> expandBundle(std::span<const std::byte> bytes, std::vector<std::byte>& expanded);
/// The GPU entries of a bundle, in its order. Fails where the bundle is truncated or inconsistent.
std::optional<Failure> readBundle(std::span<const std::byte> bytes, std::vector<BundleEntry>& entries);

}  // namespace soma::vgpu::hip
