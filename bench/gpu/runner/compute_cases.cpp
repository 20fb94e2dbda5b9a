// Cases that compute more than they move, and the sparse product.
#include "vendor.h"

#include <algorithm>
#include <memory>

namespace bench {

namespace {

Case nBody(const Sources& s) {
    constexpr int n = 131072;
    constexpr float softening = 1e-3f;
    struct Data {
        std::vector<float> hx = uniform(n, -1, 1), hy = uniform(n, -1, 1), hz = uniform(n, -1, 1),
                           hm = uniform(n, 0.5f, 1);
        Array<float> x{hx}, y{hy}, z{hz}, m{hm}, ax{size_t(n)}, ay{size_t(n)}, az{size_t(n)};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_n_body"), expert = s.expert.kernel("expert_n_body");
    void *x = d->x.get(), *y = d->y.get(), *z = d->z.get(), *m = d->m.get();
    void *ax = d->ax.get(), *ay = d->ay.get(), *az = d->az.get();
    // Twenty operations a pair, as is customary (Nyland, Harris and Prins, GPU Gems 3, chapter 31).
    Case it{.name = "n-body", .size = "131072", .operations = 20.0 * n * n, .footprint = 28.0 * n};
    const unsigned g = n / 256;
    it.variants = {
        {"soma", s.soma.bind("n_body", {{"x", x}, {"y", y}, {"z", z}, {"mass", m}, {"softening", softening},
                                        {"ax", ax}, {"ay", ay}, {"az", az}, {"n", int64_t(n)}})},
        {"plain", [=](hipStream_t q) { launch(plain, {g}, {256}, q, x, y, z, m, softening, ax, ay, az, n); }},
        {"expert", [=](hipStream_t q) { launch(expert, {g}, {256}, q, x, y, z, m, softening, ax, ay, az, n); }},
    };
    it.reset = [d] {
        d->ax.poison();
        d->ay.poison();
        d->az.poison();
    };
    it.error = [d](const Variant&) {
        const std::vector<float> ax = d->ax.read(), ay = d->ay.read(), az = d->az.read();
        double largest = 0;
        for (int i = 7; i < n; i += n / 64) {
            double sum[3] = {}, size[3] = {};
            for (int j = 0; j < n; ++j) {
                const double r[3] = {double(d->hx[j]) - d->hx[i], double(d->hy[j]) - d->hy[i],
                                     double(d->hz[j]) - d->hz[i]};
                const double squared = r[0] * r[0] + r[1] * r[1] + r[2] * r[2] + softening;
                const double pull = d->hm[j] / (squared * std::sqrt(squared));
                for (int k = 0; k < 3; ++k) {
                    sum[k] += r[k] * pull;
                    size[k] += std::abs(r[k] * pull);
                }
            }
            const float actual[3] = {ax[i], ay[i], az[i]};
            for (int k = 0; k < 3; ++k) {
                largest = std::max(largest, largestError(std::vector<float>{actual[k]}, [&](size_t) {
                                       return Expectation{sum[k], 256 * kRoundoff * size[k]};
                                   }));
            }
        }
        return largest;
    };
    return it;
}

Case blackScholes(const Sources& s) {
    constexpr int n = 1 << 25;
    constexpr float rate = 0.02f, volatility = 0.3f;
    struct Data {
        std::vector<float> hs = uniform(n, 5, 30), hx = uniform(n, 1, 100), ht = uniform(n, 0.25f, 10);
        Array<float> s{hs}, x{hx}, t{ht}, call{size_t(n)}, put{size_t(n)};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_black_scholes"),
                        expert = s.expert.kernel("expert_black_scholes");
    void *price = d->s.get(), *strike = d->x.get(), *years = d->t.get(), *call = d->call.get(), *put = d->put.get();
    Case it{.name = "black-scholes", .size = "2^25", .bytes = 20.0 * n, .footprint = 20.0 * n};
    const unsigned g = n / 256;
    it.variants = {
        {"soma", s.soma.bind("black_scholes", {{"price", price}, {"strike", strike}, {"years", years}, {"rate", rate},
                                               {"volatility", volatility}, {"call", call}, {"put", put},
                                               {"n", int64_t(n)}})},
        {"plain",
         [=](hipStream_t q) { launch(plain, {g}, {256}, q, price, strike, years, rate, volatility, call, put, n); }},
        {"expert",
         [=](hipStream_t q) { launch(expert, {g}, {256}, q, price, strike, years, rate, volatility, call, put); }},
    };
    it.reset = [d] {
        d->call.poison();
        d->put.poison();
    };
    it.error = [d](const Variant&) {
        const auto normal = [](double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); };
        const auto price = [&](size_t i, bool put) {
            const double s = d->hs[i], x = d->hx[i], t = d->ht[i], spread = volatility * std::sqrt(t);
            const double d1 = (std::log(s / x) + (rate + 0.5 * double(volatility) * volatility) * t) / spread;
            const double n1 = normal(d1), n2 = normal(d1 - spread), discounted = x * std::exp(-double(rate) * t);
            const double call = s * n1 - discounted * n2;
            // The polynomial for the normal distribution is right to 7.5e-8 of the prices; f32 does the rest.
            return Expectation{put ? call + discounted - s : call, 2e-6 * (s + x)};
        };
        const std::vector<float> call = d->call.read(), put = d->put.read();
        const bool written = std::none_of(call.begin(), call.end(), [](float v) { return std::isnan(v); }) &&
                             std::none_of(put.begin(), put.end(), [](float v) { return std::isnan(v); });
        const double largest = std::max(largestError(call, [&](size_t i) { return price(i, false); }, 37),
                                        largestError(put, [&](size_t i) { return price(i, true); }, 37));
        return written ? largest : std::numeric_limits<double>::infinity();
    };
    return it;
}

Case spmv(const Sources& s) {
    constexpr int rows = 1 << 21;
    struct Data {
        std::vector<int32_t> offsets = std::vector<int32_t>(rows + 1), column;
        std::vector<float> hx = uniform(rows, -1, 1), value;
        std::unique_ptr<Array<int32_t>> doffsets, dcolumn;
        std::unique_ptr<Array<float>> dvalue;
        Array<float> x{hx}, y{size_t(rows)};
        Data() {
            const std::vector<uint32_t> lengths = randomWords(rows);
            for (int i = 0; i < rows; ++i) {
                // 8 to 24 entries a row, within 32768 columns of the diagonal.
                offsets[i + 1] = offsets[i] + 8 + static_cast<int32_t>(lengths[i] % 17);
            }
            value = uniform(offsets[rows], -1, 1);
            const std::vector<uint32_t> places = randomWords(offsets[rows]);
            column.resize(offsets[rows]);
            for (int i = 0; i < rows; ++i) {
                for (int p = offsets[i]; p < offsets[i + 1]; ++p) {
                    column[p] = std::clamp(i + static_cast<int>(places[p] % 65536) - 32768, 0, rows - 1);
                }
                std::sort(column.begin() + offsets[i], column.begin() + offsets[i + 1]);
            }
            doffsets = std::make_unique<Array<int32_t>>(offsets);
            dcolumn = std::make_unique<Array<int32_t>>(column);
            dvalue = std::make_unique<Array<float>>(value);
        }
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_spmv"), expert = s.expert.kernel("expert_spmv");
    void *offsets = d->doffsets->get(), *column = d->dcolumn->get(), *value = d->dvalue->get();
    void *x = d->x.get(), *y = d->y.get();
    const int64_t entries = d->offsets[rows];
    const double bytes = 8.0 * double(entries) + 12.0 * rows;
    Case it{.name = "spmv", .size = "2^21 rows", .bytes = bytes, .footprint = bytes};
    it.variants = {
        {"soma", s.soma.bind("spmv", {{"offsets", offsets}, {"column", column}, {"value", value}, {"x", x}, {"y", y},
                                      {"rows", int64_t(rows)}, {"columns", int64_t(rows)}, {"entries", entries}})},
        {"plain",
         [=](hipStream_t q) { launch(plain, {rows / 256}, {256}, q, offsets, column, value, x, y, int(rows)); }},
        {"expert", [=](hipStream_t q) { launch(expert, {rows / 32}, {256}, q, offsets, column, value, x, y); }},
    };
    addCusparseProduct(s, it, {rows, rows, entries, offsets, column, value}, x, y);
    it.reset = [d] { d->y.poison(); };
    it.error = [d](const Variant&) {
        return largestError(d->y.read(), [&](size_t i) {
            double sum = 0, size = 0;
            for (int p = d->offsets[i]; p < d->offsets[i + 1]; ++p) {
                const double term = double(d->value[p]) * d->hx[d->column[p]];
                sum += term;
                size += std::abs(term);
            }
            return Expectation{sum, 32 * kRoundoff * size};
        });
    };
    return it;
}

}  // namespace

std::vector<MakeCase> computeCases() { return {nBody, blackScholes, spmv}; }

}  // namespace bench
