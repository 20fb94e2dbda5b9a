#include "driver.h"

#include "status.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>

namespace soma::cuda {

namespace {

constexpr const char* kVariable = "SOMA_LIBCUDA";
constexpr const char* kDefaultLibrary = "libcuda.so.1";

struct Loaded {
    Driver table;
    NoDriver failure;
    bool ready = false;

    Loaded() {
        const char* named = std::getenv(kVariable);
        const std::string path = named && *named ? named : kDefaultLibrary;
        void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!library) {
            const char* reason = dlerror();
            failure = {hipErrorSharedObjectInitFailed,
                       "NVIDIA's driver is not there: cannot load '" + path + "' (" + (reason ? reason : "no reason") +
                           "). libcuda.so.1 comes with the driver of an NVIDIA GPU; in a container, start it with the "
                           "GPU (--gpus all). Without a GPU, use the virtual one: the device \"vgpu\""};
            return;
        }
        std::string missing;
#define SOMA_FIND(name, parameters)                                                                                    \
    table.name = reinterpret_cast<decltype(table.name)>(dlsym(library, #name));                                        \
    if (!table.name) {                                                                                                 \
        missing += (missing.empty() ? "" : ", ") + std::string(#name);                                                 \
    }
        SOMA_CUDA_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
#define SOMA_FIND(name, parameters) table.name = reinterpret_cast<decltype(table.name)>(dlsym(library, #name));
        SOMA_CUDA_RECENT_FUNCTIONS(SOMA_FIND)
#undef SOMA_FIND
        if (!missing.empty()) {
            failure = {hipErrorInsufficientDriver,
                       "'" + path + "' is no CUDA driver, or an old one: it lacks " + missing};
            return;
        }
        if (const CUresult result = table.cuInit(0)) {
            failure = {toHip(result), "the CUDA driver cannot start: cuInit: " + describe(table, result)};
            if (failure.code == hipErrorNoDevice) {
                failure.words += hint();
            }
            return;
        }
        ready = true;
    }

    static std::string hint() {
        if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) {
            return std::string("; the environment variable CUDA_VISIBLE_DEVICES=") + visible + " may hide devices";
        }
        if (access("/dev/nvidiactl", F_OK) != 0) {
            return "; there is no /dev/nvidiactl: the kernel driver nvidia is not loaded, or the container was started "
                   "without the GPU";
        }
        return "";
    }
};

const Loaded& loaded() {
    // Never destroyed: threads may still be in the driver when the process ends.
    static const Loaded* const it = new Loaded;
    return *it;
}

}  // namespace

const Driver* driver() { return loaded().ready ? &loaded().table : nullptr; }

const NoDriver& whyNoDriver() { return loaded().failure; }

}  // namespace soma::cuda
