// Cases that touch each element once.
#include "cases.h"
#include "vendor.h"

#include <algorithm>
#include <cmath>

namespace bench {

namespace {

constexpr int64_t kElements = int64_t(1) << 26;

Case vectorAdd(const Sources& s, bool wide) {
    struct Data {
        std::vector<float> ha = uniform(kElements, -1, 1), hb = uniform(kElements, -1, 1);
        Array<float> a{ha}, b{hb}, c{size_t(kElements)};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_vector_add"), expert = s.expert.kernel("expert_vector_add");
    void *a = d->a.get(), *b = d->b.get(), *c = d->c.get();
    const int n = kElements;
    Case it{.name = wide ? "vector add ×4" : "vector add", .size = "2^26", .bytes = 12.0 * n, .footprint = 12.0 * n};
    it.variants = {
        {"soma", s.soma.bind(wide ? "vector_add_wide" : "vector_add",
                             {{"a", a}, {"b", b}, {"c", c}, {"n", wide ? kElements / 4 : kElements}})},
        {"plain", [=](hipStream_t q) { launch(plain, {groups(n, 256)}, {256}, q, a, b, c, n); }},
        {"expert", [=](hipStream_t q) { launch(expert, {groups(n, 1024)}, {256}, q, a, b, c); }},
    };
    it.reset = [d] { d->c.poison(); };
    it.error = [d](const Variant&) {
        return largestError(d->c.read(), [&](size_t i) {
            const double sum = double(d->ha[i]) + d->hb[i];
            return Expectation{sum, std::abs(sum) * kRoundoff + 0x1p-60};
        });
    };
    return it;
}

Case saxpy(const Sources& s, bool wide) {
    struct Data {
        std::vector<float> hx = uniform(kElements, -1, 1), hy = uniform(kElements, -1, 1);
        Array<float> x{hx}, y{hy};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_saxpy"), expert = s.expert.kernel("expert_saxpy");
    void *x = d->x.get(), *y = d->y.get();
    const int n = kElements;
    const float a = 0.75f;
    Case it{.name = wide ? "saxpy ×4" : "saxpy", .size = "2^26", .bytes = 12.0 * n, .footprint = 8.0 * n};
    it.variants = {
        {"soma", s.soma.bind(wide ? "saxpy_wide" : "saxpy",
                             {{"a", a}, {"x", x}, {"y", y}, {"n", wide ? kElements / 4 : kElements}})},
        {"plain", [=](hipStream_t q) { launch(plain, {groups(n, 256)}, {256}, q, a, x, y, n); }},
        {"expert", [=](hipStream_t q) { launch(expert, {groups(n, 1024)}, {256}, q, a, x, y); }},
    };
    addCublasSaxpy(s, it, n, a, x, y);
    it.reset = [d] { d->y.write(d->hy); };
    it.error = [d, a](const Variant&) {
        return largestError(d->y.read(), [&](size_t i) {
            const double value = double(a) * d->hx[i] + d->hy[i];
            return Expectation{value, std::abs(value) * kRoundoff + 0x1p-50};
        });
    };
    return it;
}

Case sortPass(const Sources& s, bool wide) {
    struct Data {
        std::vector<uint32_t> before = randomWords(kElements);
        Array<uint32_t> keys{before};
        /// Launches since the keys were restored.
        int launches = 0;
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_sort_pass"), expert = s.expert.kernel("expert_sort_pass");
    void* keys = d->keys.get();
    const int n = kElements;
    const uint32_t stride = 1 << 13, size = 1 << 15;
    // Every other launch puts the pairs in the opposite order, so that there is always something to exchange.
    const auto direction = [d]() -> uint32_t { return d->launches++ % 2 == 0 ? 0 : 1 << 15; };
    const auto soma = [&](uint32_t up) {
        const uint32_t each = wide ? 4 : 1;
        return s.soma.bind(wide ? "sort_pass_wide" : "sort_pass", {{"keys", keys}, {"stride", stride / each},
                                                                   {"size", size / each}, {"up", up / each},
                                                                   {"n", kElements / each}});
    };
    Case it{.name = wide ? "sort pass ×4" : "sort pass", .size = "2^26", .bytes = 8.0 * n, .footprint = 4.0 * n};
    it.variants = {
        {"soma", [direction, up = soma(0), down = soma(size)](hipStream_t q) { direction() == 0 ? up(q) : down(q); }},
        {"plain",
         [=](hipStream_t q) { launch(plain, {groups(n / 2, 256)}, {256}, q, keys, stride, size, direction(), n); }},
        {"expert",
         [=](hipStream_t q) { launch(expert, {groups(n / 8, 256)}, {256}, q, keys, stride, size, direction()); }},
    };
    it.reset = [d] {
        d->keys.write(d->before);
        d->launches = 0;
    };
    it.error = [d](const Variant&) {
        return largestError(d->keys.read(), [&](size_t i) {
            const uint32_t a = d->before[i & ~size_t(stride)], b = d->before[i | stride];
            const bool upper = (i & stride) != 0, ascending = (i & size) == 0;
            return Expectation{double(upper == ascending ? std::max(a, b) : std::min(a, b)), 0.5};
        });
    };
    return it;
}

Case stencil(const Sources& s, bool rows) {
    constexpr int side = 8192;
    struct Data {
        std::vector<float> hx = uniform(size_t(side) * side, -1, 1);
        Array<float> x{hx}, y{size_t(side) * side};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_stencil"), expert = s.expert.kernel("expert_stencil");
    void *x = d->x.get(), *y = d->y.get();
    const double cells = double(side) * side;
    Case it{.name = rows ? "stencil by rows" : "stencil", .size = "8192²", .bytes = 8 * cells, .footprint = 8 * cells};
    it.variants = {
        {"soma", s.soma.bind(rows ? "stencil_rows" : "stencil", {{"x", x}, {"y", y}, {"h", int64_t(side)}, {"w", int64_t(side)}})},
        {"plain", [=](hipStream_t q) { launch(plain, {side / 32, side / 8}, {32, 8}, q, x, y, side, side); }},
        {"expert", [=](hipStream_t q) { launch(expert, {side / 256, side / 8}, {256}, q, x, y, side, side); }},
    };
    it.reset = [d] { d->y.poison(); };
    it.error = [d](const Variant&) {
        return largestError(d->y.read(), [&](size_t at) {
            const size_t i = at / side, j = at % side;
            const auto& x = d->hx;
            if (i == 0 || i == side - 1 || j == 0 || j == side - 1) {
                return Expectation{x[at], 0x1p-60};
            }
            const double sum = double(x[at]) + x[at - side] + x[at + side] + x[at - 1] + x[at + 1];
            return Expectation{0.2 * sum, 8 * kRoundoff};
        });
    };
    return it;
}

}  // namespace

std::vector<MakeCase> streamingCases() {
    std::vector<MakeCase> cases;
    for (const auto make : {vectorAdd, saxpy, sortPass, stencil}) {
        for (const bool other : {false, true}) {
            cases.push_back([=](const Sources& s) { return make(s, other); });
        }
    }
    return cases;
}

}  // namespace bench
