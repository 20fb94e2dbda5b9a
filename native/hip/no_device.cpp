// Why a machine with a HIP library may have no device, and what to do. The facts are ROCm's installation prerequisites:
// the amdgpu driver gives /dev/kfd and /dev/dri/render*, which belong to the groups render and video.
#include "failure.h"

#include <unistd.h>

#include <cstdlib>

namespace soma::hip {

std::string noDeviceHelp() {
    constexpr const char* kDriver = "/dev/kfd";
    if (access(kDriver, F_OK) != 0) {
        return "There is no /dev/kfd: this machine has no AMD GPU, or its kernel driver amdgpu is not loaded (`sudo "
               "modprobe amdgpu`; in a container: --device=/dev/kfd --device=/dev/dri). Without a GPU, use the virtual "
               "one: the device \"vgpu\".";
    }
    if (access(kDriver, R_OK | W_OK) != 0) {
        return "/dev/kfd is there, but this user may not open it: join the groups render and video (`sudo usermod -aG "
               "render,video $USER`) and log in again.";
    }
    for (const char* variable : {"HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"}) {
        if (const char* value = std::getenv(variable)) {
            return std::string("/dev/kfd is there and may be opened, but the environment variable ") + variable + "=" +
                   value + " hides devices: unset it.";
        }
    }
    return "/dev/kfd is there and may be opened: see with `rocminfo` whether this HIP version supports the GPU; a newer "
           "ROCm may.";
}

}  // namespace soma::hip
