// What is compiled once for each host instruction set, in a namespace of that name (SOMA_HOST_ISA): what instructions do, and
// what the sanitizer checks of them. One build has them all; the running processor chooses.
#pragma once

#include <memory>

namespace soma::vgpu {

class LaunchSanitizer;
class Table;
class WaveSanitizer;

struct HostFunctions {
    void (*addSemantics)(Table& table);
    std::unique_ptr<WaveSanitizer> (*makeSanitizer)(LaunchSanitizer& launch);
};

/// Those of the widest instruction set that the processor and the build have.
const HostFunctions& hostFunctions();

}  // namespace soma::vgpu
