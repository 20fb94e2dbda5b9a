// Results of kernels.cl against the same computations on the host.

#include "harness.h"
#include "observe/observers.h"
#include "references.h"

#include <algorithm>
#include <set>

namespace soma::vgpu::test {

namespace {

constexpr uint32_t kItems = 512;

std::string at(const char* what, size_t index) { return std::string(what) + " [" + std::to_string(index) + "]"; }

void vectorAdd(const Context& context) {
    for (const uint32_t n : {1u, 255u, 257u, 1000003u}) {
        const Buffer a(context.device, floats(n, 1, -100, 100));
        const Buffer b(context.device, floats(n, 2, -100, 100));
        const Buffer<float> c(context.device, n);
        context.launch("vector_add", (n + 255) / 256, 256, Arguments().add(a).add(b).add(c).add(n));
        for (uint32_t i = 0; i < n; ++i) {
            checkSame(c[i], a[i] + b[i], at("sum", i));
        }
    }
}

void reduce(const Context& context) {
    const Buffer in(context.device, randomBits<uint32_t>(8 * 256, 3));
    const Buffer<uint32_t> out(context.device, 8);
    context.launch("reduce", 8, 256, Arguments().add(in).add(out));
    for (uint32_t group = 0; group < 8; ++group) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < 256; ++i) {
            sum += in[group * 256 + i];
        }
        checkEqual(out[group], sum, at("sum of group", group));
    }
}

void divergent(const Context& context) {
    const Buffer<uint32_t> out(context.device, kItems);
    context.launch("divergent", 2, 256, Arguments().add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        uint32_t value = i + 1;
        uint32_t steps = 0;
        for (; value != 1; ++steps) {
            if (value % 2 != 0 && value > 100000) {
                steps |= 0x80000000;
                break;
            }
            value = value % 2 == 0 ? value / 2 : 3 * value + 1;
        }
        checkEqual(out[i], steps, at("steps", i));
    }
}

void halves(const Context& context) {
    const Buffer a(context.device, randomBits<uint16_t>(kItems, 4));
    const Buffer b(context.device, randomBits<uint16_t>(kItems, 5));
    const Buffer<uint16_t> out(context.device, kItems * 4);
    context.launch("halves", 2, 256, Arguments().add(a).add(b).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        const double x = halfValue(a[i]);
        const double y = halfValue(b[i]);
        // Sums and products of halves are exact in double; of the fused form only those that are can be compared.
        const double fused = x * y + x;
        const bool exact = !std::isfinite(fused) || (fused - x * y == x && fused - x == x * y);
        checkSame(halfValue(out[4 * i]), halfValue(nearestHalf(x + y)), at("sum", i));
        checkSame(halfValue(out[4 * i + 1]), halfValue(nearestHalf(x * y)), at("product", i));
        if (exact) {
            checkSame(halfValue(out[4 * i + 2]), halfValue(nearestHalf(fused)), at("fma", i));
        }
        checkSame(halfValue(out[4 * i + 3]), x < y ? x : y, at("smaller", i));
    }
}

void packedHalves(const Context& context) {
    const Buffer a(context.device, randomBits<uint16_t>(kItems * 2, 6));
    const Buffer b(context.device, randomBits<uint16_t>(kItems * 2, 7));
    const Buffer<uint16_t> out(context.device, kItems * 4);
    context.launch("packed_halves", 2, 256, Arguments().add(a).add(b).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        for (uint32_t k = 0; k < 2; ++k) {
            const double x = halfValue(a[2 * i + k]);
            checkSame(halfValue(out[4 * i + k]), halfValue(nearestHalf(x + halfValue(b[2 * i + k]))), at("sum", i));
            checkSame(halfValue(out[4 * i + 2 + k]), halfValue(nearestHalf(x * halfValue(b[2 * i + 1 - k]))),
                      at("crossed product", i));
        }
    }
}

void packedShorts(const Context& context) {
    const Buffer a(context.device, randomBits<int16_t>(kItems * 2, 8));
    const Buffer b(context.device, randomBits<int16_t>(kItems * 2, 9));
    const Buffer<int16_t> out(context.device, kItems * 4);
    context.launch("packed_shorts", 2, 256, Arguments().add(a).add(b).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        for (uint32_t k = 0; k < 2; ++k) {
            const int x = a[2 * i + k];
            const int y = b[2 * i + k];
            checkEqual(out[4 * i + k], static_cast<int16_t>(x * y), at("product", i));
            checkEqual(out[4 * i + 2 + k], static_cast<int16_t>(static_cast<int16_t>(x - y) >> (k == 0 ? 3 : 5)),
                       at("shifted difference", i));
        }
    }
}

void doubles(const Context& context) {
    const Buffer a(context.device, randomBits<double>(kItems, 10));
    const Buffer b(context.device, randomBits<double>(kItems, 11));
    a[0] = 0x1p-1022;
    b[0] = 3;
    a[1] = 0x1.fffffffffffffp1023;
    b[1] = 0.5;
    a[2] = 1;
    b[2] = 0x1p-1074;
    a[3] = 0x0.8p-1022;
    b[3] = 0x1.8p100;
    a[4] = -0.0;
    b[4] = 7;
    a[5] = 0x1.23456789abcdep-1000;
    b[5] = 0x1.fedcba9876543p40;
    const Buffer<double> out(context.device, kItems * 5);
    context.launch("doubles", 2, 256, Arguments().add(a).add(b).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        checkSame(out[5 * i], a[i] + b[i], at("sum", i));
        checkSame(out[5 * i + 1], a[i] * b[i], at("product", i));
        checkSame(out[5 * i + 2], std::fma(a[i], b[i], a[i]), at("fma", i));
        checkSame(out[5 * i + 3], a[i] / b[i], at("quotient", i));
        checkSame(out[5 * i + 4], std::sqrt(std::fabs(a[i])), at("root", i));
    }
}

void longs(const Context& context) {
    const Buffer a(context.device, randomBits<int64_t>(kItems, 12));
    const Buffer b(context.device, randomBits<int64_t>(kItems, 13));
    for (uint32_t i = 0; i < kItems; i += 3) {
        b[i] >>= i % 60;
        b[i] = b[i] == 0 ? 1 : b[i];
    }
    const Buffer<int64_t> out(context.device, kItems * 8);
    context.launch("longs", 2, 256, Arguments().add(a).add(b).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        const auto x = static_cast<uint64_t>(a[i]);
        const auto y = static_cast<uint64_t>(b[i]);
        const int64_t* got = out.data() + 8 * i;
        checkEqual(got[0], static_cast<int64_t>(x * y), at("product", i));
        checkEqual(got[1], a[i] / b[i], at("quotient", i));
        checkEqual(got[2], a[i] % b[i], at("remainder", i));
        checkEqual(got[3], static_cast<int64_t>(x / y), at("unsigned quotient", i));
        checkEqual(got[4], a[i] >> (y & 63), at("arithmetic shift", i));
        checkEqual(got[5], static_cast<int64_t>(x >> (y & 63)), at("logical shift", i));
        checkEqual(got[6], static_cast<int64_t>(x << (y & 63)), at("left shift", i));
        checkEqual(got[7], static_cast<int64_t>(a[i] < b[i] ? x - y : x + y), at("selected", i));
    }
}

void quotients(const Context& context) {
    const Buffer a(context.device, randomBits<float>(kItems, 14));
    const Buffer b(context.device, randomBits<float>(kItems, 15));
    const float hard[][2] = {{0x1p-126f, 3},
                             {0x1.fffffep127f, 0.5f},
                             {1, 0x1p-149f},
                             {0x1p-130f, 0x1.8p10f},
                             {-0.0f, 7},
                             {0, 0},
                             {INFINITY, INFINITY},
                             {1, 0},
                             {0x1.234p-100f, 0x1.fedcp40f},
                             {0x1.8p-149f, 0x1.1p-3f}};
    for (size_t i = 0; i < std::size(hard); ++i) {
        a[i] = hard[i][0];
        b[i] = hard[i][1];
    }
    const Buffer c(context.device, randomBits<int32_t>(kItems, 16));
    const Buffer d(context.device, randomBits<int32_t>(kItems, 17));
    for (uint32_t i = 0; i < kItems; i += 2) {
        d[i] = d[i] >> i % 28 == 0 ? 3 : d[i] >> i % 28;
    }
    const Buffer<float> out(context.device, kItems * 2);
    const Buffer<int32_t> integers(context.device, kItems * 4);
    context.launch("quotients", 2, 256, Arguments().add(a).add(b).add(out).add(c).add(d).add(integers));
    for (uint32_t i = 0; i < kItems; ++i) {
        checkSame(out[2 * i], a[i] / b[i], at("quotient", i));
        checkSame(out[2 * i + 1], std::sqrt(std::fabs(a[i])), at("root", i));
        const auto x = static_cast<uint32_t>(c[i]);
        const auto y = static_cast<uint32_t>(d[i]);
        checkEqual(integers[4 * i], c[i] / d[i], at("integer quotient", i));
        checkEqual(integers[4 * i + 1], c[i] % d[i], at("integer remainder", i));
        checkEqual(integers[4 * i + 2], static_cast<int32_t>(x / y), at("unsigned quotient", i));
        checkEqual(integers[4 * i + 3], static_cast<int32_t>(x % y), at("unsigned remainder", i));
    }
}

void conversions(const Context& context) {
    std::mt19937_64 random(18);
    std::uniform_real_distribution<double> mantissa(-1, 1);
    const Buffer<double> a(context.device, kItems);
    for (uint32_t i = 0; i < kItems; ++i) {
        a[i] = std::ldexp(mantissa(random), static_cast<int>(i % 63));
    }
    const Buffer<int64_t> out(context.device, kItems * 6);
    const Buffer<double> back(context.device, kItems * 4);
    context.launch("conversions", 2, 256, Arguments().add(a).add(out).add(back));
    for (uint32_t i = 0; i < kItems; ++i) {
        const int64_t* got = out.data() + 6 * i;
        const double x = a[i];
        checkEqual(got[0], static_cast<int64_t>(x), at("to i64", i));
        checkEqual(got[1], int64_t(static_cast<int32_t>(x * 0x1p-32)), at("to i32", i));
        checkEqual(got[2], static_cast<int64_t>(static_cast<float>(x)), at("f32 to i64", i));
        checkEqual(got[3], static_cast<int64_t>(static_cast<uint64_t>(std::fabs(x))), at("to u64", i));
        checkEqual(got[4], int64_t(static_cast<int16_t>(static_cast<int32_t>(x * 0x1p-40))), at("to i16", i));
        checkEqual(got[5], int64_t(static_cast<uint8_t>(static_cast<uint32_t>(std::fabs(x * 0x1p-40)))),
                   at("to u8", i));
        checkSame(back[4 * i], static_cast<double>(got[0]), at("i64 to f64", i));
        checkSame(back[4 * i + 1], double(static_cast<float>(got[0])), at("i64 to f32", i));
        checkSame(back[4 * i + 2], static_cast<double>(static_cast<uint64_t>(got[3])), at("u64 to f64", i));
        checkSame(back[4 * i + 3], halfValue(nearestHalf(static_cast<float>(x * 0x1p-48))), at("f16", i));
    }
}

void atomics(const Context& context) {
    constexpr uint32_t kGroups = 64;
    constexpr uint32_t kCount = kGroups * 64;
    const Buffer counters(context.device, std::vector<uint32_t>{0, 0, 0xffffffff, 0, 0});
    const Buffer wide(context.device, std::vector<uint64_t>{0});
    const Buffer sum(context.device, std::vector<float>{0});
    const Buffer<uint32_t> order(context.device, kCount);
    const Buffer<uint32_t> histogram(context.device, kGroups * 16);
    context.launch("atomics", kGroups, 64, Arguments().add(counters).add(wide).add(sum).add(order).add(histogram));
    checkEqual(counters[0], kCount, "tickets");
    checkEqual(counters[1], kCount - 1, "largest");
    checkEqual(counters[2], 0u, "smallest");
    checkEqual(counters[3], ~0u, "bits");
    checkEqual(counters[4], kCount * 3, "compare and exchange");
    checkEqual(wide[0], uint64_t(kCount) * 0x100000001, "64-bit sum");
    checkSame(sum[0], float(kCount) / 2, "float sum");
    const std::set<uint32_t> distinct(order.data(), order.data() + kCount);
    checkEqual<size_t>(distinct.size(), kCount, "distinct tickets");
    for (size_t i = 0; i < histogram.size(); ++i) {
        checkEqual(histogram[i], 4u, at("histogram", i));
    }
}

void calls(const Context& context) {
    const std::vector<float> coefficients{1, -2, 0.5f, 3, -0.25f};
    const Buffer<float> out(context.device, kItems);
    const Buffer table(context.device, coefficients);
    const Buffer<uint32_t> numbers(context.device, kItems);
    context.launch("calls", 8, 64, Arguments().add(out).add(table).add(numbers));
    for (uint32_t i = 0; i < kItems; ++i) {
        const double x = i * 0.25;
        const double exact = 1 - 2 * x + 0.5 * x * x + 3 * x * x * x - 0.25 * x * x * x * x;
        check(std::fabs(out[i] - exact) <= 1e-4 * (1 + std::fabs(x * x * x * x)), at("polynomial", i));
        const uint32_t n = i % 10;
        checkEqual(numbers[i], n * (n + 1) * (n + 2) / 6, at("tetrahedral number", i));
    }
}

void privateArray(const Context& context) {
    constexpr uint32_t kPrimes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};
    const Buffer picks(context.device, randomBits<uint32_t>(kItems, 19));
    const Buffer<uint32_t> out(context.device, kItems);
    context.launch("private_array", 2, 256, Arguments().add(picks).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        uint32_t values[32];
        for (uint32_t k = 0; k < 32; ++k) {
            values[k] = i * k;
        }
        values[picks[i] & 31] += kPrimes[picks[i] & 15];
        uint32_t sum = 0;
        for (uint32_t k = 0; k < 32; ++k) {
            sum = sum * 3 + values[k * picks[i] & 31];
        }
        checkEqual(out[i], sum, at("sum", i));
    }
}

void smallTypes(const Context& context) {
    const Buffer a(context.device, randomBits<int8_t>(kItems, 20));
    const Buffer b(context.device, randomBits<uint16_t>(kItems, 21));
    const Buffer<int16_t> c(context.device, kItems);
    const Buffer<uint8_t> d(context.device, kItems);
    context.launch("small_types", 2, 256, Arguments().add(a).add(b).add(c).add(d));
    for (uint32_t i = 0; i < kItems; ++i) {
        checkEqual(c[i], static_cast<int16_t>(a[i] * 3 - b[i]), at("short", i));
        checkEqual(d[i], static_cast<uint8_t>((b[i] >> 4) ^ a[i]), at("byte", i));
    }
}

void vectors(const Context& context) {
    const Buffer a(context.device, floats(4 * 64 * 3, 22, -10, 10));
    const Buffer<float> out(context.device, a.size());
    // A pointer to LDS is a 32-bit offset; dynamic LDS begins at 0.
    context.launch("vectors", 3, 64, Arguments().add(a).add(uint32_t(0)).add(out), 64 * 16);
    for (uint32_t i = 0; i < 64 * 3; ++i) {
        const uint32_t next = i / 64 * 64 + (i + 1) % 64;
        for (uint32_t k = 0; k < 4; ++k) {
            checkSame(out[4 * i + k], std::fma(a[4 * next + k], 2.0f, a[4 * i + 3 - k]), at("component", i));
        }
    }
}

/// To allocations that the host's caches can't hold stores take another way (Memory::streamedSize).
void streams(const Context& context) {
    const Buffer<uint32_t> large(context.device, Memory::streamedSize() / sizeof(uint32_t));
    for (const uint32_t skip : {0u, 4u}) {
        context.launch("streams", kItems / 256, 256, Arguments().add(large).add(skip).add(kItems));
        const uint32_t* got = large.data() + skip;
        for (uint32_t i = 0; i < kItems; ++i) {
            for (uint32_t k = 0; k < 4; ++k) {
                checkEqual(got[4 * i + k], i + k, at("of four words", i));
            }
            checkEqual(got[4 * kItems + 2 * i], i, at("the first of two words", i));
            checkEqual(got[4 * kItems + 2 * i + 1], ~i, at("the second of two words", i));
            checkEqual(got[6 * kItems + i], 3 * i, at("a word", i));
            checkEqual(got[7 * kItems + i], 4 * i, at("what was stored before", i));
        }
    }
}

void handshake(const Context& context) {
    constexpr uint32_t kRounds = 40;
    const Buffer<uint32_t> large(context.device, Memory::streamedSize() / sizeof(uint32_t));
    const Buffer<uint32_t> said(context.device, 1);
    const Buffer<uint32_t> wrong(context.device, 256);
    const Arguments arguments = Arguments().add(large).add(said).add(wrong).add(kRounds);
    Dispatch dispatch;
    dispatch.module = &context.module;
    dispatch.kernel = context.module.findKernel("handshake");
    dispatch.groups = {2, 1, 1};
    dispatch.block = {256, 1, 1};
    dispatch.arguments = arguments.bytes();
    dispatch.cooperative = true;
    const auto fault = context.device.run(dispatch);
    check(!fault, fault ? fault->message : "");
    for (uint32_t i = 0; i < 256; ++i) {
        checkEqual(wrong[i], 0u, at("words that were not there", i));
    }
}

std::optional<Fault> together(const Context& context, const char* kernel, uint32_t groups, const Arguments& arguments) {
    Dispatch dispatch;
    dispatch.module = &context.module;
    dispatch.kernel = context.module.findKernel(kernel);
    dispatch.groups = {groups, 1, 1};
    dispatch.block = {128, 1, 1};
    dispatch.arguments = arguments.bytes();
    dispatch.cooperative = true;
    return context.device.run(dispatch);
}

void globalWaveSync(const Context& context) {
    if (context.device.target().gfx12Plus()) {
        return;
    }
    constexpr uint32_t kGroups = 12;
    constexpr uint32_t kRounds = 5;
    const Buffer<uint32_t> numbers(context.device, kGroups);
    for (uint32_t i = 0; i < kGroups; ++i) {
        numbers.data()[i] = 100 * i;
    }
    const auto fault = together(context, "grid_meets", kGroups, Arguments().add(numbers).add(kGroups).add(kRounds));
    check(!fault, fault ? fault->message : "");
    for (uint32_t i = 0; i < kGroups; ++i) {
        checkEqual(numbers[i], (i + kRounds) % kGroups * 100 + kRounds, at("a number that went round", i));
    }
    const Buffer<uint32_t> data(context.device, 2);
    const auto other = together(context, "grid_semaphore", 2, Arguments().add(data));
    check(!other, other ? other->message : "");
    checkEqual(data[1], 77u, "what the semaphore waited for");
    // Workgroups that need not run at the same time, and a count that nobody reaches.
    const auto alone =
        context.tryLaunch("grid_meets", {2, 1, 1}, {128, 1, 1}, Arguments().add(numbers).add(2u).add(1u));
    check(alone && alone->kind == FaultKind::Deadlock &&
              alone->message.find("hipLaunchCooperativeKernel") != std::string::npos,
          alone ? alone->message : "a launch that is not cooperative");
    const auto stuck = together(context, "grid_meets", 3, Arguments().add(numbers).add(4u).add(2u));
    check(stuck && stuck->kind == FaultKind::Deadlock && stuck->message.find("none is left") != std::string::npos,
          stuck ? stuck->message : "a count that is too large");
    const auto again = together(context, "grid_meets", 3, Arguments().add(numbers).add(3u).add(2u));
    check(!again, again ? again->message : "");
}

void globalWaveSyncSanitized(const Context& context) {
    if (context.device.target().gfx12Plus()) {
        return;
    }
    constexpr uint32_t kGroups = 7;
    Observers& observers = context.device.observers();
    const auto reportsOf = [&](const Buffer<uint32_t>& numbers, const Buffer<uint32_t>& out, uint32_t met) {
        observers.setSanitizing(true);
        const auto fault =
            together(context, "grid_passes", kGroups, Arguments().add(numbers).add(out).add(kGroups).add(met));
        check(!fault, fault ? fault->message : "");
        observers.setSanitizing(false);
        return observers.reports().all();
    };
    const Buffer<uint32_t> numbers(context.device, kGroups * 128);
    const Buffer<uint32_t> out(context.device, kGroups * 128);
    const auto met = reportsOf(numbers, out, 1);
    check(met.empty(), met.empty() ? "" : met.front().text());
    for (uint32_t i = 0; i < kGroups * 128; ++i) {
        checkEqual(out[i], (i / 128 + 1) % kGroups + 1, at("what the neighbour wrote", i));
    }
    const auto raced = reportsOf(numbers, out, 0);
    check(raced.size() == 1 && raced.front().kind == "data-race" && raced.front().other,
          raced.empty() ? "no report of a grid that does not meet" : raced.front().text());
    // The store and the load, in whichever order they came.
    const bool loadLast = raced.front().what.starts_with("it reads global memory");
    check(raced.front().other->what == (loadLast ? "the other access writes:" : "the other access reads:"),
          raced.front().text());
}

void lanes(const Context& context) {
    const Buffer in(context.device, randomBits<uint32_t>(32, 23));
    const Buffer<uint32_t> out(context.device, 32 * 8);
    context.launch("lanes", 1, 32, Arguments().add(in).add(out));
    for (uint32_t i = 0; i < 32; ++i) {
        const uint32_t* got = out.data() + 8 * i;
        checkEqual(got[0], i, at("lane", i));
        checkEqual(got[1], in[(i + 5) & 31], at("bpermute", i));
        checkEqual(got[2], in[0], at("first lane", i));
        checkEqual(got[3], in[7], at("lane 7", i));
        checkEqual(got[4], in[i ^ 16], at("permlanex16", i));
        checkEqual(got[5], in[i ^ 1], at("swizzle", i));
        checkEqual(got[6], i % 16 == 0 ? 1000 : in[i - 1], at("row_shr", i));
        checkEqual(got[7], in[i ^ 3], at("quad_perm", i));
    }
}

void grid(const Context& context) {
    const Buffer<uint32_t> out(context.device, 10 * 12 * 6);
    const auto fault = context.tryLaunch("grid", {2, 3, 2}, {5, 4, 3}, Arguments().add(out));
    check(!fault, fault ? fault->message : "");
    for (uint32_t i = 0; i < out.size(); ++i) {
        checkEqual(out[i], i % 10 | i / 10 % 12 << 8 | i / 120 << 16, at("place", i));
    }
}

void transcendentals(const Context& context) {
    const Buffer in(context.device, floats(kItems, 24, 0.001f, 100));
    const Buffer<float> out(context.device, kItems * 6);
    context.launch("transcendentals", 2, 256, Arguments().add(in).add(out));
    for (uint32_t i = 0; i < kItems; ++i) {
        const double x = in[i];
        const double turn = 2 * std::acos(-1.0);
        const double expected[] = {1 / x,
                                   1 / std::sqrt(x),
                                   std::exp2(x),
                                   std::log2(x),
                                   std::sin(turn * (x - std::floor(x))),
                                   std::cos(turn * (x - std::floor(x)))};
        for (uint32_t k = 0; k < 6; ++k) {
            const double error = std::fabs(out[6 * i + k] - expected[k]);
            // One unit in the last place of the result; near a zero of the sine, of 1/16.
            check(error <= 0x1p-23 * std::max(std::fabs(expected[k]), k < 4 ? 0.0 : 0x1p-4), at("function", 6 * i + k));
        }
    }
}

void globalVariable(const Context& context) {
    const Buffer<uint32_t> out(context.device, 1);
    const GlobalVariable* variable = context.module.findVariable("counter");
    check(variable != nullptr && variable->size == 4, "the variable has an address and 4 bytes");
    auto& value = *reinterpret_cast<uint32_t*>(variable->address);
    checkEqual(value, 41u, "its initial value");
    context.launch("global_variable", 1, 32, Arguments().add(out));
    checkEqual(out[0], 42u, "what the kernel read");
    checkEqual(value, 42u, "what the host reads");
}

}  // namespace

std::vector<Test> kernelTests() {
    return {{"vector_add", vectorAdd},
            {"global_wave_sync", globalWaveSync},
            {"global_wave_sync_sanitized", globalWaveSyncSanitized},
            {"reduce", reduce},
            {"divergent", divergent},
            {"halves", halves},
            {"packed_halves", packedHalves},
            {"packed_shorts", packedShorts},
            {"doubles", doubles},
            {"longs", longs},
            {"quotients", quotients},
            {"conversions", conversions},
            {"atomics", atomics},
            {"calls", calls},
            {"private_array", privateArray},
            {"small_types", smallTypes},
            {"vectors", vectors},
            {"streams", streams},
            {"handshake", handshake},
            {"lanes", lanes},
            {"grid", grid},
            {"transcendentals", transcendentals},
            {"global_variable", globalVariable}};
}

}  // namespace soma::vgpu::test
