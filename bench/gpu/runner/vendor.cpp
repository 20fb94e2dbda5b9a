// cuBLAS is column-major: a row-major product c = a·b is its c = b·a. Functions are declared as in the cuBLAS library's
// reference (https://docs.nvidia.com/cuda/cublas/); in its default mode products of f32 are computed in f32, not in TF32.
// cuSPARSE's functions and the numbers of its enumerations are those of its reference
// (https://docs.nvidia.com/cuda/cusparse/, "Generic APIs").
#include "vendor.h"

#include <dlfcn.h>

#include <algorithm>
#include <memory>

namespace bench {

namespace {

constexpr int kNoTranspose = 0;
constexpr int kTranspose = 1;

template <typename Function>
Function find(void* library, const char* name) {
    auto function = reinterpret_cast<Function>(dlsym(library, name));
    if (!function) {
        die(std::string("a vendor's library lacks ") + name);
    }
    return function;
}

void ok(int status, const char* call) {
    if (status != 0) {
        die(std::string(call) + " gives " + std::to_string(status));
    }
}

struct Cublas {
    void* handle = nullptr;
    int (*setStream)(void*, hipStream_t);
    int (*saxpy)(void*, int, const float*, const void*, int, void*, int);
    int (*sgemm)(void*, int, int, int, int, int, const float*, const void*, int, const void*, int, const float*, void*,
                 int);
    int (*sgeam)(void*, int, int, int, int, const float*, const void*, int, const float*, const void*, int, void*, int);
};

const Cublas& cublas(void* library) {
    static const Cublas it = [&] {
        Cublas made{};
        made.setStream = find<decltype(made.setStream)>(library, "cublasSetStream_v2");
        made.saxpy = find<decltype(made.saxpy)>(library, "cublasSaxpy_v2");
        made.sgemm = find<decltype(made.sgemm)>(library, "cublasSgemm_v2");
        made.sgeam = find<decltype(made.sgeam)>(library, "cublasSgeam");
        ok(find<int (*)(void**)>(library, "cublasCreate_v2")(&made.handle), "cublasCreate");
        return made;
    }();
    return it;
}

const float kOne = 1;
const float kZero = 0;

/// CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, CUDA_R_32F, CUSPARSE_SPMV_ALG_DEFAULT
constexpr int kAsItIs = 0;
constexpr int kIndex32 = 2;
constexpr int kBaseZero = 0;
constexpr int kFloat32 = 0;
constexpr int kDefaultAlgorithm = 0;

/// y ← A·x, described to cuSPARSE once: the matrix, the vectors and the memory that it works in.
struct SparseProduct {
    void *handle = nullptr, *matrix = nullptr, *x = nullptr, *y = nullptr;
    std::unique_ptr<Array<char>> work;
    int (*setStream)(void*, hipStream_t);
    int (*spmv)(void*, int, const void*, void*, void*, const void*, void*, int, int, void*);

    SparseProduct(void* library, const Csr& a, const void* xs, void* ys)
        : setStream(find<decltype(setStream)>(library, "cusparseSetStream")),
          spmv(find<decltype(spmv)>(library, "cusparseSpMV")) {
        const auto vector = find<int (*)(void**, int64_t, void*, int)>(library, "cusparseCreateDnVec");
        const auto csr = find<int (*)(void**, int64_t, int64_t, int64_t, void*, void*, void*, int, int, int, int)>(
            library, "cusparseCreateCsr");
        const auto size = find<int (*)(void*, int, const void*, void*, void*, const void*, void*, int, int, size_t*)>(
            library, "cusparseSpMV_bufferSize");
        ok(find<int (*)(void**)>(library, "cusparseCreate")(&handle), "cusparseCreate");
        ok(csr(&matrix, a.rows, a.columns, a.entries, a.offsets, a.column, a.value, kIndex32, kIndex32, kBaseZero,
               kFloat32),
           "cusparseCreateCsr");
        ok(vector(&x, a.columns, const_cast<void*>(xs), kFloat32), "cusparseCreateDnVec");
        ok(vector(&y, a.rows, ys, kFloat32), "cusparseCreateDnVec");
        size_t bytes = 0;
        ok(size(handle, kAsItIs, &kOne, matrix, x, &kZero, y, kFloat32, kDefaultAlgorithm, &bytes),
           "cusparseSpMV_bufferSize");
        work = std::make_unique<Array<char>>(std::max<size_t>(bytes, 1));
    }

    void launch(hipStream_t q) const {
        ok(setStream(handle, q), "cusparseSetStream");
        ok(spmv(handle, kAsItIs, &kOne, matrix, x, &kZero, y, kFloat32, kDefaultAlgorithm, work->get()),
           "cusparseSpMV");
    }
};

}  // namespace

void* openVendor(const std::string& path) { return path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); }

void addCublasSaxpy(const Sources& s, Case& it, int n, float a, const void* x, void* y) {
    if (!s.cublas) return;
    const Cublas& blas = cublas(s.cublas);
    it.variants.push_back({"vendor", [=, &blas](hipStream_t q) {
                               ok(blas.setStream(blas.handle, q), "cublasSetStream");
                               ok(blas.saxpy(blas.handle, n, &a, x, 1, y, 1), "cublasSaxpy");
                           }});
}

void addCublasSgemm(const Sources& s, Case& it, int n, const void* a, const void* b, void* c) {
    if (!s.cublas) return;
    const Cublas& blas = cublas(s.cublas);
    it.variants.push_back({"vendor", [=, &blas](hipStream_t q) {
                               ok(blas.setStream(blas.handle, q), "cublasSetStream");
                               ok(blas.sgemm(blas.handle, kNoTranspose, kNoTranspose, n, n, n, &kOne, b, n, a, n,
                                             &kZero, c, n),
                                  "cublasSgemm");
                           }});
}

void addCublasTranspose(const Sources& s, Case& it, int m, int n, const void* x, void* out) {
    if (!s.cublas) return;
    const Cublas& blas = cublas(s.cublas);
    it.variants.push_back({"vendor", [=, &blas](hipStream_t q) {
                               ok(blas.setStream(blas.handle, q), "cublasSetStream");
                               ok(blas.sgeam(blas.handle, kTranspose, kNoTranspose, m, n, &kOne, x, n, &kZero, out, m,
                                             out, m),
                                  "cublasSgeam");
                           }});
}

void addCusparseProduct(const Sources& s, Case& it, const Csr& a, const void* x, void* y) {
    if (!s.cusparse) return;
    const auto product = std::make_shared<SparseProduct>(s.cusparse, a, x, y);
    it.variants.push_back({"vendor", [product](hipStream_t q) { product->launch(q); }});
}

void addCubSum(const Sources& s, Case& it, int n, const void* x, void* out) {
    if (!s.cub) return;
    const auto sum = find<int (*)(const void*, void*, int, hipStream_t)>(s.cub, "cub_sum");
    it.variants.push_back({"vendor", [=](hipStream_t q) { ok(sum(x, out, n, q), "cub_sum"); }});
}

void addCubScan(const Sources& s, Case& it, int n, const void* x, void* y) {
    if (!s.cub) return;
    const auto scan = find<int (*)(const void*, void*, int, hipStream_t)>(s.cub, "cub_scan");
    it.variants.push_back({"vendor", [=](hipStream_t q) { ok(scan(x, y, n, q), "cub_scan"); }});
}

void addCubHistogram(const Sources& s, Case& it, int n, const void* x, void* bins) {
    if (!s.cub) return;
    const auto histogram = find<int (*)(const void*, void*, int, hipStream_t)>(s.cub, "cub_histogram");
    it.variants.push_back({"vendor", [=](hipStream_t q) { ok(histogram(x, bins, n, q), "cub_histogram"); }});
}

}  // namespace bench
