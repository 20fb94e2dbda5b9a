#include "transfer.h"

#include "context.h"

#include <algorithm>
#include <cstring>

namespace soma::vgpu::hip {

namespace {

/// Where one end of a copy lies.
enum class Place { Pageable, Pinned, Device };

/// Bytes from the first to behind the last of a pitched range; nothing where they are more than an address can count.
std::optional<size_t> span(const Pitched& end, size_t rowBytes, size_t height, size_t depth) {
    size_t rows = 0;
    size_t planes = 0;
    size_t bytes = 0;
    if (__builtin_mul_overflow(end.row, height - 1, &rows) || __builtin_mul_overflow(end.plane, depth - 1, &planes) ||
        __builtin_add_overflow(rows, planes, &bytes) || __builtin_add_overflow(bytes, rowBytes, &bytes)) {
        return std::nullopt;
    }
    return bytes;
}

/// Validates [pointer, pointer + size): inside one allocation, or, unless `side` is Device, host memory. With `order` held.
std::optional<Failure> locate(const char* what, const void* pointer, size_t size, Side side, Place& place) {
    const uint64_t address = reinterpret_cast<uint64_t>(pointer);
    if (!pointer) {
        return Failure{hipErrorInvalidValue, std::string("the ") + what + "'s address is null"};
    }
    Runtime& runtime = Runtime::instance();
    for (const auto& device : runtime.devices()) {
        const Memory& memory = device->core.memory();
        const auto allocation = memory.find(address);
        if (!allocation) {
            continue;
        }
        if (!allocation->contains(address, size)) {
            return Failure{hipErrorInvalidValue, std::string("the ") + what + ", " + std::to_string(size) +
                                                     " bytes at " + hex(address) + ", ends outside the " +
                                                     std::to_string(allocation->size) + "-byte allocation at " +
                                                     hex(allocation->base) + " on " + device->describe()};
        }
        if (runtime.pooled.freedLater(allocation->base)) {
            return Failure{hipErrorInvalidValue, std::string("the ") + what + ", " + hex(address) +
                                                     ", lies in memory that hipFreeAsync was called for before"};
        }
        place = allocation->imported ? Place::Pinned : Place::Device;
        return std::nullopt;
    }
    if (side == Side::Device) {
        std::string where;
        for (const auto& device : runtime.devices()) {
            where += (where.empty() ? ": " : "; ") + device->core.memory().describe(address);
        }
        return Failure{hipErrorInvalidValue,
                       std::string("the ") + what + ", " + hex(address) + ", is not device memory" + where};
    }
    place = Place::Pageable;
    return std::nullopt;
}

std::optional<Failure> locate(const char* what, const Pitched& end, size_t rowBytes, size_t height, size_t depth,
                              Side side, Place& place) {
    if ((height > 1 || depth > 1) && end.row < rowBytes) {
        return Failure{hipErrorInvalidPitchValue, std::string("the ") + what + "'s rows are " +
                                                      std::to_string(end.row) + " bytes apart, but a row has " +
                                                      std::to_string(rowBytes)};
    }
    const auto bytes = span(end, rowBytes, height, depth);
    if (!bytes) {
        return Failure{hipErrorInvalidValue, std::string("the ") + what + "'s extents are more than memory can hold"};
    }
    return locate(what, end.pointer, *bytes, side, place);
}

/// Tells each device's memory of a row that was copied to it; without a source, written.
void tellWritten(const std::byte* row, const std::byte* source, size_t bytes) {
    for (const auto& device : Runtime::instance().devices()) {
        const Memory& memory = device->core.memory();
        const auto target = reinterpret_cast<uint64_t>(row);
        if (source != nullptr) {
            memory.copied(target, reinterpret_cast<uint64_t>(source), bytes);
        } else {
            memory.written(target, bytes);
        }
    }
}

/// Calls `each` with the first byte of every row.
template <typename Each>
void forRows(const Pitched& end, size_t height, size_t depth, Each&& each) {
    for (size_t z = 0; z < depth; ++z) {
        for (size_t y = 0; y < height; ++y) {
            each(static_cast<std::byte*>(end.pointer) + z * end.plane + y * end.row, y, z);
        }
    }
}

}  // namespace

std::optional<Failure> Copy::validate(bool& pageable) const {
    if (static_cast<int>(kind) < hipMemcpyHostToHost || static_cast<int>(kind) > hipMemcpyDefault) {
        return Failure{hipErrorInvalidMemcpyDirection,
                       "there is no hipMemcpyKind " + std::to_string(static_cast<int>(kind))};
    }
    if (width == 0 || height == 0 || depth == 0) {
        return std::nullopt;
    }
    const bool toDevice = kind == hipMemcpyHostToDevice || kind == hipMemcpyDeviceToDevice;
    const bool fromDevice = kind == hipMemcpyDeviceToHost || kind == hipMemcpyDeviceToDevice;
    Place target{};
    Place origin{};
    if (auto failure =
            locate("destination", destination, width, height, depth, toDevice ? Side::Device : Side::Any, target)) {
        return failure;
    }
    if (auto failure = locate("source", source, width, height, depth, fromDevice ? Side::Device : Side::Any, origin)) {
        return failure;
    }
    pageable = pageable || target == Place::Pageable || origin == Place::Pageable;
    return std::nullopt;
}

void Copy::run() const {
    if (width == 0) {
        return;
    }
    forRows(destination, height, depth, [&](std::byte* row, size_t y, size_t z) {
        const auto* from = static_cast<const std::byte*>(source.pointer) + z * source.plane + y * source.row;
        std::memmove(row, from, width);
        tellWritten(row, from, width);
    });
}

std::optional<Failure> Fill::validate() const {
    if (elementSize != 1 && elementSize != 2 && elementSize != 4) {
        return Failure{hipErrorInvalidValue,
                       "elements of " + std::to_string(elementSize) + " bytes: a fill takes 1, 2 or 4"};
    }
    if (width > SIZE_MAX / elementSize) {
        return Failure{hipErrorInvalidValue, std::to_string(width) + " elements are more than memory can hold"};
    }
    if (reinterpret_cast<uint64_t>(destination.pointer) % elementSize != 0) {
        return Failure{hipErrorInvalidValue, "the destination, " + hex(destination.pointer) +
                                                 ", is not a multiple of " + std::to_string(elementSize)};
    }
    Place place{};
    return width == 0 || height == 0 || depth == 0
               ? std::nullopt
               : locate("destination", destination, width * elementSize, height, depth, Side::Device, place);
}

void Fill::run() const {
    forRows(destination, height, depth, [&](std::byte* row, size_t, size_t) {
        switch (elementSize) {
            case 1:
                std::memset(row, static_cast<int>(value & 0xff), width);
                break;
            case 2:
                std::fill_n(reinterpret_cast<uint16_t*>(row), width, static_cast<uint16_t>(value));
                break;
            default:
                std::fill_n(reinterpret_cast<uint32_t*>(row), width, value);
        }
        tellWritten(row, nullptr, width * elementSize);
    });
}

Copy linearCopy(void* destination, const void* source, size_t size, hipMemcpyKind kind) {
    return {.destination = {destination, size, size},
            .source = {const_cast<void*>(source), size, size},
            .width = size,
            .kind = kind};
}

std::optional<Failure> copyFrom(const hipMemcpy3DParms& parameters, Copy& copy) {
    if (parameters.srcArray || parameters.dstArray) {
        return Failure{hipErrorNotSupported, "the copy names a hipArray: the virtual GPU has no textures' memory"};
    }
    const auto end = [](const hipPitchedPtr& pointer, const hipPos& at) {
        const size_t plane = pointer.pitch * pointer.ysize;
        return Pitched{static_cast<std::byte*>(pointer.ptr) + at.z * plane + at.y * pointer.pitch + at.x,
                       pointer.pitch, plane};
    };
    copy = {.destination = end(parameters.dstPtr, parameters.dstPos),
            .source = end(parameters.srcPtr, parameters.srcPos),
            .width = parameters.extent.width,
            .height = parameters.extent.height,
            .depth = parameters.extent.depth,
            .kind = parameters.kind};
    return std::nullopt;
}

hipMemcpy3DParms parametersOf(const Copy& copy) {
    const auto pointer = [&](const Pitched& end) {
        return hipPitchedPtr{end.pointer, end.row, copy.width, end.row == 0 ? copy.height : end.plane / end.row};
    };
    return {nullptr, {},          pointer(copy.source), nullptr, {}, pointer(copy.destination),
            {copy.width, copy.height, copy.depth}, copy.kind};
}

}  // namespace soma::vgpu::hip
