#include "metadata.h"

#include "../format.h"
#include "messagepack.h"

namespace soma::vgpu {

namespace {

using Kind = PackedValue::Kind;

// Absent fields and fields of another type read as "not stated".

uint64_t number(const PackedValue& map, const char* name, uint64_t otherwise = 0) {
    const PackedValue* value = map.find(name);
    return value != nullptr && value->kind == Kind::Unsigned ? value->number : otherwise;
}

std::string text(const PackedValue& map, const char* name) {
    const PackedValue* value = map.find(name);
    return value != nullptr ? value->text : std::string{};
}

bool flag(const PackedValue& map, const char* name) {
    const PackedValue* value = map.find(name);
    return value != nullptr && value->boolean;
}

bool readArguments(const PackedValue& map, Kernel& kernel, std::string& error) {
    const PackedValue* arguments = map.find(".args");
    if (arguments == nullptr) {
        return true;
    }
    if (arguments->kind != Kind::List) {
        error = "the code object's metadata is damaged: .args is no list";
        return false;
    }
    for (const PackedValue& entry : arguments->list) {
        KernelArgument argument;
        argument.name = text(entry, ".name");
        argument.valueKind = text(entry, ".value_kind");
        const uint64_t offset = number(entry, ".offset");
        const uint64_t size = number(entry, ".size");
        if (size > kernel.kernargSize || offset > kernel.kernargSize - size) {
            error = format(
                "the code object's metadata is damaged: argument {0} of kernel {1} lies outside its {2}-byte "
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

bool readKernel(const PackedValue& map, Metadata::Entry& entry, std::string& error) {
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
        error =
            format("the code object's metadata is damaged: kernel {0} has wave size {1}", kernel.name, kernel.waveSize);
        return false;
    }
    kernel.dynamicStack = flag(map, ".uses_dynamic_stack");
    if (const PackedValue* required = map.find(".reqd_workgroup_size"); required != nullptr) {
        for (size_t axis = 0; axis < 3 && axis < required->list.size(); ++axis) {
            kernel.requiredWorkgroupSize[axis] = static_cast<uint32_t>(required->list[axis].number);
        }
    }
    return readArguments(map, kernel, error);
}

}  // namespace

bool readMetadata(std::span<const std::byte> note, Metadata& metadata, std::string& error) {
    const std::optional<PackedValue> root = readMessagePack(note);
    if (!root || root->kind != Kind::Map) {
        error = "the code object's metadata note is damaged: it is no MessagePack map";
        return false;
    }
    metadata.target = text(*root, "amdhsa.target");
    const PackedValue* kernels = root->find("amdhsa.kernels");
    if (kernels == nullptr) {
        return true;
    }
    for (const PackedValue& value : kernels->list) {
        Metadata::Entry entry;
        if (!readKernel(value, entry, error)) {
            return false;
        }
        metadata.kernels.push_back(std::move(entry));
    }
    return true;
}

}  // namespace soma::vgpu
