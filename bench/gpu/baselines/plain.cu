// The kernels of ../kernels as CUDA C++ is plainly written: same algorithms, same workgroups, no hand tuning.
// Compiled by nvcc -O3 -cubin; loaded by the runner as Soma's kernels are.

extern "C" __global__ void plain_nothing(float* x, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < 0) x[i] = 0.0f;
}

extern "C" __global__ void plain_vector_add(const float* a, const float* b, float* c, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) c[i] = a[i] + b[i];
}

extern "C" __global__ void plain_saxpy(float a, const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

extern "C" __global__ void plain_sort_pass(unsigned* keys, unsigned stride, unsigned size, unsigned up, int n) {
    unsigned t = blockIdx.x * blockDim.x + threadIdx.x;
    if (t >= n / 2) return;
    unsigned low = 2 * t - (t & (stride - 1));
    unsigned high = low + stride;
    unsigned a = keys[low];
    unsigned b = keys[high];
    bool ascending = (low & size) == up;
    if ((a > b) == ascending) {
        keys[low] = b;
        keys[high] = a;
    }
}

extern "C" __global__ void plain_stencil(const float* x, float* y, int h, int w) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    int i = blockIdx.y * blockDim.y + threadIdx.y;
    if (i >= h || j >= w) return;
    if (i > 0 && i < h - 1 && j > 0 && j < w - 1) {
        y[i * w + j] = 0.2f * (x[i * w + j] + x[(i - 1) * w + j] + x[(i + 1) * w + j] + x[i * w + j - 1] +
                               x[i * w + j + 1]);
    } else {
        y[i * w + j] = x[i * w + j];
    }
}

extern "C" __global__ void plain_partial_sums(const float* x, float* out, int n) {
    __shared__ float buf[256];
    float sum = 0.0f;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += x[i];
    buf[threadIdx.x] = sum;
    __syncthreads();
    for (int s = 128; s > 0; s /= 2) {
        if (threadIdx.x < s) buf[threadIdx.x] += buf[threadIdx.x + s];
        __syncthreads();
    }
    if (threadIdx.x == 0) out[blockIdx.x] = buf[0];
}

extern "C" __global__ void plain_histogram(const unsigned char* x, unsigned* bins, int n) {
    __shared__ unsigned counts[256];
    counts[threadIdx.x] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        atomicAdd(&counts[x[i]], 1);
    }
    __syncthreads();
    atomicAdd(&bins[threadIdx.x], counts[threadIdx.x]);
}

extern "C" __global__ void plain_softmax(const float* x, float* y, int rows, int columns) {
    __shared__ float buf[256];
    const float* in = x + (size_t)blockIdx.x * columns;
    float* out = y + (size_t)blockIdx.x * columns;
    int t = threadIdx.x;
    float top = -INFINITY;
    for (int j = t; j < columns; j += 256) top = fmaxf(top, in[j]);
    buf[t] = top;
    __syncthreads();
    for (int s = 128; s > 0; s /= 2) {
        if (t < s) buf[t] = fmaxf(buf[t], buf[t + s]);
        __syncthreads();
    }
    top = buf[0];
    __syncthreads();
    float sum = 0.0f;
    for (int j = t; j < columns; j += 256) sum += expf(in[j] - top);
    buf[t] = sum;
    __syncthreads();
    for (int s = 128; s > 0; s /= 2) {
        if (t < s) buf[t] += buf[t + s];
        __syncthreads();
    }
    float scale = 1.0f / buf[0];
    for (int j = t; j < columns; j += 256) out[j] = expf(in[j] - top) * scale;
}

extern "C" __global__ void plain_scan_blocks(const float* x, float* y, float* sums, int n) {
    __shared__ float buf[2][256];
    int t = threadIdx.x;
    int first = blockIdx.x * 1024 + t * 4;
    float a = first < n ? x[first] : 0.0f;
    float b = a + (first + 1 < n ? x[first + 1] : 0.0f);
    float c = b + (first + 2 < n ? x[first + 2] : 0.0f);
    float d = c + (first + 3 < n ? x[first + 3] : 0.0f);
    buf[0][t] = d;
    __syncthreads();
    int from = 0;
    for (int reach = 1; reach < 256; reach *= 2) {
        buf[1 - from][t] = buf[from][t] + (t >= reach ? buf[from][t - reach] : 0.0f);
        __syncthreads();
        from = 1 - from;
    }
    float base = t > 0 ? buf[from][t - 1] : 0.0f;
    if (first < n) y[first] = base + a;
    if (first + 1 < n) y[first + 1] = base + b;
    if (first + 2 < n) y[first + 2] = base + c;
    if (first + 3 < n) y[first + 3] = base + d;
    if (t == 255) sums[blockIdx.x] = base + d;
}

extern "C" __global__ void plain_scan_sums(float* sums, int blocks) {
    __shared__ float buf[2][1024];
    int t = threadIdx.x;
    int each = (blocks + 1023) / 1024;
    int first = t * each;
    int last = min(first + each, blocks);
    float sum = 0.0f;
    for (int i = first; i < last; i++) sum += sums[i];
    buf[0][t] = sum;
    __syncthreads();
    int from = 0;
    for (int reach = 1; reach < 1024; reach *= 2) {
        buf[1 - from][t] = buf[from][t] + (t >= reach ? buf[from][t - reach] : 0.0f);
        __syncthreads();
        from = 1 - from;
    }
    float base = t > 0 ? buf[from][t - 1] : 0.0f;
    for (int i = first; i < last; i++) {
        float own = sums[i];
        sums[i] = base;
        base += own;
    }
}

extern "C" __global__ void plain_scan_add(float* y, const float* sums, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = y[i] + sums[i / 1024];
}

extern "C" __global__ void plain_n_body(const float* x, const float* y, const float* z, const float* mass,
                                        float softening, float* ax, float* ay, float* az, int n) {
    __shared__ float tile_x[256], tile_y[256], tile_z[256], tile_mass[256];
    int i = blockIdx.x * 256 + threadIdx.x;
    int t = threadIdx.x;
    float px = i < n ? x[i] : 0.0f, py = i < n ? y[i] : 0.0f, pz = i < n ? z[i] : 0.0f;
    float sum_x = 0.0f, sum_y = 0.0f, sum_z = 0.0f;
    for (int start = 0; start < n; start += 256) {
        int j = start + t;
        tile_x[t] = j < n ? x[j] : 0.0f;
        tile_y[t] = j < n ? y[j] : 0.0f;
        tile_z[t] = j < n ? z[j] : 0.0f;
        tile_mass[t] = j < n ? mass[j] : 0.0f;
        __syncthreads();
        for (int k = 0; k < 256; k++) {
            float dx = tile_x[k] - px, dy = tile_y[k] - py, dz = tile_z[k] - pz;
            float inverse = rsqrtf(dx * dx + dy * dy + dz * dz + softening);
            float pull = tile_mass[k] * (inverse * inverse * inverse);
            sum_x += dx * pull;
            sum_y += dy * pull;
            sum_z += dz * pull;
        }
        __syncthreads();
    }
    if (i < n) {
        ax[i] = sum_x;
        ay[i] = sum_y;
        az[i] = sum_z;
    }
}

__device__ float cumulative_normal(float d) {
    float k = 1.0f / (1.0f + 0.2316419f * fabsf(d));
    float series =
        k * (0.31938153f + k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
    float tail = 0.39894228040143267794f * expf(-0.5f * d * d) * series;
    return d > 0.0f ? 1.0f - tail : tail;
}

extern "C" __global__ void plain_black_scholes(const float* price, const float* strike, const float* years, float rate,
                                               float volatility, float* call, float* put, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float s = price[i], x = strike[i], t = years[i];
    float spread = volatility * sqrtf(t);
    float d1 = (logf(s / x) + (rate + 0.5f * volatility * volatility) * t) / spread;
    float d2 = d1 - spread;
    float n1 = cumulative_normal(d1), n2 = cumulative_normal(d2);
    float discounted = x * expf(-rate * t);
    call[i] = s * n1 - discounted * n2;
    put[i] = discounted * (1.0f - n2) - s * (1.0f - n1);
}

extern "C" __global__ void plain_spmv(const int* offsets, const int* column, const float* value, const float* x,
                                      float* y, int rows) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= rows) return;
    float sum = 0.0f;
    for (int p = offsets[i]; p < offsets[i + 1]; p++) sum += value[p] * x[column[p]];
    y[i] = sum;
}

extern "C" __global__ void plain_transpose(const float* x, float* out, int m, int n) {
    __shared__ float tile[32][33];
    int top = blockIdx.y * 32, left = blockIdx.x * 32;
    for (int r = threadIdx.y; r < 32; r += 8) {
        if (top + r < m && left + threadIdx.x < n) tile[r][threadIdx.x] = x[(top + r) * n + left + threadIdx.x];
    }
    __syncthreads();
    for (int r = threadIdx.y; r < 32; r += 8) {
        if (left + r < n && top + threadIdx.x < m) out[(left + r) * m + top + threadIdx.x] = tile[threadIdx.x][r];
    }
}

extern "C" __global__ void plain_matmul_naive(const float* a, const float* b, float* c, int m, int k, int n) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    int i = blockIdx.y * blockDim.y + threadIdx.y;
    if (i >= m || j >= n) return;
    float sum = 0.0f;
    for (int p = 0; p < k; p++) sum += a[i * k + p] * b[p * n + j];
    c[i * n + j] = sum;
}

extern "C" __global__ void plain_matmul_tiled(const float* a, const float* b, float* c, int m, int k, int n) {
    __shared__ float tile_a[16][16], tile_b[16][16];
    int y = threadIdx.y, x = threadIdx.x;
    int i = blockIdx.y * 16 + y, j = blockIdx.x * 16 + x;
    float sum = 0.0f;
    for (int p = 0; p < k; p += 16) {
        tile_a[y][x] = i < m && p + x < k ? a[i * k + p + x] : 0.0f;
        tile_b[y][x] = p + y < k && j < n ? b[(p + y) * n + j] : 0.0f;
        __syncthreads();
        for (int q = 0; q < 16; q++) sum += tile_a[y][q] * tile_b[q][x];
        __syncthreads();
    }
    if (i < m && j < n) c[i * n + j] = sum;
}

// What the floor of arithmetic is measured with: eight independent chains of fused multiply-adds for each thread.
extern "C" __global__ void peak_fma(float* out, float a, float b, int rounds) {
    float v[8];
    for (int i = 0; i < 8; i++) v[i] = threadIdx.x + i;
#pragma unroll 4
    for (int r = 0; r < rounds; r++) {
#pragma unroll
        for (int i = 0; i < 8; i++) v[i] = fmaf(v[i], a, b);
    }
    float sum = 0.0f;
    for (int i = 0; i < 8; i++) sum += v[i];
    if (sum == 12345.678f) out[threadIdx.x] = sum;
}
