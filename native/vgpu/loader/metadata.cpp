#include "metadata.h"

#include "../format.h"

#include <llvm/BinaryFormat/MsgPackDocument.h>

namespace soma::vgpu {

namespace {

using llvm::msgpack::DocNode;
using llvm::msgpack::MapDocNode;
using llvm::msgpack::Type;

/// A field of a map, or null: absent fields and fields of another type read as "not stated".
DocNode* field(MapDocNode& map, const char* name) {
    auto it = map.find(name);
    return it == map.end() ? nullptr : &it->second;
}

uint64_t number(MapDocNode& map, const char* name, uint64_t otherwise = 0) {
    DocNode* node = field(map, name);
    if (node == nullptr) {
        return otherwise;
    }
    if (node->getKind() == Type::UInt) {
        return node->getUInt();
    }
    return node->getKind() == Type::Int && node->getInt() >= 0 ? static_cast<uint64_t>(node->getInt()) : otherwise;
}

std::string text(MapDocNode& map, const char* name) {
    DocNode* node = field(map, name);
    return node != nullptr && node->isString() ? node->getString().str() : std::string{};
}

bool flag(MapDocNode& map, const char* name) {
    DocNode* node = field(map, name);
    return node != nullptr && node->getKind() == Type::Boolean && node->getBool();
}

bool readArguments(MapDocNode& map, Kernel& kernel, std::string& error) {
    DocNode* arguments = field(map, ".args");
    if (arguments == nullptr) {
        return true;
    }
    if (!arguments->isArray()) {
        error = "the code object's metadata is damaged: .args is no list";
        return false;
    }
    for (DocNode& node : arguments->getArray()) {
        if (!node.isMap()) {
            error = "the code object's metadata is damaged: an argument is no map";
            return false;
        }
        MapDocNode& entry = node.getMap();
        KernelArgument argument;
        argument.name = text(entry, ".name");
        argument.valueKind = text(entry, ".value_kind");
        const uint64_t offset = number(entry, ".offset");
        const uint64_t size = number(entry, ".size");
        if (size > kernel.kernargSize || offset > kernel.kernargSize - size) {
            error = format("the code object's metadata is damaged: argument {0} of kernel {1} lies outside its {2}-byte "
                           "argument segment",
                           kernel.arguments.size(), kernel.name, kernel.kernargSize);
            return false;
        }
        argument.offset = static_cast<uint32_t>(offset);
        argument.size = static_cast<uint32_t>(size);
        if (!argument.hidden()) {
            kernel.explicitSize = std::max(kernel.explicitSize, argument.offset + argument.size);
        }
        kernel.arguments.push_back(std::move(argument));
    }
    return true;
}

bool readKernel(MapDocNode& map, Metadata::Entry& entry, std::string& error) {
    // What a kernel may state at most; anything above is a damaged note, and would only fail later and less clearly.
    constexpr uint64_t kLargest = uint64_t(1) << 28;
    Kernel& kernel = entry.kernel;
    kernel.name = text(map, ".name");
    entry.symbol = text(map, ".symbol");
    if (kernel.name.empty() || entry.symbol.empty()) {
        error = "the code object's metadata is damaged: a kernel has no name or symbol";
        return false;
    }
    const auto size = [&](const char* name, uint64_t otherwise, auto& out) {
        const uint64_t value = number(map, name, otherwise);
        if (value > kLargest) {
            error = format("the code object's metadata is damaged: {0} of kernel {1} is {2}", name, kernel.name, value);
            return false;
        }
        out = static_cast<std::remove_reference_t<decltype(out)>>(value);
        return true;
    };
    if (!size(".kernarg_segment_size", 0, kernel.kernargSize) ||
        !size(".kernarg_segment_align", 16, kernel.kernargAlignment) ||
        !size(".group_segment_fixed_size", 0, kernel.ldsSize) ||
        !size(".private_segment_fixed_size", 0, kernel.privateSize) || !size(".wavefront_size", 64, kernel.waveSize) ||
        !size(".vgpr_count", 0, kernel.vgprs) || !size(".sgpr_count", 0, kernel.sgprs) ||
        !size(".agpr_count", 0, kernel.accumulationVgprs) || !size(".vgpr_spill_count", 0, kernel.vgprSpills) ||
        !size(".sgpr_spill_count", 0, kernel.sgprSpills) ||
        !size(".max_flat_workgroup_size", 1024, kernel.maxWorkgroupSize)) {
        return false;
    }
    if (kernel.waveSize != 32 && kernel.waveSize != 64) {
        error = format("the code object's metadata is damaged: kernel {0} has wave size {1}", kernel.name,
                       kernel.waveSize);
        return false;
    }
    kernel.dynamicStack = flag(map, ".uses_dynamic_stack");
    if (DocNode* required = field(map, ".reqd_workgroup_size"); required != nullptr && required->isArray()) {
        auto& list = required->getArray();
        for (size_t axis = 0; axis < 3 && axis < list.size(); ++axis) {
            if (list[axis].getKind() == Type::UInt) {
                kernel.requiredWorkgroupSize[axis] = static_cast<uint32_t>(list[axis].getUInt());
            }
        }
    }
    return readArguments(map, kernel, error);
}

}  // namespace

bool readMetadata(std::span<const std::byte> note, Metadata& metadata, std::string& error) {
    llvm::msgpack::Document document;
    const llvm::StringRef blob(reinterpret_cast<const char*>(note.data()), note.size());
    if (!document.readFromBlob(blob, false) || !document.getRoot().isMap()) {
        error = "the code object's metadata note is damaged: it is no MessagePack map";
        return false;
    }
    MapDocNode& root = document.getRoot().getMap();
    metadata.target = text(root, "amdhsa.target");
    DocNode* kernels = field(root, "amdhsa.kernels");
    if (kernels == nullptr) {
        return true;
    }
    if (!kernels->isArray()) {
        error = "the code object's metadata is damaged: amdhsa.kernels is no list";
        return false;
    }
    for (DocNode& node : kernels->getArray()) {
        Metadata::Entry entry;
        if (!node.isMap()) {
            error = "the code object's metadata is damaged: a kernel is no map";
            return false;
        }
        if (!readKernel(node.getMap(), entry, error)) {
            return false;
        }
        metadata.kernels.push_back(std::move(entry));
    }
    return true;
}

}  // namespace soma::vgpu
