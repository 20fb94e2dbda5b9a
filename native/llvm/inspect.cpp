#include "inspect.h"

#include "code_object.h"
#include "guarded.h"
#include "json.h"

namespace soma::llvm_addon {
namespace {

using llvm::json::OStream;

/// The size of the function that begins at this address, 0 if the file doesn't say.
uint64_t codeSize(const CodeObject& object, uint64_t entry) {
    for (const Symbol& symbol : object.symbols()) {
        if (symbol.isFunction && symbol.address == entry) {
            return symbol.size;
        }
    }
    return 0;
}

void writeArgument(OStream& json, const Metadata& argument) {
    json.object([&] {
        json.attribute("name", stringOrNull(argument.optionalString(".name")));
        json.attribute("offset", argument.unsignedAt(".offset"));
        json.attribute("size", argument.unsignedAt(".size"));
        json.attribute("kind", argument.stringAt(".value_kind"));
        json.attribute("addressSpace", stringOrNull(argument.optionalString(".address_space")));
    });
}

void writeRequiredWorkgroupSize(OStream& json, const Metadata& kernel) {
    const std::vector<Metadata>* sizes = kernel.optionalArray(".reqd_workgroup_size");
    if (sizes == nullptr) {
        json.attribute("requiredWorkgroupSize", nullptr);
        return;
    }
    json.attributeArray("requiredWorkgroupSize", [&] {
        for (const Metadata& size : *sizes) {
            json.value(size.asUnsigned());
        }
    });
}

void writeDescriptor(OStream& json, const llvm::amdhsa::kernel_descriptor_t& descriptor) {
    json.attributeObject("descriptor", [&] {
        json.attribute("ldsBytes", descriptor.group_segment_fixed_size);
        json.attribute("scratchBytes", descriptor.private_segment_fixed_size);
        json.attribute("kernargSize", descriptor.kernarg_size);
        json.attribute("entryOffset", descriptor.kernel_code_entry_byte_offset);
        json.attribute("computePgmRsrc1", descriptor.compute_pgm_rsrc1);
        json.attribute("computePgmRsrc2", descriptor.compute_pgm_rsrc2);
        json.attribute("computePgmRsrc3", descriptor.compute_pgm_rsrc3);
        json.attribute("kernelCodeProperties", descriptor.kernel_code_properties);
        json.attribute("kernargPreload", descriptor.kernarg_preload);
    });
}

void writeKernel(OStream& json, const CodeObject& object, const KernelEntry& kernel) {
    const Metadata& metadata = *kernel.metadata;
    json.object([&] {
        json.attribute("name", kernel.name);
        json.attribute("symbol", kernel.symbol);
        json.attributeArray("arguments", [&] {
            if (const std::vector<Metadata>* arguments = metadata.optionalArray(".args")) {
                for (const Metadata& argument : *arguments) {
                    writeArgument(json, argument);
                }
            }
        });
        json.attribute("kernargSize", metadata.unsignedAt(".kernarg_segment_size"));
        json.attribute("kernargAlign", metadata.unsignedAt(".kernarg_segment_align"));
        json.attribute("ldsBytes", metadata.unsignedAt(".group_segment_fixed_size"));
        json.attribute("scratchBytes", metadata.unsignedAt(".private_segment_fixed_size"));
        json.attribute("dynamicStack", metadata.flag(".uses_dynamic_stack"));
        json.attribute("vgprs", metadata.unsignedAt(".vgpr_count"));
        json.attribute("agprs", metadata.optionalUnsigned(".agpr_count").value_or(0));
        json.attribute("sgprs", metadata.unsignedAt(".sgpr_count"));
        json.attribute("vgprSpills", metadata.optionalUnsigned(".vgpr_spill_count").value_or(0));
        json.attribute("sgprSpills", metadata.optionalUnsigned(".sgpr_spill_count").value_or(0));
        json.attribute("waveSize", kernel.waveSize);
        json.attribute("maxWorkgroupSize", metadata.unsignedAt(".max_flat_workgroup_size"));
        writeRequiredWorkgroupSize(json, metadata);
        json.attribute("codeSize", codeSize(object, kernel.entry));
        json.attribute("entry", kernel.entry);
        writeDescriptor(json, kernel.descriptor);
    });
}

}  // namespace

std::string inspect(const std::string& codeObject) {
    return guardedJson([&](OStream& json) {
        const CodeObject object(codeObject);
        json.object([&] {
            writeTargetId(json, object);
            json.attribute("codeObjectVersion", object.version());
            json.attributeArray("kernels", [&] {
                for (const KernelEntry& kernel : object.kernels()) {
                    writeKernel(json, object, kernel);
                }
            });
        });
    });
}

}  // namespace soma::llvm_addon
