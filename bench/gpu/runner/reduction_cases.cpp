// Cases whose workgroups combine what their work-items found.
#include "cases.h"
#include "vendor.h"

#include <algorithm>
#include <numeric>

namespace bench {

namespace {

constexpr int64_t kElements = int64_t(1) << 26;
constexpr int kGroupsEach = 8;

Case partialSums(const Sources& s, bool wide) {
    struct Data {
        std::vector<float> hx = uniform(kElements, -1, 1);
        Array<float> x{hx}, out;
        double sum = std::accumulate(hx.begin(), hx.end(), 0.0);
        explicit Data(int groups) : out(groups) {}
    };
    const int g = s.multiprocessors * kGroupsEach;
    auto d = std::make_shared<Data>(g);
    const hipFunction_t plain = s.plain.kernel("plain_partial_sums"), expert = s.expert.kernel("expert_partial_sums");
    void *x = d->x.get(), *out = d->out.get();
    const int n = kElements;
    Case it{.name = wide ? "partial sums ×4" : "partial sums", .size = "2^26", .bytes = 4.0 * n, .footprint = 4.0 * n};
    it.variants = {
        {"soma", s.soma.bind(wide ? "partial_sums_wide" : "partial_sums",
                             {{"x", x}, {"out", out}, {"n", wide ? kElements / 4 : kElements}, {"g", int64_t(g)}})},
        {"plain", [=](hipStream_t q) { launch(plain, {unsigned(g)}, {256}, q, x, out, n); }},
        {"expert", [=](hipStream_t q) { launch(expert, {unsigned(g)}, {256}, q, x, out, n); }},
    };
    addCubSum(s, it, n, x, out);
    it.reset = [d] { d->out.poison(); };
    it.error = [d](const Variant& variant) {
        const std::vector<float> out = d->out.read();
        const double sum = variant.name == "vendor" ? out[0] : std::accumulate(out.begin(), out.end(), 0.0);
        // The terms' rounding errors are independent: they grow as the root of their number, with room for a factor of 100.
        return largestError(std::vector<double>{sum},
                            [&](size_t) { return Expectation{d->sum, 100 * kRoundoff * std::sqrt(double(kElements))}; });
    };
    return it;
}

Case scan(const Sources& s) {
    struct Data {
        std::vector<float> hx = uniform(kElements, 0, 1);
        Array<float> x{hx}, y{size_t(kElements)}, sums{size_t(kElements / 1024)};
    };
    auto d = std::make_shared<Data>();
    void *x = d->x.get(), *y = d->y.get(), *sums = d->sums.get();
    const int n = kElements, blocks = n / 1024;
    const Launch soma[] = {
        s.soma.bind("scan_blocks", {{"x", x}, {"y", y}, {"sums", sums}, {"n", kElements}, {"blocks", int64_t(blocks)}}),
        s.soma.bind("scan_sums", {{"sums", sums}, {"blocks", int64_t(blocks)}}),
        s.soma.bind("scan_add", {{"y", y}, {"sums", sums}, {"n", kElements}, {"blocks", int64_t(blocks)}}),
    };
    const hipFunction_t plainBlocks = s.plain.kernel("plain_scan_blocks"), plainSums = s.plain.kernel("plain_scan_sums"),
                        plainAdd = s.plain.kernel("plain_scan_add"),
                        expertBlocks = s.expert.kernel("expert_scan_blocks"),
                        expertAdd = s.expert.kernel("expert_scan_add");
    Case it{.name = "scan", .size = "2^26", .bytes = 8.0 * n, .footprint = 8.0 * n};
    it.variants = {
        {"soma",
         [first = soma[0], second = soma[1], third = soma[2]](hipStream_t q) {
             first(q);
             second(q);
             third(q);
         }},
        {"plain",
         [=](hipStream_t q) {
             launch(plainBlocks, {unsigned(blocks)}, {256}, q, x, y, sums, n);
             launch(plainSums, {1}, {1024}, q, sums, blocks);
             launch(plainAdd, {groups(n, 256)}, {256}, q, y, sums, n);
         }},
        {"expert",
         [=](hipStream_t q) {
             launch(expertBlocks, {unsigned(blocks)}, {256}, q, x, y, sums);
             launch(plainSums, {1}, {1024}, q, sums, blocks);
             launch(expertAdd, {groups(n, 1024)}, {256}, q, y, sums);
         }},
    };
    addCubScan(s, it, n, x, y);
    it.reset = [d] {
        d->y.poison();
        d->sums.poison();
    };
    it.error = [d](const Variant&) {
        double sum = 0;
        return largestError(d->y.read(), [&](size_t i) {
            sum += d->hx[i];
            // A sum is made of at most 4 + 8 + 64 + 10 + 64 roundings one after another, each of at most the sum itself.
            return Expectation{sum, 200 * kRoundoff * sum + 1e-6};
        });
    };
    return it;
}

Case histogram(const Sources& s) {
    constexpr int64_t n = int64_t(1) << 28;
    struct Data {
        std::vector<uint32_t> words = randomWords(n / 4);
        Array<uint32_t> x{words}, bins{256};
        std::vector<double> counts = std::vector<double>(256);
        Data() {
            for (const uint32_t word : words) {
                for (int k = 0; k < 4; ++k) {
                    ++counts[word >> 8 * k & 255];
                }
            }
        }
    };
    auto d = std::make_shared<Data>();
    const int g = s.multiprocessors * kGroupsEach;
    const hipFunction_t plain = s.plain.kernel("plain_histogram"), expert = s.expert.kernel("expert_histogram");
    void *x = d->x.get(), *bins = d->bins.get();
    Case it{.name = "histogram", .size = "2^28", .bytes = double(n), .footprint = double(n)};
    it.variants = {
        {"soma", s.soma.bind("histogram", {{"x", x}, {"bins", bins}, {"n", n}, {"g", int64_t(g)}})},
        {"plain", [=](hipStream_t q) { launch(plain, {unsigned(g)}, {256}, q, x, bins, int(n)); }},
        {"expert", [=](hipStream_t q) { launch(expert, {unsigned(g)}, {256}, q, x, bins, int(n)); }},
    };
    addCubHistogram(s, it, int(n), x, bins);
    // The kernels add to what is there: zeros, not poison.
    it.reset = [d] { d->bins.write(std::vector<uint32_t>(256)); };
    it.error = [d](const Variant&) {
        return largestError(d->bins.read(), [&](size_t i) { return Expectation{d->counts[i], 0.5}; });
    };
    return it;
}

Case softmax(const Sources& s) {
    constexpr int rows = 16384, columns = 4096;
    struct Data {
        std::vector<float> hx = uniform(size_t(rows) * columns, -8, 8);
        Array<float> x{hx}, y{size_t(rows) * columns};
    };
    auto d = std::make_shared<Data>();
    const hipFunction_t plain = s.plain.kernel("plain_softmax"), expert = s.expert.kernel("expert_softmax");
    void *x = d->x.get(), *y = d->y.get();
    const double cells = double(rows) * columns;
    Case it{.name = "softmax by rows", .size = "16384×4096", .bytes = 8 * cells, .footprint = 8 * cells};
    it.variants = {
        {"soma",
         s.soma.bind("softmax", {{"x", x}, {"y", y}, {"rows", int64_t(rows)}, {"columns", int64_t(columns)}})},
        {"plain", [=](hipStream_t q) { launch(plain, {rows}, {256}, q, x, y, rows, columns); }},
        {"expert", [=](hipStream_t q) { launch(expert, {rows}, {256}, q, x, y); }},
    };
    it.reset = [d] { d->y.poison(); };
    it.error = [d](const Variant&) {
        const std::vector<float> y = d->y.read();
        double largest = 0;
        // A few hundred rows: exponentials in double precision take the host long. NaN is looked for everywhere.
        for (int row = 0; row < rows; row += 61) {
            const float* x = &d->hx[size_t(row) * columns];
            double sum = 0;
            for (int j = 0; j < columns; ++j) {
                sum += std::exp(double(x[j]));
            }
            const std::vector<float> actual(y.begin() + size_t(row) * columns, y.begin() + size_t(row + 1) * columns);
            largest = std::max(largest, largestError(actual, [&](size_t j) {
                                   const double value = std::exp(double(x[j])) / sum;
                                   return Expectation{value, 64 * kRoundoff * value};
                               }));
        }
        const bool written = std::none_of(y.begin(), y.end(), [](float value) { return std::isnan(value); });
        return written ? largest : std::numeric_limits<double>::infinity();
    };
    return it;
}

}  // namespace

std::vector<MakeCase> reductionCases() {
    return {[](const Sources& s) { return partialSums(s, false); }, [](const Sources& s) { return partialSums(s, true); },
            scan, histogram, softmax};
}

}  // namespace bench
