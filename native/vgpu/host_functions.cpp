#include "host_functions.h"

#include "observe/sanitizer.h"

namespace soma::vgpu {

namespace baseline {
void addAll(Table& table);
std::unique_ptr<WaveSanitizer> makeSanitizer(LaunchSanitizer& launch);
}
#ifdef SOMA_HOST_HAS_AVX2
namespace avx2 {
void addAll(Table& table);
std::unique_ptr<WaveSanitizer> makeSanitizer(LaunchSanitizer& launch);
}
#endif
#ifdef SOMA_HOST_HAS_AVX512
namespace avx512 {
void addAll(Table& table);
std::unique_ptr<WaveSanitizer> makeSanitizer(LaunchSanitizer& launch);
}
#endif

const HostFunctions& hostFunctions() {
    static const HostFunctions functions = [] {
#ifdef SOMA_HOST_HAS_AVX512
        if (__builtin_cpu_supports("x86-64-v4")) {
            return HostFunctions{avx512::addAll, avx512::makeSanitizer};
        }
#endif
#ifdef SOMA_HOST_HAS_AVX2
        if (__builtin_cpu_supports("x86-64-v3")) {
            return HostFunctions{avx2::addAll, avx2::makeSanitizer};
        }
#endif
        return HostFunctions{baseline::addAll, baseline::makeSanitizer};
    }();
    return functions;
}

}  // namespace soma::vgpu
