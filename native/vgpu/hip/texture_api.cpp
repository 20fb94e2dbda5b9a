// Arrays and textures, which the virtual GPU has none of: hipDeviceAttributeImageSupport is 0, and what programs call all the
// same is refused. HIP's own library does so on devices without images (gfx90a, gfx942).
#include "status.h"

using namespace soma::vgpu::hip;

namespace {

hipError_t refuse() {
    return call([] {
        return fail(hipErrorNotSupported,
                    "the virtual GPU has no arrays and textures: ask for hipDeviceAttributeImageSupport first");
    });
}

}  // namespace

hipError_t hipMallocArray(hipArray_t* array, const hipChannelFormatDesc*, size_t, size_t, unsigned) {
    if (array) {
        *array = nullptr;
    }
    return refuse();
}

hipError_t hipFreeArray(hipArray_t) { return refuse(); }

hipError_t hipMemcpy2DToArray(hipArray_t, size_t, size_t, const void*, size_t, size_t, size_t, hipMemcpyKind) {
    return refuse();
}

hipError_t hipCreateTextureObject(hipTextureObject_t* texture, const hipResourceDesc*, const hipTextureDesc*,
                                  const hipResourceViewDesc*) {
    if (texture) {
        *texture = nullptr;
    }
    return refuse();
}

hipError_t hipDestroyTextureObject(hipTextureObject_t) { return refuse(); }
