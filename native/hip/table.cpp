#include "table.h"

#include <dlfcn.h>

namespace soma::hip {

namespace {

template <typename Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

/// The virtual GPU's own functions: all of them or none.
void findVirtual(void* library, Table& table) {
    if (!find(library, "somaVgpuAbiVersion", table.somaVgpuAbiVersion) ||
        table.somaVgpuAbiVersion() != SOMA_VGPU_ABI_VERSION) {
        table.somaVgpuAbiVersion = nullptr;
        return;
    }
#define SOMA_FIND(name, result, parameters) find(library, #name, table.name);
    SOMA_VGPU_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
}

std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

}  // namespace

void* loadTable(const std::string& path, Table& table, LoadFailure& failure) {
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        const char* reason = dlerror();
        failure = {"cannot load '" + path + "': " + (reason ? reason : "unknown reason"), {}};
        return nullptr;
    }
    std::vector<std::string> missing;
#define SOMA_FIND(name, result, parameters)                                                                            \
    if (!find(library, #name, table.name)) {                                                                           \
        missing.push_back(#name);                                                                                      \
    }
    SOMA_HIP_CORE_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
    const bool oldProperties = find(library, "hipGetDeviceProperties", table.hipGetDeviceProperties);
    const bool newProperties = find(library, "hipGetDevicePropertiesR0600", table.hipGetDevicePropertiesR0600);
    if (!oldProperties && !newProperties) {
        missing.push_back("hipGetDeviceProperties");
    }
    if (!missing.empty()) {
        failure = {"'" + path + "' is not a HIP library: it lacks " + join(missing), missing};
        return nullptr;
    }
#define SOMA_FIND(name, result, parameters) find(library, #name, table.name);
    SOMA_HIP_OPTIONAL_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
    findVirtual(library, table);
    return library;
}

}  // namespace soma::hip
