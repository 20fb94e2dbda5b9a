// The part of the C++ header that is the same for every module: views, checked extents, errors, modules. C++17, over HIP's
// public header alone; a program may include several such headers.

export const CPP_RUNTIME = `#include <hip/hip_runtime_api.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#ifndef SOMA_STATIC_ASSERT
#define SOMA_STATIC_ASSERT(condition) static_assert(condition, "the layout that the kernel expects")
#endif

#ifndef SOMA_HOST
#define SOMA_HOST 1
namespace soma {

/// The base of all that these headers throw.
struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Shapes that agree neither with each other nor with the kernel's declaration, views that overlap, sizes that can't be launched.
struct shape_error : error {
    using error::error;
};

/// A HIP call failed.
struct hip_error : error {
    hip_error(const char* call, hipError_t code)
        : error(std::string(call) + " failed with " + hipGetErrorName(code) + ": " + hipGetErrorString(code)), code(code) {}
    hipError_t code;
};

/// A kernel found a failed assertion or an access out of bounds; \`place\` is file:line in the source.
struct kernel_fault : error {
    kernel_fault(const std::string& kernel, const std::string& what, std::string place, std::uint64_t count)
        : error(kernel + ": " + what + " (" + place + "; " + std::to_string(count) + " work-items failed)"),
          place(std::move(place)), count(count) {}
    std::string place;
    std::uint64_t count;
};

inline void check(const char* call, hipError_t code) {
    if (code != hipSuccess) throw hip_error(call, code);
}

/// Row-major device memory with its extents, outermost first; the caller owns it.
template <typename T, std::size_t Rank>
struct view {
    T* data = nullptr;
    std::array<std::int64_t, Rank> extents{};

    operator view<const T, Rank>() const { return {data, extents}; }
};

/// Device memory whose elements need not be row-major: \`strides\` are elements between neighbours, not negative.
template <typename T, std::size_t Rank>
struct strided_view {
    strided_view(T* data, std::array<std::int64_t, Rank> extents, std::array<std::int64_t, Rank> strides)
        : data(data), extents(extents), strides(strides) {}
    strided_view(const view<std::remove_const_t<T>, Rank>& dense) : strided_view(view<T, Rank>{dense.data, dense.extents}, 0) {}
    template <typename U = T, typename = std::enable_if_t<std::is_const_v<U>>>
    strided_view(const view<T, Rank>& dense) : strided_view(dense, 0) {}

    T* data;
    std::array<std::int64_t, Rank> extents;
    std::array<std::int64_t, Rank> strides{};

private:
    strided_view(const view<T, Rank>& dense, int) : data(dense.data), extents(dense.extents) {
        std::int64_t stride = 1;
        for (std::size_t axis = Rank; axis-- > 0;) {
            strides[axis] = stride;
            stride *= extents[axis];
        }
    }
};

/// An extent as the kernel computes it: in signed 64 bits, where an overflow and a division by zero are errors.
struct extent {
    std::int64_t value = 0;
    extent(std::int64_t value) : value(value) {}

    friend extent operator+(extent a, extent b) {
        std::int64_t r = 0;
        if (__builtin_add_overflow(a.value, b.value, &r)) throw shape_error("an extent overflows 64 bits");
        return r;
    }
    friend extent operator-(extent a, extent b) {
        std::int64_t r = 0;
        if (__builtin_sub_overflow(a.value, b.value, &r)) throw shape_error("an extent overflows 64 bits");
        return r;
    }
    friend extent operator*(extent a, extent b) {
        std::int64_t r = 0;
        if (__builtin_mul_overflow(a.value, b.value, &r)) throw shape_error("an extent overflows 64 bits");
        return r;
    }
    friend extent operator/(extent a, extent b) { return divided(a, b), a.value / b.value; }
    friend extent operator%(extent a, extent b) { return divided(a, b), a.value % b.value; }

private:
    static void divided(extent a, extent b) {
        if (b.value == 0) throw shape_error("an extent divides by zero");
        if (b.value == -1 && a.value == INT64_MIN) throw shape_error("an extent overflows 64 bits");
    }
};

/// The arguments of one launch, on their way into the kernel's argument buffer.
class launch {
public:
    explicit launch(const char* kernel) : kernel_(kernel) {}

    template <typename View>
    static std::string describe(const char* name, const char* type, const View& view) {
        std::string text = std::string(name) + " (" + type + ", shape [";
        for (std::size_t axis = 0; axis < view.extents.size(); ++axis) {
            text += (axis > 0 ? ", " : "") + std::to_string(view.extents[axis]);
        }
        return text + "])";
    }

    /// The value that a view gives a dimension. Views are described by functions, which only errors call.
    template <typename Describe>
    std::int64_t first(std::int64_t found, const Describe& view) {
        if (found < 0) throw shape_error(kernel_ + ": " + view() + " has a negative extent");
        return found;
    }

    /// Compares it with what another view says.
    template <typename First, typename Second>
    void same(const char* dim, std::int64_t value, const First& from, std::int64_t found, const Second& view) {
        if (value != found) {
            throw shape_error(kernel_ + ": " + dim + " is " + std::to_string(value) + " in " + from() + " but " +
                              std::to_string(found) + " in " + view());
        }
    }

    template <typename Describe>
    void expect(const char* dim, extent wanted, std::int64_t found, const Describe& view, int axis) {
        if (found != wanted.value) {
            throw shape_error(kernel_ + ": " + view() + " must have " + dim + " = " + std::to_string(wanted.value) +
                              " elements along axis " + std::to_string(axis) + ", not " + std::to_string(found));
        }
    }

    /// Refuses a view that has more bytes than its kind may have, an extent of zero counting as one.
    template <typename View, typename Describe>
    void limit(const View& of, std::int64_t size, std::int64_t most, const Describe& view) {
        extent bytes = size;
        for (std::int64_t each : of.extents) bytes = bytes * extent(each < 1 ? 1 : each);
        if (bytes.value > most) throw shape_error(kernel_ + ": " + view() + " has more than " + std::to_string(most) + " bytes");
    }

    /// Refuses row-major views that overlap.
    template <typename A, typename B>
    void disjoint(const char* first, const A& a, std::int64_t sizeA, const char* second, const B& b, std::int64_t sizeB) {
        for (std::int64_t each : a.extents) sizeA *= each;
        for (std::int64_t each : b.extents) sizeB *= each;
        const auto from = reinterpret_cast<std::uintptr_t>(a.data);
        const auto to = reinterpret_cast<std::uintptr_t>(b.data);
        if (from < to + sizeB && to < from + sizeA) {
            throw shape_error(kernel_ + ": " + first + " overlaps " + second + ", and one of them is written");
        }
    }

    /// Each work-item computes that many elements of a domain; 0 where the size counts workgroups.
    void grid(int axis, extent size, std::uint32_t workgroup, std::uint32_t elements, const char* text) {
        const std::int64_t groups = elements ? size.value / workgroup + (size.value % workgroup != 0) : size.value;
        if (size.value < 0 || groups > static_cast<std::int64_t>(UINT32_MAX / workgroup)) {
            throw shape_error(kernel_ + ": " + text + " is " + std::to_string(size.value) + ", which can't be launched");
        }
        grid_[axis] = static_cast<std::uint32_t>(elements ? (groups + elements - 1) / elements : groups);
        block_[axis] = workgroup;
    }

    /// Shared memory of that many bytes, at the next multiple of 16.
    void shared(extent bytes) {
        const extent end = extent(shared_ + 15) / extent(16) * extent(16) + bytes;
        if (bytes.value < 0 || end.value > INT32_MAX) throw shape_error(kernel_ + ": its shared arrays can't be launched");
        shared_ = end.value;
    }

    template <typename T>
    void put(std::size_t offset, const T& value) {
        std::memcpy(buffer_ + offset, &value, sizeof value);
    }

    void put(std::size_t offset, const void* value, std::size_t at, std::size_t size) {
        std::memcpy(buffer_ + offset, static_cast<const unsigned char*>(value) + at, size);
    }

    /// For a kernel that reports: waits for its end, and throws what it found.
    template <typename Places>
    void run_reporting(hipFunction_t function, hipStream_t stream, std::size_t bytes, std::size_t offset, const Places& places) {
        constexpr std::size_t size = 256;
        void* report = nullptr;
        check("hipMalloc", hipMalloc(&report, size));
        unsigned char head[size];
        const auto all = [&] {
            check("hipMemsetAsync", hipMemsetAsync(report, 0, size, stream));
            put(offset, report);
            run(function, stream, bytes);
            check("hipMemcpyAsync", hipMemcpyAsync(head, report, size, hipMemcpyDeviceToHost, stream));
            check("hipStreamSynchronize", hipStreamSynchronize(stream));
        };
        try {
            all();
        } catch (...) {
            (void)hipFree(report);
            throw;
        }
        check("hipFree", hipFree(report));
        std::uint64_t failed = 0;
        std::uint32_t number = 0;
        std::memcpy(&failed, head + 24, sizeof failed);
        std::memcpy(&number, head + 32, sizeof number);
        if (failed == 0) return;
        const auto& place = places[number - 1];
        throw kernel_fault(kernel_, place.what, place.where, failed);
    }

    void run(hipFunction_t function, hipStream_t stream, std::size_t bytes) {
        if (grid_[0] == 0 || grid_[1] == 0 || grid_[2] == 0) return;
        void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, buffer_, HIP_LAUNCH_PARAM_BUFFER_SIZE, &bytes, HIP_LAUNCH_PARAM_END};
        check("hipModuleLaunchKernel",
              hipModuleLaunchKernel(function, grid_[0], grid_[1], grid_[2], block_[0], block_[1], block_[2],
                                    static_cast<unsigned>(shared_), stream, nullptr, extra));
    }

private:
    std::string kernel_;
    std::uint32_t grid_[3] = {1, 1, 1};
    std::uint32_t block_[3] = {1, 1, 1};
    std::int64_t shared_ = 0;
    /// HIP takes at most 4 KiB of arguments.
    alignas(16) unsigned char buffer_[4096] = {};
};

/// A code object on the device that was current when it was made.
class module {
public:
    explicit module(const void* image) { check("hipModuleLoadData", hipModuleLoadData(&module_, image)); }
    module(const module&) = delete;
    module& operator=(const module&) = delete;
    ~module() { (void)hipModuleUnload(module_); }

    hipFunction_t function(const char* symbol) const {
        hipFunction_t found = nullptr;
        check("hipModuleGetFunction", hipModuleGetFunction(&found, module_, symbol));
        return found;
    }

private:
    hipModule_t module_ = nullptr;
};

/// A place in the source that reports.
struct report_place {
    const char* what;
    const char* where;
};

}  // namespace soma
#endif
`;
