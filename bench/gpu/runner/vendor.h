// NVIDIA's libraries, where this machine has them: CUB through libvendor.so (../baselines/vendor.cu), cuBLAS and
// cuSPARSE as they are.
#pragma once

#include "cases.h"

namespace bench {

/// A handle of the library's, opened by path; null where there is none.
void* openVendor(const std::string& path);

void addCublasSaxpy(const Sources& s, Case& it, int n, float a, const void* x, void* y);
/// c ← a·b, all of them n×n and row-major.
void addCublasSgemm(const Sources& s, Case& it, int n, const void* a, const void* b, void* c);
/// out ← xᵀ for x of m rows and n columns, row-major.
void addCublasTranspose(const Sources& s, Case& it, int m, int n, const void* x, void* out);

/// A sparse matrix by compressed rows, f32 with 32-bit indices, on the device.
struct Csr {
    int64_t rows, columns, entries;
    void *offsets, *column, *value;
};
/// y ← A·x.
void addCusparseProduct(const Sources& s, Case& it, const Csr& a, const void* x, void* y);

void addCubSum(const Sources& s, Case& it, int n, const void* x, void* out);
void addCubScan(const Sources& s, Case& it, int n, const void* x, void* y);
void addCubHistogram(const Sources& s, Case& it, int n, const void* x, void* bins);

}  // namespace bench
