#include "hip.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace bench {

namespace {
Hip table;
}

void die(const std::string& message) {
    std::fprintf(stderr, "error: %s\n", message.c_str());
    std::exit(1);
}

const Hip& hip() { return table; }

void loadHip(const std::string& path) {
    void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        die(dlerror());
    }
#define SOMA_FIND(name, result, parameters)                                                                            \
    table.name = reinterpret_cast<decltype(table.name)>(dlsym(library, #name));                                        \
    if (!table.name) {                                                                                                 \
        die(path + " lacks " #name);                                                                                   \
    }
    SOMA_HIP_CORE_FUNCTIONS(SOMA_FIND)
    SOMA_HIP_FURTHER_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
}

void check(hipError_t error, const char* call) {
    if (error != hipSuccess) {
        die(std::string(call) + ": " + hip().hipGetErrorName(error) + ": " + hip().hipGetErrorString(error));
    }
}

Module::Module(const std::string& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        die("cannot read " + path);
    }
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    BENCH_HIP(hipModuleLoadData, &module_, bytes.c_str());
}

hipFunction_t Module::kernel(const std::string& name) const {
    hipFunction_t function = nullptr;
    if (hip().hipModuleGetFunction(&function, module_, name.c_str()) != hipSuccess) {
        die(path_ + " has no kernel " + name);
    }
    return function;
}

}  // namespace bench
