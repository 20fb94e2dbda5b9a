// The transpose and the matrix products in f32.
#include "cases.h"
#include "vendor.h"

namespace bench {

namespace {

Case transpose(const Sources& s) {
    constexpr int side = 8192;
    struct Data {
        std::vector<float> hx = uniform(size_t(side) * side, -1, 1);
        Array<float> x{hx}, out{size_t(side) * side};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_transpose"), expert = s.expert.kernel("expert_transpose");
    void *x = d->x.get(), *out = d->out.get();
    const double cells = double(side) * side;
    Case it{.name = "transpose", .size = "8192²", .bytes = 8 * cells, .footprint = 8 * cells};
    const unsigned g = side / 32;
    it.variants = {
        {"soma", s.soma.bind("transpose", {{"x", x}, {"out", out}, {"m", int64_t(side)}, {"n", int64_t(side)}})},
        {"plain", [=](hipStream_t q) { launch(plain, {g, g}, {32, 8}, q, x, out, side, side); }},
        {"expert", [=](hipStream_t q) { launch(expert, {g, g}, {32, 8}, q, x, out, side, side); }},
    };
    addCublasTranspose(s, it, side, side, x, out);
    it.reset = [d] { d->out.poison(); };
    it.error = [d](const Variant&) {
        return largestError(d->out.read(), [&](size_t at) {
            return Expectation{d->hx[at % side * side + at / side], 0x1p-60};
        });
    };
    return it;
}

Case product(const Sources& s, int n, bool tiled) {
    struct Data {
        int n;
        std::vector<float> ha = uniform(size_t(n) * n, -1, 1), hb = uniform(size_t(n) * n, -1, 1);
        Array<float> a{ha}, b{hb}, c{size_t(n) * n};
        explicit Data(int n) : n(n) {}
    };
    auto d = std::make_shared<Data>(n);
    const hipFunction_t plain = s.plain.kernel(tiled ? "plain_matmul_tiled" : "plain_matmul_naive"),
                        expert = s.expert.kernel("expert_matmul");
    void *a = d->a.get(), *b = d->b.get(), *c = d->c.get();
    const double cube = double(n) * n * n;
    Case it{.name = tiled ? "matmul tiled" : "matmul naive", .size = std::to_string(n), .operations = 2 * cube,
            .footprint = 12.0 * n * n};
    const Axes grid = tiled ? Axes{groups(n, 16), groups(n, 16)} : Axes{groups(n, 32), groups(n, 8)};
    const Axes block = tiled ? Axes{16, 16} : Axes{32, 8};
    const unsigned tiles = groups(n, 128);
    it.variants = {
        {"soma", s.soma.bind(tiled ? "matmul_tiled" : "matmul_naive",
                             {{"a", a}, {"b", b}, {"c", c}, {"m", int64_t(n)}, {"k", int64_t(n)}, {"n", int64_t(n)}})},
        {"plain", [=](hipStream_t q) { launch(plain, grid, block, q, a, b, c, n, n, n); }},
        {"expert", [=](hipStream_t q) { launch(expert, {tiles, tiles}, {256}, q, a, b, c, n, n); }},
    };
    addCublasSgemm(s, it, n, a, b, c);
    it.reset = [d] { d->c.poison(); };
    it.error = [d](const Variant&) {
        const std::vector<float> c = d->c.read();
        // Every element must have been written; a few thousand, of all rows and columns of a tile, are computed here.
        for (const float value : c) {
            if (std::isnan(value)) {
                return std::numeric_limits<double>::infinity();
            }
        }
        const size_t n = d->n;
        return largestError(
            c,
            [&](size_t at) {
                double sum = 0, size = 0;
                for (size_t p = 0; p < n; ++p) {
                    const double term = double(d->ha[at / n * n + p]) * d->hb[p * n + at % n];
                    sum += term;
                    size += std::abs(term);
                }
                return Expectation{sum, 8 * std::sqrt(double(n)) * kRoundoff * size};
            },
            n * n / 1021 | 1);
    };
    return it;
}

}  // namespace

std::vector<MakeCase> matrixCases() {
    std::vector<MakeCase> cases{transpose};
    for (const bool tiled : {false, true}) {
        for (const int n : {512, 1024, 2048, 4096}) {
            cases.push_back([=](const Sources& s) { return product(s, n, tiled); });
        }
    }
    return cases;
}

}  // namespace bench
