#include "../module.h"

#include "../decode/code_image.h"
#include "../device.h"
#include "../format.h"
#include "../observe/facts.h"
#include "elf.h"
#include "generic.h"
#include "lines.h"
#include "metadata.h"

#include <llvm/Support/AMDHSAKernelDescriptor.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace soma::vgpu {

using namespace llvm::ELF;

struct Module::Lazy {
    std::mutex mutex;
    std::unique_ptr<CodeImage> code[2];
    std::unique_ptr<CodeFacts> facts[2];
    std::unique_ptr<LineTable> lines;
};

/// Loads one code object. Each step checks what the next ones rely on, and leaves the reason in `error_`.
class ModuleLoader {
public:
    ModuleLoader(Device& device, std::span<const std::byte> bytes, LoadError& error)
        : device_(device), bytes_(bytes), error_(error) {}

    std::unique_ptr<Module> load() {
        module_.reset(new Module(device_));
        module_->image_.assign(bytes_.begin(), bytes_.end());
        if (!readElf(module_->image_, elf_, error_.message) || !checkTarget() ||
            !readMetadata(elf_.metadata, metadata_, error_.message) || !checkFeatures() || !placeSegments() ||
            !relocate() || !findKernels()) {
            return nullptr;
        }
        findVariables();
        device_.memory().written(module_->loadBase_, loaded_);
        return std::move(module_);
    }

private:
    bool fail(LoadError::Kind kind, std::string message) {
        error_.kind = kind;
        error_.message = std::move(message);
        return false;
    }

    bool damaged(const std::string& what) {
        return fail(LoadError::Kind::InvalidImage, "the code object is damaged: " + what);
    }

    /// Not by LLVM, whose names end in undefined behaviour for machines that it does not know.
    std::string codeObjectTarget() const {
        const uint32_t machine = elf_.header.e_flags & EF_AMDGPU_MACH;
        for (const Target& target : targets()) {
            if (target.machine == machine) {
                return std::string(target.name);
            }
        }
        if (const GenericProcessor* generic = findGeneric(machine)) {
            return std::string(generic->name);
        }
        return format("no virtual target (machine {0:x})", machine);
    }

    bool checkTarget() {
        const Target& target = device_.target();
        const uint32_t machine = elf_.header.e_flags & EF_AMDGPU_MACH;
        const GenericProcessor* generic = genericOf(target);
        if (machine == target.machine || (generic != nullptr && machine == generic->machine)) {
            return true;
        }
        const std::string other = codeObjectTarget();
        return fail(
            LoadError::Kind::WrongTarget,
            format("this code object is for {0}, but the device is {1}: build it for {1}, or use a device for {0}",
                   other, std::string(target.name)));
    }

    bool checkFeatures() {
        // xnack and sramecc change no result here: code for either setting runs. A target that lacks the feature can
        // have no code that asks for it.
        const uint32_t xnack = elf_.header.e_flags & EF_AMDGPU_FEATURE_XNACK_V4;
        if (xnack == EF_AMDGPU_FEATURE_XNACK_ON_V4 && !device_.target().supportsXnack) {
            return fail(LoadError::Kind::WrongTarget, format("this code object needs xnack, which {0} does not have",
                                                             std::string(device_.target().name)));
        }
        return true;
    }

    bool placeSegments() {
        uint64_t low = ~uint64_t(0);
        uint64_t high = 0;
        constexpr uint64_t kLargest = uint64_t(1) << 32;
        for (const Elf64_Phdr& segment : elf_.segments) {
            if (segment.p_type != PT_LOAD) {
                continue;
            }
            if (segment.p_filesz > segment.p_memsz || segment.p_memsz > kLargest || segment.p_vaddr > kLargest) {
                return damaged("a segment has an impossible size or address");
            }
            low = std::min(low, segment.p_vaddr);
            high = std::max(high, segment.p_vaddr + segment.p_memsz);
        }
        if (high == 0) {
            return damaged("it has nothing to load");
        }
        constexpr uint64_t kPage = 4096;
        low = low / kPage * kPage;
        const auto base = device_.memory().allocate(high - low);
        if (!base) {
            return fail(LoadError::Kind::OutOfMemory,
                        format("the device has no memory left for a code object of {0} bytes", high - low));
        }
        module_->loadBase_ = *base;
        module_->loadBias_ = *base - low;
        loaded_ = high - low;
        for (const Elf64_Phdr& segment : elf_.segments) {
            if (segment.p_type != PT_LOAD) {
                continue;
            }
            if (segment.p_filesz != 0) {
                std::memcpy(host(segment.p_vaddr), bytes_.data() + segment.p_offset, segment.p_filesz);
            }
            if ((segment.p_flags & PF_X) != 0) {
                if (module_->codeEnd_ != 0) {
                    return damaged("it has several executable segments");
                }
                if (segment.p_vaddr % 4 != 0) {
                    return damaged("its code is not aligned");
                }
                // Code is what the file holds: the zeros that a segment may go on with are none, and would take hours to
                // decode where a damaged header claims gigabytes of them.
                module_->codeBegin_ = module_->loadBias_ + segment.p_vaddr;
                module_->codeEnd_ = module_->codeBegin_ + segment.p_filesz / 4 * 4;
            }
        }
        return true;
    }

    std::byte* host(uint64_t virtualAddress) {
        return reinterpret_cast<std::byte*>(module_->loadBias_ + virtualAddress);
    }

    /// Whether [address, address + size) of the ELF's address space is loaded.
    bool inside(uint64_t address, uint64_t size) const {
        const uint64_t offset = address + module_->loadBias_ - module_->loadBase_;
        return size <= loaded_ && offset <= loaded_ - size;
    }

    /// Relocation types and formulas: LLVM's AMDGPU user guide, "Relocation Records".
    bool relocate() {
        for (const Elf64_Rela& relocation : elf_.relocations) {
            const uint32_t type = relocation.getType();
            const uint32_t index = relocation.getSymbol();
            uint64_t symbol = 0;
            if (index != 0) {
                if (index >= elf_.symbols.size()) {
                    return damaged("a relocation names no symbol");
                }
                if (!elf_.symbols[index].defined) {
                    return fail(LoadError::Kind::InvalidImage,
                                format("the code object uses {0}, which it does not define", elf_.symbols[index].name));
                }
                symbol = elf_.symbols[index].value + module_->loadBias_;
            }
            const uint64_t place = relocation.r_offset + module_->loadBias_;
            const uint64_t addend = static_cast<uint64_t>(relocation.r_addend);
            uint64_t value = symbol + addend;
            unsigned size = 8;
            switch (type) {
            case R_AMDGPU_NONE:
                continue;
            case R_AMDGPU_ABS64:
                break;
            case R_AMDGPU_RELATIVE64:
                value = module_->loadBias_ + addend;
                break;
            case R_AMDGPU_REL64:
                value -= place;
                break;
            case R_AMDGPU_ABS32:
            case R_AMDGPU_ABS32_LO:
                size = 4;
                break;
            case R_AMDGPU_ABS32_HI:
                value >>= 32;
                size = 4;
                break;
            case R_AMDGPU_REL32:
            case R_AMDGPU_REL32_LO:
                value -= place;
                size = 4;
                break;
            case R_AMDGPU_REL32_HI:
                value = (value - place) >> 32;
                size = 4;
                break;
            default:
                return fail(LoadError::Kind::InvalidImage, format("relocation type {0} is not supported", type));
            }
            if (!inside(relocation.r_offset, size)) {
                return damaged("a relocation lies outside what is loaded");
            }
            std::memcpy(host(relocation.r_offset), &value, size);
        }
        return true;
    }

    const Symbol* findSymbol(std::string_view name) const {
        for (const Symbol& symbol : elf_.symbols) {
            if (symbol.defined && symbol.name == name) {
                return &symbol;
            }
        }
        return nullptr;
    }

    bool findKernels() {
        using llvm::amdhsa::kernel_descriptor_t;
        for (Metadata::Entry& entry : metadata_.kernels) {
            Kernel& kernel = entry.kernel;
            const Symbol* symbol = findSymbol(entry.symbol);
            if (symbol == nullptr || !inside(symbol->value, sizeof(kernel_descriptor_t))) {
                return damaged(format("kernel {0} has no descriptor {1}", kernel.name, entry.symbol));
            }
            kernel_descriptor_t descriptor;
            std::memcpy(&descriptor, host(symbol->value), sizeof descriptor);
            kernel.descriptor = module_->loadBias_ + symbol->value;
            kernel.entry = kernel.descriptor + static_cast<uint64_t>(descriptor.kernel_code_entry_byte_offset);
            kernel.rsrc1 = descriptor.compute_pgm_rsrc1;
            kernel.rsrc2 = descriptor.compute_pgm_rsrc2;
            kernel.rsrc3 = descriptor.compute_pgm_rsrc3;
            kernel.properties = descriptor.kernel_code_properties;
            kernel.kernargPreload = descriptor.kernarg_preload;
            if (kernel.entry < module_->codeBegin_ || kernel.entry >= module_->codeEnd_ || kernel.entry % 4 != 0) {
                return damaged(format("kernel {0} begins outside the code that the file holds", kernel.name));
            }
            const bool wave32 = (kernel.properties & llvm::amdhsa::KERNEL_CODE_PROPERTY_ENABLE_WAVEFRONT_SIZE32) != 0;
            if (wave32 && !device_.target().wave32) {
                return damaged(format("kernel {0} has waves of 32 lanes, which the target does not run", kernel.name));
            }
            kernel.waveSize = wave32 ? 32 : 64;
            kernel.ldsSize = std::max(kernel.ldsSize, uint32_t(descriptor.group_segment_fixed_size));
            kernel.privateSize = std::max(kernel.privateSize, uint32_t(descriptor.private_segment_fixed_size));
            if ((kernel.properties & llvm::amdhsa::KERNEL_CODE_PROPERTY_USES_DYNAMIC_STACK) != 0) {
                kernel.dynamicStack = true;
            }
            module_->kernels_.push_back(std::move(kernel));
        }
        return true;
    }

    void findVariables() {
        for (const Symbol& symbol : elf_.symbols) {
            // Descriptors are objects too, but nobody's variables.
            if (symbol.defined && symbol.type == STT_OBJECT && !symbol.name.ends_with(".kd") &&
                inside(symbol.value, symbol.size)) {
                module_->variables_.push_back(
                    GlobalVariable{std::string(symbol.name), module_->loadBias_ + symbol.value, symbol.size});
            }
        }
    }

    Device& device_;
    std::span<const std::byte> bytes_;
    LoadError& error_;
    Elf elf_;
    Metadata metadata_;
    std::unique_ptr<Module> module_;
    uint64_t loaded_ = 0;
};

Module::Module(Device& device) : device_(device), lazy_(std::make_unique<Lazy>()) {}

Module::~Module() {
    if (loadBase_ != 0) {
        device_.memory().free(loadBase_);
    }
}

std::unique_ptr<Module> Module::load(Device& device, std::span<const std::byte> bytes, LoadError& error) {
    error = LoadError{};
    return ModuleLoader(device, bytes, error).load();
}

const Kernel* Module::findKernel(std::string_view name) const {
    const auto found = std::find_if(kernels_.begin(), kernels_.end(), [&](const Kernel& k) { return k.name == name; });
    return found == kernels_.end() ? nullptr : &*found;
}

const GlobalVariable* Module::findVariable(std::string_view name) const {
    const auto found =
        std::find_if(variables_.begin(), variables_.end(), [&](const GlobalVariable& v) { return v.name == name; });
    return found == variables_.end() ? nullptr : &*found;
}

const CodeImage& Module::code(unsigned waveSize) const {
    std::lock_guard lock(lazy_->mutex);
    auto& image = lazy_->code[waveSize == 64];
    if (!image) {
        const std::span code(reinterpret_cast<const std::byte*>(codeBegin_), codeEnd_ - codeBegin_);
        image = std::make_unique<CodeImage>(device_.target(), waveSize, code, codeBegin_);
    }
    return *image;
}

const CodeFacts& Module::facts(unsigned waveSize) const {
    const CodeImage& image = code(waveSize);
    std::lock_guard lock(lazy_->mutex);
    auto& facts = lazy_->facts[waveSize == 64];
    if (!facts) {
        facts = std::make_unique<CodeFacts>(device_.target(), image);
    }
    return *facts;
}

const LineTable& Module::lines() const {
    std::lock_guard lock(lazy_->mutex);
    if (!lazy_->lines) {
        lazy_->lines = std::make_unique<LineTable>(image_);
    }
    return *lazy_->lines;
}

}  // namespace soma::vgpu
