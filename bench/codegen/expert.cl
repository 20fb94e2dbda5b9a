// The expert's baseline: the same kernels with the same results to the bit, the same algorithm and the same work for each
// work-item (coarsened, by vector types, where Soma coarsens), tuned for what the compiler makes of them:
//   - `AT` addresses an element by a byte offset of 32 bits beside a scalar base, which global instructions take as it is;
//     plain C's `x + 4·i` may exceed 32 bits, so it costs 64-bit sums. It is right for views of less than 4 GiB.
//   - What a work-item itself wrote to LDS it keeps in a register instead of reading it back.
//   - What doesn't change in a loop is computed before it; loops of known length are unrolled; two comparisons that one
//     unsigned comparison can do are one.

#include "device.h"

/** The element i of p. */
#define AT(p, i) (*(__typeof__(&(p)[0]))((const __global char*)(p) + (uint)((i) * (uint)sizeof(*(p)))))
#define UNROLL _Pragma("unroll")

// Four neighbours a work-item in one access of 16 bytes, which wants views that begin at multiples of that; the last
// work-item does the rest one by one.
__kernel SIZE(256, 1) void triad(float s, const __global float* restrict a, const __global float* restrict b,
                                 __global float* restrict c, uint n) {
    uint i = GLOBAL_X(256) * 4;
    if (i + 3 < n) {
        float4 x = *(const __global float4*)&AT(b, i), y = *(const __global float4*)&AT(a, i);
        *(__global float4*)&AT(c, i) = s * x + y;
    } else {
        for (; i < n; i++) AT(c, i) = s * AT(b, i) + AT(a, i);
    }
}

// Neighbours are at constant offsets of one address, and one comparison finds both ends.
__kernel SIZE(256, 1) void stencil(const __global float* restrict x, __global float* restrict y, uint n) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    const __global float* at = &AT(x, i);
    float middle = at[0];
    if (i - 1 < n - 2) middle = (at[-1] + middle + at[1]) * 0.333333343f;
    AT(y, i) = middle;
}

// The sum of a work-item stays in a register: LDS is read once a step.
__kernel SIZE(256, 1) void reduction(const __global float* restrict x, __global float* restrict out, uint n, uint g) {
    __local float buf[256];
    uint me = LOCAL_X, step = g * 256;
    float sum = 0.0f;
    for (uint i = GLOBAL_X(256); i < n; i += step) sum += AT(x, i);
    buf[me] = sum;
    meet();
    UNROLL for (uint s = 128; s > 0; s /= 2) {
        if (me < s) buf[me] = sum += buf[me + s];
        meet();
    }
    if (me == 0) out[GROUP_X] = sum;
}

// As above: a step reads what lies before and writes what is kept.
__kernel SIZE(256, 1) void scan(const __global uint* restrict x, __global uint* restrict y, uint n) {
    __local uint buf[256];
    uint i = GLOBAL_X(256), me = LOCAL_X;
    uint sum = i < n ? AT(x, i) : 0;
    buf[me] = sum;
    meet();
    UNROLL for (uint s = 1; s < 256; s *= 2) {
        uint before = me >= s ? buf[me - s] : 0;
        meet();
        buf[me] = sum += before;
        meet();
    }
    if (i < n) AT(y, i) = sum;
}

// Rows of 33 keep columns out of one bank. Whether a column is inside is asked once, and an address goes from row to row.
__kernel SIZE(32, 8) void transpose(const __global float* restrict x, __global float* restrict out, uint m, uint n) {
    __local float tile[32][33];
    uint top = GROUP_Y * 32, left = GROUP_X * 32;
    uint lane = LOCAL_X, first = LOCAL_Y;
    if (left + lane < n) {
        uint at = (top + first) * n + left + lane;
        UNROLL for (uint r = 0; r < 32; r += 8, at += 8 * n)
            if (top + first + r < m) tile[first + r][lane] = AT(x, at);
    }
    meet();
    if (top + lane < m) {
        uint at = (left + first) * m + top + lane;
        UNROLL for (uint r = 0; r < 32; r += 8, at += 8 * m)
            if (left + first + r < n) AT(out, at) = tile[lane][first + r];
    }
}

__kernel SIZE(256, 1) void histogram(const __global uchar* restrict x, __global uint* restrict bins, uint n) {
    __local uint count[256];
    uint me = LOCAL_X;
    count[me] = 0;
    meet();
    uint step = (n + 4095) / 4096 * 256;
    for (uint i = GLOBAL_X(256); i < n; i += step) add_local(&count[AT(x, i)], 1);
    meet();
    add_global(&AT(bins, me), count[me]);
}

// Four bodies a round: what all work-items read comes by wide scalar loads.
__kernel SIZE(256, 1) void nbody(const __global float* restrict px, const __global float* restrict py,
                                 const __global float* restrict pz, const __global float* restrict mass,
                                 __global float* restrict ax, __global float* restrict ay, __global float* restrict az,
                                 uint n) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    float x = AT(px, i), y = AT(py, i), z = AT(pz, i);
    float sx = 0.0f, sy = 0.0f, sz = 0.0f;
    _Pragma("unroll 4") for (uint j = 0; j < n; j++) {
        float dx = px[j] - x, dy = py[j] - y, dz = pz[j] - z;
        float d2 = dx * dx + (dy * dy + (dz * dz + 0.01f));
        float pull = mass[j] / (d2 * SQRT(d2));
        sx = pull * dx + sx;
        sy = pull * dy + sy;
        sz = pull * dz + sz;
    }
    AT(ax, i) = sx;
    AT(ay, i) = sy;
    AT(az, i) = sz;
}

// The four elements of a work-item are at constant offsets of one address.
__kernel SIZE(256, 1) void radix_count(const __global uint* restrict x, uint shift, __global uint* restrict counts,
                                       uint n, uint g) {
    __local uint count[16];
    uint me = LOCAL_X;
    if (me < 16) count[me] = 0;
    meet();
    uint first = GROUP_X * 1024 + me;
    const __global uint* at = &AT(x, first);
    UNROLL for (uint r = 0; r < 4; r++)
        if (first + r * 256 < n) add_local(&count[at[r * 256] >> shift & 15], 1);
    meet();
    if (me < 16) AT(counts, GROUP_X * 16 + me) = count[me];
}

__kernel SIZE(256, 1) void spmv(const __global uint* restrict start, const __global uint* restrict column,
                                const __global float* restrict value, const __global float* restrict x,
                                __global float* restrict y, uint rows, uint nonzeros, uint columns) {
    uint row = GLOBAL_X(256);
    if (row >= rows) return;
    const __global uint* range = &AT(start, row);
    uint end = range[1];
    float sum = 0.0f;
    for (uint p = range[0]; p < end; p++) sum = AT(value, p) * AT(x, AT(column, p)) + sum;
    AT(y, row) = sum;
}

// One address a row of the mask, with the row's elements at constant offsets; one comparison an axis finds the border.
__kernel SIZE(32, 8) void convolution(const __global float* restrict x, const __global float* restrict mask,
                                      __global float* restrict y, uint h, uint w) {
    uint j = GLOBAL_X(32), i = GLOBAL_Y(8);
    if (i >= h || j >= w) return;
    uint at = i * w + j;
    float sum = 0.0f;
    if (i - 1 < h - 2 && j - 1 < w - 2) {
        UNROLL for (uint a = 0; a < 3; a++) {
            const __global float* row = &AT(x, at + (a - 1) * w);
            UNROLL for (uint b = 0; b < 3; b++) sum = row[(int)b - 1] * mask[a * 3 + b] + sum;
        }
    }
    AT(y, at) = sum;
}

// Addresses go from tile to tile, a row of `a` is read in pieces of 16 bytes, and what an axis' end forbids is asked once.
__kernel SIZE(16, 16) void matmul(const __global float* restrict a, const __global float* restrict b,
                                  __global float* restrict c, uint m, uint k, uint n) {
    __local float4 tile_a[16][4];
    __local float tile_b[16][16];
    uint y = LOCAL_Y, x = LOCAL_X;
    uint i = GROUP_Y * 16 + y, j = GROUP_X * 16 + x;
    uint left = i < m ? k : 0, below = j < n ? k : 0;
    uint at_a = i * k + x, at_b = y * n + j;
    float sum = 0.0f;
    for (uint p = 0; p < k; p += 16, at_a += 16, at_b += 16 * n) {
        ((__local float*)tile_a[y])[x] = p + x < left ? AT(a, at_a) : 0.0f;
        tile_b[y][x] = p + y < below ? AT(b, at_b) : 0.0f;
        meet();
        UNROLL for (uint q = 0; q < 4; q++) {
            float4 row = tile_a[y][q];
            sum = row.x * tile_b[q * 4][x] + sum;
            sum = row.y * tile_b[q * 4 + 1][x] + sum;
            sum = row.z * tile_b[q * 4 + 2][x] + sum;
            sum = row.w * tile_b[q * 4 + 3][x] + sum;
        }
        meet();
    }
    if (i < m && j < n) AT(c, i * n + j) = sum;
}

__kernel SIZE(32, 8) void mandelbrot(float left, float top, float step, uint limit, __global uint* restrict count,
                                     uint h, uint w) {
    uint x = GLOBAL_X(32), y = GLOBAL_Y(8);
    if (y >= h || x >= w) return;
    float cr = x * step + left, ci = top - y * step;
    float zr = 0.0f, zi = 0.0f;
    uint steps = 0;
    for (; steps < limit; steps++) {
        float rr = zr * zr, ii = zi * zi;
        if (rr + ii > 4.0f) break;
        float ri = zr * zi;
        zr = rr - ii + cr;
        zi = ri + ri + ci;
    }
    AT(count, y * w + x) = steps;
}

// Each element is read once, and written at the address that it was read from.
__kernel SIZE(256, 1) void butterfly(uint half_size, const __global float* restrict wr, const __global float* restrict wi,
                                     __global float* restrict re, __global float* restrict im, uint size, uint n) {
    uint t = GLOBAL_X(256);
    if (t >= size) return;
    uint a = t * 2 - t % half_size;
    uint b = a + half_size;
    float c = AT(wr, t), s = AT(wi, t);
    float re_a = AT(re, a), im_a = AT(im, a), re_b = AT(re, b), im_b = AT(im, b);
    float xr = re_b * c - im_b * s;
    float xi = re_b * s + im_b * c;
    AT(re, a) = re_a + xr;
    AT(im, a) = im_a + xi;
    AT(re, b) = re_a - xr;
    AT(im, b) = im_a - xi;
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
    float s = AT(price, i), k = AT(strike, i), t = AT(years, i);
    float spread = volatility * SQRT(t);
    float growth = (0.5f * volatility * volatility + rate) * t;
    float d1 = (LOG2(s / k) * 0.6931471806f + growth) / spread;
    float d2 = d1 - spread;
    float discounted = k * EXP2(rate * t * -1.442695041f);
    AT(call, i) = s * cumulative(d1) - discounted * cumulative(d2);
}

// A row's address is scalar; what a work-item has found stays in a register.
__kernel SIZE(256, 1) void softmax(const __global float* restrict x, __global float* restrict y, uint m, uint n) {
    __local float buf[256];
    uint me = LOCAL_X;
    x += GROUP_X * n;
    y += GROUP_X * n;
    float top = -__builtin_inff();
    for (uint j = me; j < n; j += 256) top = MAX(top, AT(x, j));
    buf[me] = top;
    meet();
    UNROLL for (uint s = 128; s > 0; s /= 2) {
        if (me < s) buf[me] = top = MAX(top, buf[me + s]);
        meet();
    }
    float highest = buf[0];
    meet();
    float sum = 0.0f;
    for (uint j = me; j < n; j += 256) sum += EXP2((AT(x, j) - highest) * 1.442695041f);
    buf[me] = sum;
    meet();
    UNROLL for (uint s = 128; s > 0; s /= 2) {
        if (me < s) buf[me] = sum += buf[me + s];
        meet();
    }
    float scale = 1.0f / buf[0];
    for (uint j = me; j < n; j += 256) AT(y, j) = EXP2((AT(x, j) - highest) * 1.442695041f) * scale;
}

__kernel SIZE(256, 1) void hash(const __global uchar* restrict x, __global uint* restrict y, uint n, uint length) {
    uint i = GLOBAL_X(256);
    if (i >= n) return;
    uint h = 2166136261u, end = (i + 1) * length;
    for (uint at = i * length; at < end; at++) h = (h ^ AT(x, at)) * 16777619u;
    h = (h ^ h >> 16) * 2246822507u;
    h = (h ^ h >> 13) * 3266489909u;
    AT(y, i) = h ^ h >> 16;
}
