// A code object in device memory: validated, loaded, relocated, with its kernels and global variables by name.
// Immutable after loading; safe to use from several threads. Must not outlive its device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace soma::vgpu {

class Device;
class CodeFacts;
class CodeImage;
class LineTable;

struct LoadError {
    enum class Kind {
        /// Not an AMDGPU code object, truncated, or inconsistent.
        InvalidImage,
        /// Sound, but for another target or other target features.
        WrongTarget,
        OutOfMemory,
    };
    Kind kind = Kind::InvalidImage;
    /// Names cause and remedy.
    std::string message;
};

/// An argument as the metadata note's `.args` states it; `.value_kind` and offsets as in LLVM's AMDGPU user guide.
struct KernelArgument {
    std::string name;
    uint32_t offset = 0;
    uint32_t size = 0;
    /// Such as `by_value`, `global_buffer`, `hidden_block_count_x`.
    std::string valueKind;

    bool hidden() const { return valueKind.starts_with("hidden_"); }
};

struct Kernel {
    std::string name;
    std::vector<KernelArgument> arguments;
    /// The whole argument segment, hidden arguments included, in bytes.
    uint32_t kernargSize = 0;
    /// Up to the end of the last argument that a caller passes.
    uint32_t explicitSize = 0;
    uint32_t kernargAlignment = 16;
    /// Static LDS and private (scratch) bytes per work-item.
    uint32_t ldsSize = 0;
    uint32_t privateSize = 0;
    /// The stack grows at run time (recursion, indirect calls): more private memory is set aside.
    bool dynamicStack = false;
    unsigned waveSize = 32;
    unsigned vgprs = 0;
    unsigned sgprs = 0;
    unsigned accumulationVgprs = 0;
    unsigned vgprSpills = 0;
    unsigned sgprSpills = 0;
    unsigned maxWorkgroupSize = 1024;
    /// All zero: none required.
    std::array<uint32_t, 3> requiredWorkgroupSize{};

    /// The 64-byte kernel descriptor as loaded, and the device address of the first instruction.
    uint64_t descriptor = 0;
    uint64_t entry = 0;
    uint32_t rsrc1 = 0;
    uint32_t rsrc2 = 0;
    uint32_t rsrc3 = 0;
    uint16_t properties = 0;
    uint16_t kernargPreload = 0;
};

struct GlobalVariable {
    std::string name;
    uint64_t address = 0;
    uint64_t size = 0;
};

class Module {
public:
    /// Validates and loads an ELF code object (not an offload bundle). Null with `error` set where it can't.
    static std::unique_ptr<Module> load(Device& device, std::span<const std::byte> bytes, LoadError& error);
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    Device& device() const { return device_; }
    std::span<const Kernel> kernels() const { return kernels_; }
    /// Null where there is none of that name.
    const Kernel* findKernel(std::string_view name) const;
    std::span<const GlobalVariable> variables() const { return variables_; }
    const GlobalVariable* findVariable(std::string_view name) const;

    /// The decoded instructions for a wave size; decoded on first use.
    const CodeImage& code(unsigned waveSize) const;
    /// What observers know of them; found out on first use.
    const CodeFacts& facts(unsigned waveSize) const;
    /// Device address of the image's address 0: code addresses minus this are what llvm-objdump shows.
    uint64_t loadBias() const { return loadBias_; }
    /// Source places from the DWARF line table; parsed on first use.
    const LineTable& lines() const;

private:
    friend class ModuleLoader;
    explicit Module(Device& device);

    struct Lazy;
    Device& device_;
    std::vector<Kernel> kernels_;
    std::vector<GlobalVariable> variables_;
    uint64_t loadBase_ = 0;
    uint64_t loadBias_ = 0;
    uint64_t codeBegin_ = 0;
    uint64_t codeEnd_ = 0;
    std::vector<std::byte> image_;
    std::unique_ptr<Lazy> lazy_;
};

}  // namespace soma::vgpu
