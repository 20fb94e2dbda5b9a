// The same computations as an expert writes them: wide loads, more work for each thread, shuffles, registers, the
// hardware's approximate functions where the result allows it. Sizes are multiples of what a workgroup takes.

__device__ float warp_sum(float v) {
    for (int s = 16; s > 0; s /= 2) v += __shfl_xor_sync(0xffffffffu, v, s);
    return v;
}
__device__ float warp_max(float v) {
    for (int s = 16; s > 0; s /= 2) v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, s));
    return v;
}
template <float Op(float)>
__device__ float block_reduce(float v, float* buf, float identity) {
    v = Op(v);
    if (threadIdx.x % 32 == 0) buf[threadIdx.x / 32] = v;
    __syncthreads();
    v = threadIdx.x % 32 < blockDim.x / 32 ? buf[threadIdx.x % 32] : identity;
    v = Op(v);
    __syncthreads();
    return v;
}

extern "C" __global__ void expert_vector_add(const float4* __restrict__ a, const float4* __restrict__ b,
                                             float4* __restrict__ c) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 p = a[i], q = b[i];
    c[i] = make_float4(p.x + q.x, p.y + q.y, p.z + q.z, p.w + q.w);
}

extern "C" __global__ void expert_saxpy(float a, const float4* __restrict__ x, float4* __restrict__ y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 p = x[i], q = y[i];
    y[i] = make_float4(a * p.x + q.x, a * p.y + q.y, a * p.z + q.z, a * p.w + q.w);
}

extern "C" __global__ void expert_sort_pass(uint4* keys, unsigned stride, unsigned size, unsigned up) {
    unsigned t = (blockIdx.x * blockDim.x + threadIdx.x) * 4;
    unsigned low = 2 * t - (t & (stride - 1));
    uint4 a = keys[low / 4], b = keys[(low + stride) / 4];
    uint4 lo = make_uint4(min(a.x, b.x), min(a.y, b.y), min(a.z, b.z), min(a.w, b.w));
    uint4 hi = make_uint4(max(a.x, b.x), max(a.y, b.y), max(a.z, b.z), max(a.w, b.w));
    bool ascending = (low & size) == up;
    keys[low / 4] = ascending ? lo : hi;
    keys[(low + stride) / 4] = ascending ? hi : lo;
}

// Each thread walks down eight rows of its column and keeps three of them in registers.
extern "C" __global__ void expert_stencil(const float* __restrict__ x, float* __restrict__ y, int h, int w) {
    int j = blockIdx.x * blockDim.x + threadIdx.x;
    int first = blockIdx.y * 8;
    float above = first > 0 ? x[(first - 1) * w + j] : 0.0f;
    float here = x[first * w + j];
#pragma unroll
    for (int r = 0; r < 8; r++) {
        int i = first + r;
        float below = i < h - 1 ? x[(i + 1) * w + j] : 0.0f;
        bool inner = i > 0 && i < h - 1 && j > 0 && j < w - 1;
        y[i * w + j] = inner ? 0.2f * (here + above + below + x[i * w + j - 1] + x[i * w + j + 1]) : here;
        above = here;
        here = below;
    }
}

extern "C" __global__ void expert_partial_sums(const float4* __restrict__ x, float* out, int n) {
    __shared__ float buf[32];
    float sum = 0.0f;
#pragma unroll 4
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n / 4; i += gridDim.x * blockDim.x) {
        float4 v = x[i];
        sum += (v.x + v.y) + (v.z + v.w);
    }
    sum = block_reduce<warp_sum>(sum, buf, 0.0f);
    if (threadIdx.x == 0) out[blockIdx.x] = sum;
}

// Counters of its own for each warp; 16 bytes a load.
extern "C" __global__ void expert_histogram(const uint4* __restrict__ x, unsigned* bins, int n) {
    __shared__ unsigned counts[8][256];
    for (int w = 0; w < 8; w++) counts[w][threadIdx.x] = 0;
    __syncthreads();
    unsigned* own = counts[threadIdx.x / 32];
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n / 16; i += gridDim.x * blockDim.x) {
        uint4 v = x[i];
        unsigned words[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
        for (int k = 0; k < 4; k++) {
            atomicAdd(&own[words[k] & 255], 1);
            atomicAdd(&own[words[k] >> 8 & 255], 1);
            atomicAdd(&own[words[k] >> 16 & 255], 1);
            atomicAdd(&own[words[k] >> 24], 1);
        }
    }
    __syncthreads();
    unsigned sum = 0;
    for (int w = 0; w < 8; w++) sum += counts[w][threadIdx.x];
    atomicAdd(&bins[threadIdx.x], sum);
}

// A row of 4096 stays in the registers of 256 threads: it is read once.
extern "C" __global__ void expert_softmax(const float4* __restrict__ x, float4* __restrict__ y) {
    __shared__ float buf[32];
    const float4* in = x + (size_t)blockIdx.x * 1024;
    float4* out = y + (size_t)blockIdx.x * 1024;
    float4 v[4];
    float top = -INFINITY;
#pragma unroll
    for (int k = 0; k < 4; k++) {
        v[k] = in[k * 256 + threadIdx.x];
        top = fmaxf(top, fmaxf(fmaxf(v[k].x, v[k].y), fmaxf(v[k].z, v[k].w)));
    }
    top = block_reduce<warp_max>(top, buf, -INFINITY);
    float sum = 0.0f;
#pragma unroll
    for (int k = 0; k < 4; k++) {
        v[k] = make_float4(__expf(v[k].x - top), __expf(v[k].y - top), __expf(v[k].z - top), __expf(v[k].w - top));
        sum += (v[k].x + v[k].y) + (v[k].z + v[k].w);
    }
    float scale = 1.0f / block_reduce<warp_sum>(sum, buf, 0.0f);
#pragma unroll
    for (int k = 0; k < 4; k++) {
        out[k * 256 + threadIdx.x] = make_float4(v[k].x * scale, v[k].y * scale, v[k].z * scale, v[k].w * scale);
    }
}

extern "C" __global__ void expert_scan_blocks(const float4* __restrict__ x, float4* __restrict__ y, float* sums) {
    __shared__ float buf[8];
    int t = threadIdx.x, lane = t % 32;
    float4 v = x[(size_t)blockIdx.x * 256 + t];
    v.y += v.x;
    v.z += v.y;
    v.w += v.z;
    float inclusive = v.w;
    for (int s = 1; s < 32; s *= 2) {
        float other = __shfl_up_sync(0xffffffffu, inclusive, s);
        if (lane >= s) inclusive += other;
    }
    if (lane == 31) buf[t / 32] = inclusive;
    __syncthreads();
    float base = inclusive - v.w;
    for (int w = 0; w < t / 32; w++) base += buf[w];
    y[(size_t)blockIdx.x * 256 + t] = make_float4(base + v.x, base + v.y, base + v.z, base + v.w);
    if (t == 255) sums[blockIdx.x] = base + v.w;
}

extern "C" __global__ void expert_scan_add(float4* y, const float* __restrict__ sums) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float base = sums[i / 256];
    float4 v = y[i];
    y[i] = make_float4(v.x + base, v.y + base, v.z + base, v.w + base);
}

extern "C" __global__ void expert_n_body(const float* __restrict__ x, const float* __restrict__ y,
                                         const float* __restrict__ z, const float* __restrict__ mass, float softening,
                                         float* __restrict__ ax, float* __restrict__ ay, float* __restrict__ az,
                                         int n) {
    __shared__ float4 tile[256];
    int i = blockIdx.x * 256 + threadIdx.x;
    float px = x[i], py = y[i], pz = z[i];
    float sum_x = 0.0f, sum_y = 0.0f, sum_z = 0.0f;
    for (int start = 0; start < n; start += 256) {
        int j = start + threadIdx.x;
        tile[threadIdx.x] = make_float4(x[j], y[j], z[j], mass[j]);
        __syncthreads();
#pragma unroll 32
        for (int k = 0; k < 256; k++) {
            float4 b = tile[k];
            float dx = b.x - px, dy = b.y - py, dz = b.z - pz;
            float squared = fmaf(dx, dx, fmaf(dy, dy, fmaf(dz, dz, softening)));
            float inverse;
            asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(squared));
            float pull = b.w * (inverse * inverse * inverse);
            sum_x = fmaf(dx, pull, sum_x);
            sum_y = fmaf(dy, pull, sum_y);
            sum_z = fmaf(dz, pull, sum_z);
        }
        __syncthreads();
    }
    ax[i] = sum_x;
    ay[i] = sum_y;
    az[i] = sum_z;
}

__device__ float fast_normal(float d) {
    float k = __fdividef(1.0f, fmaf(0.2316419f, fabsf(d), 1.0f));
    float series = k * fmaf(k, fmaf(k, fmaf(k, fmaf(k, 1.330274429f, -1.821255978f), 1.781477937f), -0.356563782f),
                            0.31938153f);
    float tail = 0.39894228040143267794f * __expf(-0.5f * d * d) * series;
    return d > 0.0f ? 1.0f - tail : tail;
}

extern "C" __global__ void expert_black_scholes(const float* __restrict__ price, const float* __restrict__ strike,
                                                const float* __restrict__ years, float rate, float volatility,
                                                float* __restrict__ call, float* __restrict__ put) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float s = price[i], x = strike[i], t = years[i];
    float root = __fsqrt_rn(t);
    float spread = volatility * root;
    float d1 = __fdividef(__logf(__fdividef(s, x)) + (rate + 0.5f * volatility * volatility) * t, spread);
    float d2 = d1 - spread;
    float n1 = fast_normal(d1), n2 = fast_normal(d2);
    float discounted = x * __expf(-rate * t);
    call[i] = s * n1 - discounted * n2;
    put[i] = discounted * (1.0f - n2) - s * (1.0f - n1);
}

// Eight lanes for each row, so that neighbouring lanes read neighbouring entries.
extern "C" __global__ void expert_spmv(const int* __restrict__ offsets, const int* __restrict__ column,
                                       const float* __restrict__ value, const float* __restrict__ x,
                                       float* __restrict__ y) {
    int thread = blockIdx.x * blockDim.x + threadIdx.x;
    int row = thread / 8, lane = thread % 8;
    float sum = 0.0f;
    int end = offsets[row + 1];
    for (int p = offsets[row] + lane; p < end; p += 8) sum += value[p] * x[column[p]];
    for (int s = 4; s > 0; s /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, s);
    if (lane == 0) y[row] = sum;
}

extern "C" __global__ void expert_transpose(const float* __restrict__ x, float* __restrict__ out, int m, int n) {
    __shared__ float tile[32][33];
    int top = blockIdx.y * 32, left = blockIdx.x * 32;
#pragma unroll
    for (int r = 0; r < 32; r += 8) {
        tile[threadIdx.y + r][threadIdx.x] = x[(top + threadIdx.y + r) * n + left + threadIdx.x];
    }
    __syncthreads();
#pragma unroll
    for (int r = 0; r < 32; r += 8) {
        out[(left + threadIdx.y + r) * m + top + threadIdx.x] = tile[threadIdx.x][threadIdx.y + r];
    }
}

// Tiles of 128×128 by 8, 8×8 results for each of 256 threads.
extern "C" __global__ void __launch_bounds__(256) expert_matmul(const float* __restrict__ a,
                                                                const float* __restrict__ b, float* __restrict__ c,
                                                                int k, int n) {
    __shared__ float tile_a[8][128], tile_b[8][128];
    int t = threadIdx.x;
    int top = blockIdx.y * 128, left = blockIdx.x * 128;
    int load_row = t / 2, load_k = t % 2 * 4, load_p = t / 32, load_column = t % 32 * 4;
    int y = t / 16 * 4, x = t % 16 * 4;
    float acc[8][8] = {};
    for (int p = 0; p < k; p += 8) {
        float4 va = *(const float4*)&a[(top + load_row) * k + p + load_k];
        float4 vb = *(const float4*)&b[(p + load_p) * n + left + load_column];
        tile_a[load_k][load_row] = va.x;
        tile_a[load_k + 1][load_row] = va.y;
        tile_a[load_k + 2][load_row] = va.z;
        tile_a[load_k + 3][load_row] = va.w;
        *(float4*)&tile_b[load_p][load_column] = vb;
        __syncthreads();
#pragma unroll
        for (int q = 0; q < 8; q++) {
            float ra[8], rb[8];
            *(float4*)&ra[0] = *(const float4*)&tile_a[q][y];
            *(float4*)&ra[4] = *(const float4*)&tile_a[q][64 + y];
            *(float4*)&rb[0] = *(const float4*)&tile_b[q][x];
            *(float4*)&rb[4] = *(const float4*)&tile_b[q][64 + x];
#pragma unroll
            for (int i = 0; i < 8; i++) {
#pragma unroll
                for (int j = 0; j < 8; j++) acc[i][j] = fmaf(ra[i], rb[j], acc[i][j]);
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
        float* row = &c[(top + (i < 4 ? y + i : 60 + y + i)) * n + left];
        *(float4*)&row[x] = make_float4(acc[i][0], acc[i][1], acc[i][2], acc[i][3]);
        *(float4*)&row[64 + x] = make_float4(acc[i][4], acc[i][5], acc[i][6], acc[i][7]);
    }
}
