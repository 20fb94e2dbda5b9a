// The plain baseline: the kernels of kernels.soma in OpenCL C, as one writes them: restrict, the workgroup's size said,
// 32-bit indices. Sums of products contract as in Soma (a product that is written before its sum becomes one fma with it).

#include "device.h"

__kernel SIZE(256, 1) void triad(float s, const __global float* restrict a, const __global float* restrict b,
                                 __global float* restrict c, uint n) {
    uint i = GLOBAL_X(256);
    if (i < n) c[i] = s * b[i] + a[i];
}

__kernel SIZE(256, 1) void stencil(const __global float* restrict x, __global float* restrict y, uint n) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    if (i > 0 && i < n - 1)
        y[i] = (x[i - 1] + x[i] + x[i + 1]) * 0.333333343f;
    else
        y[i] = x[i];
}

__kernel SIZE(256, 1) void reduction(const __global float* restrict x, __global float* restrict out, uint n, uint g) {
    __local float buf[256];
    float sum = 0.0f;
    for (uint i = GLOBAL_X(256); i < n; i += g * 256) sum += x[i];
    buf[LOCAL_X] = sum;
    meet();
    for (uint s = 128; s > 0; s /= 2) {
        if (LOCAL_X < s) buf[LOCAL_X] += buf[LOCAL_X + s];
        meet();
    }
    if (LOCAL_X == 0) out[GROUP_X] = buf[0];
}

__kernel SIZE(256, 1) void scan(const __global uint* restrict x, __global uint* restrict y, uint n) {
    __local uint buf[256];
    uint i = GLOBAL_X(256);
    uint me = LOCAL_X;
    buf[me] = i < n ? x[i] : 0;
    meet();
    for (uint s = 1; s < 256; s *= 2) {
        uint before = me >= s ? buf[me - s] : 0;
        meet();
        buf[me] += before;
        meet();
    }
    if (i < n) y[i] = buf[me];
}

__kernel SIZE(32, 8) void transpose(const __global float* restrict x, __global float* restrict out, uint m, uint n) {
    __local float tile[32][33];
    uint top = GROUP_Y * 32;
    uint left = GROUP_X * 32;
    uint lane = LOCAL_X;
    for (uint r = LOCAL_Y; r < 32; r += 8)
        if (top + r < m && left + lane < n) tile[r][lane] = x[(top + r) * n + left + lane];
    meet();
    for (uint r = LOCAL_Y; r < 32; r += 8)
        if (left + r < n && top + lane < m) out[(left + r) * m + top + lane] = tile[lane][r];
}

__kernel SIZE(256, 1) void histogram(const __global uchar* restrict x, __global uint* restrict bins, uint n) {
    __local uint count[256];
    count[LOCAL_X] = 0;
    meet();
    uint step = (n + 4095) / 4096 * 256;
    for (uint i = GLOBAL_X(256); i < n; i += step) add_local(&count[x[i]], 1);
    meet();
    add_global(&bins[LOCAL_X], count[LOCAL_X]);
}

__kernel SIZE(256, 1) void nbody(const __global float* restrict px, const __global float* restrict py,
                                 const __global float* restrict pz, const __global float* restrict mass,
                                 __global float* restrict ax, __global float* restrict ay, __global float* restrict az,
                                 uint n) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    float x = px[i], y = py[i], z = pz[i];
    float sx = 0.0f, sy = 0.0f, sz = 0.0f;
    for (uint j = 0; j < n; j++) {
        float dx = px[j] - x, dy = py[j] - y, dz = pz[j] - z;
        float d2 = dx * dx + (dy * dy + (dz * dz + 0.01f));
        float pull = mass[j] / (d2 * SQRT(d2));
        sx = pull * dx + sx;
        sy = pull * dy + sy;
        sz = pull * dz + sz;
    }
    ax[i] = sx;
    ay[i] = sy;
    az[i] = sz;
}

__kernel SIZE(256, 1) void radix_count(const __global uint* restrict x, uint shift, __global uint* restrict counts,
                                       uint n, uint g) {
    __local uint count[16];
    if (LOCAL_X < 16) count[LOCAL_X] = 0;
    meet();
    uint first = GROUP_X * 1024 + LOCAL_X;
    for (uint r = 0; r < 4; r++) {
        uint i = first + r * 256;
        if (i < n) add_local(&count[x[i] >> shift & 15], 1);
    }
    meet();
    if (LOCAL_X < 16) counts[GROUP_X * 16 + LOCAL_X] = count[LOCAL_X];
}

__kernel SIZE(256, 1) void spmv(const __global uint* restrict start, const __global uint* restrict column,
                                const __global float* restrict value, const __global float* restrict x,
                                __global float* restrict y, uint rows, uint nonzeros, uint columns) {
    uint row = GLOBAL_X(256);
    if (row >= rows) return;
    float sum = 0.0f;
    for (uint p = start[row]; p < start[row + 1]; p++) sum = value[p] * x[column[p]] + sum;
    y[row] = sum;
}

__kernel SIZE(32, 8) void convolution(const __global float* restrict x, const __global float* restrict mask,
                                      __global float* restrict y, uint h, uint w) {
    uint j = GLOBAL_X(32);
    uint i = GLOBAL_Y(8);
    if (i >= h || j >= w) return;
    float sum = 0.0f;
    if (i > 0 && j > 0 && i < h - 1 && j < w - 1)
        for (uint a = 0; a < 3; a++)
            for (uint b = 0; b < 3; b++) sum = x[(i + a - 1) * w + j + b - 1] * mask[a * 3 + b] + sum;
    y[i * w + j] = sum;
}

__kernel SIZE(16, 16) void matmul(const __global float* restrict a, const __global float* restrict b,
                                  __global float* restrict c, uint m, uint k, uint n) {
    __local float tile_a[16][16];
    __local float tile_b[16][16];
    uint y = LOCAL_Y, x = LOCAL_X;
    uint i = GROUP_Y * 16 + y, j = GROUP_X * 16 + x;
    float sum = 0.0f;
    for (uint p = 0; p < k; p += 16) {
        tile_a[y][x] = i < m && p + x < k ? a[i * k + p + x] : 0.0f;
        tile_b[y][x] = p + y < k && j < n ? b[(p + y) * n + j] : 0.0f;
        meet();
        for (uint q = 0; q < 16; q++) sum = tile_a[y][q] * tile_b[q][x] + sum;
        meet();
    }
    if (i < m && j < n) c[i * n + j] = sum;
}

__kernel SIZE(32, 8) void mandelbrot(float left, float top, float step, uint limit, __global uint* restrict count,
                                     uint h, uint w) {
    uint x = GLOBAL_X(32);
    uint y = GLOBAL_Y(8);
    if (y >= h || x >= w) return;
    float cr = x * step + left;
    float ci = top - y * step;
    float zr = 0.0f, zi = 0.0f;
    uint steps = 0;
    while (steps < limit) {
        float rr = zr * zr;
        float ii = zi * zi;
        if (rr + ii > 4.0f) break;
        float ri = zr * zi;
        zr = rr - ii + cr;
        zi = ri + ri + ci;
        steps++;
    }
    count[y * w + x] = steps;
}

__kernel SIZE(256, 1) void butterfly(uint half_size, const __global float* restrict wr, const __global float* restrict wi,
                                     __global float* restrict re, __global float* restrict im, uint size, uint n) {
    uint t = GLOBAL_X(256);
    if (t >= size) return;
    uint k = t % half_size;
    uint a = (t - k) * 2 + k;
    uint b = a + half_size;
    float c = wr[t], s = wi[t];
    float xr = re[b] * c - im[b] * s;
    float xi = re[b] * s + im[b] * c;
    float yr = re[a], yi = im[a];
    re[a] = yr + xr;
    im[a] = yi + xi;
    re[b] = yr - xr;
    im[b] = yi - xi;
}

INLINE float cumulative(float x) {
    float k = 1.0f / (0.2316419f * ABS(x) + 1.0f);
    float poly =
        k * (k * (k * (k * (k * 1.330274429f - 1.821255978f) + 1.781477937f) - 0.356563782f) + 0.31938153f);
    float tail = 0.3989422804f * EXP2(x * x * -0.7213475204f) * poly;
    return x > 0.0f ? 1.0f - tail : tail;
}

__kernel SIZE(256, 1) void black_scholes(float rate, float volatility, const __global float* restrict price,
                                         const __global float* restrict strike, const __global float* restrict years,
                                         __global float* restrict call, uint n) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    float s = price[i], k = strike[i], t = years[i];
    float spread = volatility * SQRT(t);
    float growth = (0.5f * volatility * volatility + rate) * t;
    float d1 = (LOG2(s / k) * 0.6931471806f + growth) / spread;
    float d2 = d1 - spread;
    float discounted = k * EXP2(rate * t * -1.442695041f);
    call[i] = s * cumulative(d1) - discounted * cumulative(d2);
}

__kernel SIZE(256, 1) void softmax(const __global float* restrict x, __global float* restrict y, uint m, uint n) {
    __local float buf[256];
    uint row = GROUP_X;
    uint me = LOCAL_X;
    float top = -__builtin_inff();
    for (uint j = me; j < n; j += 256) top = MAX(top, x[row * n + j]);
    buf[me] = top;
    meet();
    for (uint s = 128; s > 0; s /= 2) {
        if (me < s) buf[me] = MAX(buf[me], buf[me + s]);
        meet();
    }
    float highest = buf[0];
    meet();
    float sum = 0.0f;
    for (uint j = me; j < n; j += 256) sum += EXP2((x[row * n + j] - highest) * 1.442695041f);
    buf[me] = sum;
    meet();
    for (uint s = 128; s > 0; s /= 2) {
        if (me < s) buf[me] += buf[me + s];
        meet();
    }
    float scale = 1.0f / buf[0];
    for (uint j = me; j < n; j += 256) y[row * n + j] = EXP2((x[row * n + j] - highest) * 1.442695041f) * scale;
}

__kernel SIZE(256, 1) void hash(const __global uchar* restrict x, __global uint* restrict y, uint n, uint length) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    uint h = 2166136261u;
    for (uint j = 0; j < length; j++) h = (h ^ x[i * length + j]) * 16777619u;
    h = (h ^ h >> 16) * 2246822507u;
    h = (h ^ h >> 13) * 3266489909u;
    y[i] = h ^ h >> 16;
}
