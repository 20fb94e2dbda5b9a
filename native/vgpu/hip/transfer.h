// Copies and fills as values: validated, then run at once, queued, or kept as a node of a graph.
// A device address is a host address of this process, so that a copy is a memmove; what the checks add is that it stays
// inside allocations.
#pragma once

#include "status.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace soma::vgpu::hip {

/// What the kind of a copy demands of an end. HIP accepts device memory where it says host: addresses are unified.
enum class Side { Any, Device };

/// One end: `height` × `depth` rows, so many bytes apart.
struct Pitched {
    void* pointer = nullptr;
    size_t row = 0;
    size_t plane = 0;
};

struct Copy {
    Pitched destination;
    Pitched source;
    /// Bytes of a row, rows of a plane, planes.
    size_t width = 0;
    size_t height = 1;
    size_t depth = 1;
    hipMemcpyKind kind = hipMemcpyDefault;

    /// Nothing is wrong with the extents, and both ends lie in memory that is alive. Sets `pageable` where an end is host
    /// memory that HIP did not allocate. Runtime's `order` must be held.
    std::optional<Failure> validate(bool& pageable) const;
    void run() const;
};

struct Fill {
    Pitched destination;
    uint32_t value = 0;
    /// 1, 2 or 4 bytes.
    unsigned elementSize = 1;
    /// Elements of a row, rows of a plane, planes.
    size_t width = 0;
    size_t height = 1;
    size_t depth = 1;

    std::optional<Failure> validate() const;
    void run() const;
};

/// A copy of `size` bytes in a row.
Copy linearCopy(void* destination, const void* source, size_t size, hipMemcpyKind kind);
/// What hipMemcpy3D's parameters say; a failure where they name arrays, of which the virtual GPU has none.
std::optional<Failure> copyFrom(const hipMemcpy3DParms& parameters, Copy& copy);
hipMemcpy3DParms parametersOf(const Copy& copy);

}  // namespace soma::vgpu::hip
