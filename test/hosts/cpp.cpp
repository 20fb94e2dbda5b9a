// A HIP program that knows the kernels by their generated header alone, which has their code as well. Prints what comes back.
#include "scale.hpp"
#include "scale.hpp"

#include <cstdio>
#include <vector>

template <typename T>
static T* upload(const std::vector<T>& values) {
    void* device = nullptr;
    soma::check("hipMalloc", hipMalloc(&device, values.size() * sizeof(T)));
    soma::check("hipMemcpy", hipMemcpy(device, values.data(), values.size() * sizeof(T), hipMemcpyHostToDevice));
    return static_cast<T*>(device);
}

template <typename T>
static std::vector<T> download(const T* device, size_t count) {
    std::vector<T> values(count);
    soma::check("hipDeviceSynchronize", hipDeviceSynchronize());
    soma::check("hipMemcpy", hipMemcpy(values.data(), device, count * sizeof(T), hipMemcpyDeviceToHost));
    return values;
}

template <typename Call>
static void expectError(Call call) {
    try {
        call();
        std::puts("no error");
    } catch (const soma::kernel_fault& fault) {
        std::printf("fault at %s, %llu: %s\n", fault.place.c_str(), static_cast<unsigned long long>(fault.count), fault.what());
    } catch (const soma::shape_error& error) {
        std::printf("shape: %s\n", error.what());
    }
}

int main() {
    const scale::kernels kernels;
    float* x = upload(std::vector<float>{1, 2, 3, 4, 5, 6});
    float* weights = upload(std::vector<float>{1, 10});
    kernels.scale(2, {0.5f, 0, 0}, {x, {3, 2}}, {weights, {2}}, 1);
    for (float each : download(x, 6)) std::printf("%g ", each);
    std::puts("");
    expectError([&] { kernels.scale(2, {}, {x, {2, 2}}, {weights, {2}}, 1); });
    expectError([&] { kernels.scale(2, {}, {x, {2, 2}}, {x, {1}}, 1); });
    expectError([&] { kernels.scale(2, {}, {x, {3, int64_t(1) << 40}}, {weights, {2}}, 1); });
    kernels.scale(2, {}, {x, {1, 2}}, {weights, {0}}, 1);

    expectError([&] { kernels.told({x, {6}}, 30); });
    kernels.told({x, {6}}, 1000);

    std::vector<scale::soma_Body> bodies(2);
    bodies[1].inner.b = 4;
    scale::soma_Body by{};
    by.pos[2] = 7;
    by.mass = 3;
    auto* moved = upload(bodies);
    kernels.move({moved, {2}}, by);
    const auto after = download(moved, 2)[1];
    std::printf("%g %g %g\n", after.pos[2], after.mass, after.inner.b);

    float* y = upload(std::vector<float>(4));
    auto* vs = upload(std::vector<std::array<float, 3>>{{1, 2, 3}, {4, 5, 6}});
    // The transpose of [[1, 2], [10, 20]].
    float* square = upload(std::vector<float>{1, 2, 10, 20});
    kernels.columns({square, {2, 2}, {1, 2}}, {y, {2, 2}}, {vs, {2}});
    for (float each : download(y, 4)) std::printf("%g ", each);
    std::printf("%g\n", download(vs, 2)[1][2]);
    expectError([&] { kernels.columns(soma::view<float, 2>{square, {2, 2}}, {y, {2, 3}}, {vs, {2}}); });

    hipStream_t stream = nullptr;
    soma::check("hipStreamCreate", hipStreamCreate(&stream));
    kernels.reversed({square, {4}}, {y, {4}}, 1, stream);
    soma::check("hipStreamSynchronize", hipStreamSynchronize(stream));
    for (float each : download(y, 4)) std::printf("%g ", each);
    std::puts("");
    expectError([&] { kernels.reversed({square, {4}}, {y, {4}}, -1); });
}
