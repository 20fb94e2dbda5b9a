// Every matrix instruction on small integers, which all formats hold and no order of summing changes: the layouts are
// written here from AMD's formulas, element by element. Then, on single instructions, the arithmetic of each target.
// Layouts: the README of AMD's matrix instruction calculator; "Matrix cores" in AMD's lab notes; for WMMA, AMD's
// articles on RDNA3's and RDNA4's matrix cores.

#include "harness.h"
#include "references.h"

#include <bit>
#include <cmath>
#include <random>

namespace soma::vgpu::test {

namespace {

using u32 = uint32_t;

struct Format {
    const char* name;
    unsigned bits;
    /// Of small floating-point formats; 0 for integers and for 32 and 64 bits.
    unsigned fraction;
    int bias;
};

constexpr Format kFormats[] = {
    {"f64", 64, 52, 1023}, {"f32", 32, 23, 127}, {"xf32", 32, 23, 127}, {"f16", 16, 10, 15},    {"bf16", 16, 7, 127},
    {"fp8", 8, 3, 7},      {"bf8", 8, 2, 15},    {"fp8_fnuz", 8, 3, 8}, {"bf8_fnuz", 8, 2, 16}, {"fp6", 6, 3, 1},
    {"bf6", 6, 2, 3},      {"fp4", 4, 1, 1},     {"i8", 8, 0, 0},       {"i4", 4, 0, 0},        {"i32", 32, 0, 0},
};

const Format& format(std::string_view name) {
    for (const Format& entry : kFormats) {
        if (name == entry.name) {
            return entry;
        }
    }
    throw Failure{"no format " + std::string(name)};
}

/// The bits of -2, -1, 0, 1, 2 and so on.
uint64_t encode(int value, const Format& f) {
    const uint64_t mask = f.bits == 64 ? ~uint64_t(0) : (uint64_t(1) << f.bits) - 1;
    if (f.fraction == 0) {
        return static_cast<uint64_t>(int64_t(value)) & mask;
    }
    if (value == 0) {
        return 0;
    }
    const unsigned magnitude = static_cast<unsigned>(std::abs(value));
    const unsigned exponent = static_cast<unsigned>(std::bit_width(magnitude)) - 1;
    const uint64_t fraction = (uint64_t(magnitude) << f.fraction >> exponent) & ((uint64_t(1) << f.fraction) - 1);
    const uint64_t sign = value < 0 ? uint64_t(1) << (f.bits - 1) : 0;
    return sign | (uint64_t(exponent) + static_cast<unsigned>(f.bias)) << f.fraction | fraction;
}

enum class Kind { Mfma, Wmma11, Wmma12 };

struct Matrix {
    std::string mnemonic;
    Kind kind;
    unsigned m;
    unsigned k;
    unsigned blocks;
    const char* a;
    const char* b;
    const char* d;
    bool sparse;
    std::string suffix;
    bool scaled;
    /// What the modifiers of `suffix` do.
    unsigned cbsz = 0;
    unsigned abid = 0;
};

struct Place {
    unsigned lane;
    unsigned bit;
};

unsigned ceiling(unsigned a, unsigned b) { return (a + b - 1) / b; }

/// Lanes that share a row, and the neighbours along k that each holds together: four registers' worth at most, but for
/// six-bit elements.
unsigned shares(const Matrix& x, unsigned lanes) { return lanes / (x.m * x.blocks); }
unsigned together(const Matrix& x, unsigned depth, unsigned bits, unsigned lanes) {
    const unsigned all = depth / shares(x, lanes);
    return bits == 6 ? all : std::min(all, 128 / bits);
}

/// A(row, k) of a block; B likewise with its column for the row.
Place operandPlace(const Matrix& x, unsigned row, unsigned k, unsigned block, unsigned depth, unsigned bits,
                   unsigned lanes) {
    if (x.kind == Kind::Wmma11) {
        return {row, k * bits};
    }
    const unsigned chunk = together(x, depth, bits, lanes);
    const unsigned share = k / chunk % shares(x, lanes);
    const unsigned item = k / (chunk * shares(x, lanes)) * chunk + k % chunk;
    return {row + x.m * (block + x.blocks * share), item * bits};
}

Place resultPlace(const Matrix& x, unsigned i, unsigned j, unsigned block, unsigned lanes) {
    const unsigned bits = format(x.d).bits;
    if (x.kind == Kind::Wmma11) {
        const unsigned groups = lanes / 16;
        return {j + 16 * (i % groups), i / groups * 32};
    }
    if (x.kind == Kind::Wmma12) {
        const unsigned rows = 256 / lanes;
        return {j + 16 * (i / rows), i % rows * bits};
    }
    const unsigned h = bits == 64 ? 1 : 4;
    const unsigned blocksInLanes = ceiling(64, x.m * x.m / h);
    const unsigned rowsInLanes = 64 / blocksInLanes / x.m;
    const unsigned groups = x.m / (h * rowsInLanes);
    const unsigned item = i % h + h * (i / (h * rowsInLanes) % groups + groups * (block / blocksInLanes));
    return {j + x.m * (i / h % rowsInLanes + rowsInLanes * (block % blocksInLanes)), item * bits};
}

/// Registers of all lanes, as the kernel loads them: [register][lane].
class Registers {
public:
    Registers(unsigned count, unsigned lanes) : lanes_(lanes), words_(size_t(count) * lanes) {}

    void put(const Place& place, unsigned bits, uint64_t value) {
        for (unsigned i = 0; i < bits; ++i) {
            const unsigned at = place.bit + i;
            words_[size_t(at / 32) * lanes_ + place.lane] |= static_cast<u32>(value >> i & 1) << at % 32;
        }
    }
    uint64_t get(const Place& place, unsigned bits) const {
        uint64_t value = 0;
        for (unsigned i = 0; i < bits; ++i) {
            const unsigned at = place.bit + i;
            value |= uint64_t(words_[size_t(at / 32) * lanes_ + place.lane] >> at % 32 & 1) << i;
        }
        return value;
    }
    std::vector<u32>& words() { return words_; }

private:
    unsigned lanes_;
    std::vector<u32> words_;
};

unsigned operandCount(const Matrix& x, const char* type, unsigned depth, unsigned lanes) {
    const unsigned bits = format(type).bits;
    const unsigned perLane = x.kind == Kind::Wmma11 ? depth : depth / (lanes / (x.m * x.blocks));
    return ceiling(perLane * bits, 32);
}
unsigned storedDepth(const Matrix& x) { return x.sparse ? x.k / 2 : x.k; }
unsigned resultCount(const Matrix& x, unsigned lanes) {
    const unsigned perLane = x.m * x.m * x.blocks / lanes;
    return perLane * (x.kind == Kind::Wmma11 ? 32 : format(x.d).bits) / 32;
}

// --- The instructions
// -------------------------------------------------------------------------------------------------

void add(std::vector<Matrix>& list, Kind kind, const std::string& stem, unsigned m, unsigned k, unsigned blocks,
         const char* a, const char* b, const char* d, const std::string& types, bool sparse = false) {
    const std::string size = std::to_string(m) + "x" + std::to_string(m) + "x" + std::to_string(k);
    list.push_back({stem + size + types, kind, m, k, blocks, a, b, d, sparse, "", false});
}

struct Size {
    unsigned m;
    unsigned k;
    unsigned blocks;
};

std::vector<Matrix> gfx90a() {
    std::vector<Matrix> list;
    const auto mfma = [&](const Size& s, const char* in, const char* out, const char* suffix = "") {
        add(list, Kind::Mfma, std::string("v_mfma_") + out + "_", s.m, s.k, s.blocks, in, in, out,
            std::string(in) + suffix);
    };
    for (const Size& s : {Size{32, 1, 2}, Size{16, 1, 4}, Size{4, 1, 16}, Size{32, 2, 1}, Size{16, 4, 1}}) {
        mfma(s, "f32", "f32");
    }
    for (const Size& s : {Size{32, 4, 2}, Size{16, 4, 4}, Size{4, 4, 16}, Size{32, 8, 1}, Size{16, 16, 1}}) {
        mfma(s, "f16", "f32");
        mfma(s, "bf16", "f32", "_1k");
        mfma(s, "i8", "i32");
    }
    for (const Size& s : {Size{32, 2, 2}, Size{16, 2, 4}, Size{4, 2, 16}, Size{32, 4, 1}, Size{16, 8, 1}}) {
        mfma(s, "bf16", "f32");
    }
    mfma({16, 4, 1}, "f64", "f64");
    mfma({4, 4, 4}, "f64", "f64");
    // Blocks that share an A.
    list.push_back(
        {"v_mfma_f32_4x4x1f32", Kind::Mfma, 4, 1, 16, "f32", "f32", "f32", false, " cbsz:2 abid:1", false, 2, 1});
    return list;
}

std::vector<Matrix> gfx940(bool gfx950) {
    std::vector<Matrix> list;
    const auto any = [&](const char* stem, const Size& s, const char* in, const char* out, bool sparse = false) {
        const std::string blocks = s.blocks > 1 ? "_" + std::to_string(s.blocks) + "b_" : std::string("_");
        add(list, Kind::Mfma, std::string(stem) + out + "_", s.m, s.k, s.blocks, in, in, out, blocks + in, sparse);
    };
    const auto small = [&](const char* stem, const Size& s, bool sparse) {
        for (const bool a : {false, true}) {
            for (const bool b : {false, true}) {
                const auto type = [&](bool bf8) {
                    return gfx950 ? (bf8 ? "bf8" : "fp8") : bf8 ? "bf8_fnuz" : "fp8_fnuz";
                };
                add(list, Kind::Mfma, stem, s.m, s.k, 1, type(a), type(b), "f32",
                    std::string(a ? "_bf8" : "_fp8") + (b ? "_bf8" : "_fp8"), sparse);
            }
        }
    };
    for (const Size& s : {Size{32, 1, 2}, Size{16, 1, 4}, Size{4, 1, 16}, Size{32, 2, 1}, Size{16, 4, 1}}) {
        any("v_mfma_", s, "f32", "f32");
    }
    for (const Size& s : {Size{32, 4, 2}, Size{16, 4, 4}, Size{4, 4, 16}, Size{32, 8, 1}, Size{16, 16, 1}}) {
        any("v_mfma_", s, "f16", "f32");
        any("v_mfma_", s, "bf16", "f32");
    }
    for (const Size& s : {Size{32, 4, 2}, Size{16, 4, 4}, Size{4, 4, 16}, Size{32, 16, 1}, Size{16, 32, 1}}) {
        any("v_mfma_", s, "i8", "i32");
    }
    any("v_mfma_", {16, 4, 1}, "f64", "f64");
    any("v_mfma_", {4, 4, 4}, "f64", "f64");
    for (const Size& s : {Size{16, 32, 1}, Size{32, 16, 1}}) {
        small("v_mfma_f32_", s, false);
        any("v_smfmac_", s, "f16", "f32", true);
        any("v_smfmac_", s, "bf16", "f32", true);
    }
    for (const Size& s : {Size{16, 64, 1}, Size{32, 32, 1}}) {
        any("v_smfmac_", s, "i8", "i32", true);
        small("v_smfmac_f32_", s, true);
    }
    if (!gfx950) {
        any("v_mfma_", {16, 8, 1}, "xf32", "f32");
        any("v_mfma_", {32, 4, 1}, "xf32", "f32");
        return list;
    }
    for (const Size& s : {Size{16, 32, 1}, Size{32, 16, 1}}) {
        any("v_mfma_", s, "f16", "f32");
        any("v_mfma_", s, "bf16", "f32");
    }
    for (const Size& s : {Size{16, 64, 1}, Size{32, 32, 1}}) {
        any("v_mfma_", s, "i8", "i32");
        any("v_smfmac_", s, "f16", "f32", true);
        any("v_smfmac_", s, "bf16", "f32", true);
    }
    constexpr const char* kMixed[] = {"fp8", "bf8", "fp6", "bf6", "fp4"};
    for (const Size& s : {Size{16, 128, 1}, Size{32, 64, 1}}) {
        any("v_smfmac_", s, "i8", "i32", true);
        small("v_smfmac_f32_", s, true);
        for (unsigned a = 0; a < 5; ++a) {
            for (const unsigned b : {a, (a + 2) % 5}) {
                for (const bool scaled : {false, true}) {
                    add(list, Kind::Mfma, scaled ? "v_mfma_scale_f32_" : "v_mfma_f32_", s.m, s.k, 1, kMixed[a],
                        kMixed[b], "f32", "_f8f6f4");
                    list.back().suffix = " cbsz:" + std::to_string(a) + " blgp:" + std::to_string(b);
                    list.back().scaled = scaled;
                }
            }
        }
    }
    return list;
}

std::vector<Matrix> wave(bool gfx12) {
    std::vector<Matrix> list;
    const Kind kind = gfx12 ? Kind::Wmma12 : Kind::Wmma11;
    const auto any = [&](const char* stem, unsigned k, const char* in, const char* out, const char* types,
                         const char* suffix = "", bool sparse = false) {
        add(list, kind, std::string(stem) + out + "_", 16, k, 1, in, in, out, types, sparse);
        list.back().suffix = suffix;
    };
    any("v_wmma_", 16, "f16", "f32", "_f16");
    any("v_wmma_", 16, "bf16", "f32", "_bf16");
    any("v_wmma_", 16, "f16", "f16", "_f16");
    any("v_wmma_", 16, "bf16", "bf16", "_bf16");
    any("v_wmma_", 16, "i8", "i32", "_iu8", " neg_lo:[1,1,0]");
    any("v_wmma_", 16, "i4", "i32", "_iu4", " neg_lo:[1,1,0]");
    if (!gfx12) {
        return list;
    }
    any("v_wmma_", 32, "i4", "i32", "_iu4", " neg_lo:[1,1,0]");
    any("v_swmmac_", 32, "f16", "f32", "_f16", "", true);
    any("v_swmmac_", 32, "bf16", "f32", "_bf16", "", true);
    any("v_swmmac_", 32, "f16", "f16", "_f16", "", true);
    any("v_swmmac_", 32, "bf16", "bf16", "_bf16", "", true);
    any("v_swmmac_", 32, "i8", "i32", "_iu8", " neg_lo:[1,1,0]", true);
    any("v_swmmac_", 32, "i4", "i32", "_iu4", " neg_lo:[1,1,0]", true);
    any("v_swmmac_", 64, "i4", "i32", "_iu4", " neg_lo:[1,1,0]", true);
    for (const char* a : {"fp8", "bf8"}) {
        for (const char* b : {"fp8", "bf8"}) {
            const std::string types = std::string("_") + a + "_" + b;
            add(list, kind, "v_wmma_f32_", 16, 16, 1, a, b, "f32", types);
            add(list, kind, "v_swmmac_f32_", 16, 32, 1, a, b, "f32", types, true);
        }
    }
    return list;
}

std::vector<Matrix> matricesOf(std::string_view target) {
    return target == "gfx90a"   ? gfx90a()
           : target == "gfx942" ? gfx940(false)
           : target == "gfx950" ? gfx940(true)
                                : wave(target.starts_with("gfx12"));
}

std::string testName(const Matrix& x) {
    std::string name = x.mnemonic + x.suffix + (x.scaled ? "_scaled" : "");
    for (char& c : name) {
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return name;
}

// --- Running
// ----------------------------------------------------------------------------------------------------------

struct Inputs {
    Registers a;
    Registers b;
    Registers c;
    /// Sparse indices, or scales of A and of B.
    Registers first;
    Registers second;
};

Registers execute(const Context& context, const Matrix& x, Inputs& in, unsigned lanes) {
    std::vector<u32> words;
    for (Registers* part : {&in.a, &in.b, &in.c, &in.first, &in.second}) {
        words.insert(words.end(), part->words().begin(), part->words().end());
    }
    Buffer<u32> input(context.device, words);
    Buffer<u32> output(context.device, size_t(resultCount(x, lanes)) * lanes);
    context.launch(testName(x).c_str(), 1, lanes, Arguments().add(input).add(output));
    Registers result(resultCount(x, lanes), lanes);
    std::copy_n(output.data(), output.size(), result.words().begin());
    return result;
}

Inputs emptyInputs(const Matrix& x, unsigned lanes) {
    return {Registers(operandCount(x, x.a, storedDepth(x), lanes), lanes),
            Registers(operandCount(x, x.b, x.k, lanes), lanes), Registers(resultCount(x, lanes), lanes),
            Registers(1, lanes), Registers(1, lanes)};
}

/// Small integers through the whole instruction.
void runLayout(const Context& context, const Matrix& x, unsigned lanes) {
    std::mt19937 random(x.k * 1000 + x.m);
    const auto pick = [&](int low, int high) {
        return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    };
    Inputs in = emptyInputs(x, lanes);
    const unsigned stored = storedDepth(x);
    // [block][row][k], [block][column][k], [block][row][column].
    std::vector<int> a(size_t(x.blocks) * x.m * x.k);
    std::vector<int> b(size_t(x.blocks) * x.m * x.k);
    std::vector<int> c(size_t(x.blocks) * x.m * x.m);
    const Format& formatA = format(x.a);
    const Format& formatB = format(x.b);
    const Format& formatD = format(x.d);
    const unsigned copies = x.kind == Kind::Wmma11 ? lanes / 16 : 1;
    const auto putOperand = [&](Registers& to, unsigned row, unsigned k, unsigned block, unsigned depth,
                                const Format& f, int value) {
        const Place place = operandPlace(x, row, k, block, depth, f.bits, lanes);
        for (unsigned copy = 0; copy < copies; ++copy) {
            to.put({place.lane + 16 * copy, place.bit}, f.bits, encode(value, f));
        }
    };
    std::vector<int> scaleA(size_t(x.m) * 4, 0);
    std::vector<int> scaleB(size_t(x.m) * 4, 0);
    for (unsigned block = 0; block < x.blocks; ++block) {
        for (unsigned i = 0; i < x.m; ++i) {
            for (unsigned s = 0; s < stored; ++s) {
                const int value = pick(-1, 2);
                putOperand(in.a, i, s, block, stored, formatA, value);
                unsigned k = s;
                if (x.sparse) {
                    // The two of each four that are stored: the first below the second.
                    const unsigned chosen =
                        s % 2 == 0 ? static_cast<unsigned>(pick(0, 1)) : static_cast<unsigned>(pick(2, 3));
                    const unsigned perLane = stored / shares(x, lanes);
                    const unsigned share = s / perLane;
                    in.first.put({i + x.m * share, s % perLane * 2}, 2, chosen);
                    // The element of B that the same lanes hold.
                    const unsigned item = s % perLane / 2 * 4 + chosen;
                    const unsigned chunk = together(x, x.k, formatB.bits, lanes);
                    k = (item / chunk * shares(x, lanes) + share) * chunk + item % chunk;
                }
                a[(block * x.m + i) * x.k + k] = value;
            }
            for (unsigned k = 0; k < x.k; ++k) {
                const int value = pick(-1, 2);
                putOperand(in.b, i, k, block, x.k, formatB, value);
                b[(block * x.m + i) * x.k + k] = value;
            }
            for (unsigned j = 0; j < x.m; ++j) {
                const int value = pick(-3, 3);
                in.c.put(resultPlace(x, i, j, block, lanes), formatD.bits, encode(value, formatD));
                c[(block * x.m + i) * x.m + j] = value;
            }
        }
    }
    if (x.scaled) {
        // E8M0, the lowest byte: a lane's 32 elements along k share one.
        for (unsigned lane = 0; lane < lanes; ++lane) {
            scaleA[lane] = pick(-1, 1);
            scaleB[lane] = pick(0, 1);
            in.first.put({lane, 0}, 8, static_cast<u32>(127 + scaleA[lane]));
            in.second.put({lane, 0}, 8, static_cast<u32>(127 + scaleB[lane]));
        }
    }
    const Registers out = execute(context, x, in, lanes);
    for (unsigned block = 0; block < x.blocks; ++block) {
        // The broadcast block of lanes holds whole blocks of A.
        const unsigned shared = x.blocks >> x.cbsz;
        const unsigned from = x.cbsz == 0 ? block : block % shared + shared * x.abid;
        for (unsigned i = 0; i < x.m; ++i) {
            for (unsigned j = 0; j < x.m; ++j) {
                double sum = c[(block * x.m + i) * x.m + j];
                for (unsigned k = 0; k < x.k; ++k) {
                    const double product = double(a[(from * x.m + i) * x.k + k]) * b[(block * x.m + j) * x.k + k];
                    const int scale = x.scaled ? scaleA[i + k / 32 * x.m] + scaleB[j + k / 32 * x.m] : 0;
                    sum += std::ldexp(product, scale);
                }
                const uint64_t bits = out.get(resultPlace(x, i, j, block, lanes), formatD.bits);
                const double got = formatD.bits == 64      ? std::bit_cast<double>(bits)
                                   : formatD.fraction == 0 ? double(static_cast<int32_t>(bits))
                                   : formatD.bits == 32    ? double(std::bit_cast<float>(static_cast<u32>(bits)))
                                   : formatD.bias == 127   ? double(std::bit_cast<float>(static_cast<u32>(bits) << 16))
                                                           : halfValue(static_cast<uint16_t>(bits));
                if (got != sum) {
                    std::ostringstream text;
                    text << "block " << block << " row " << i << " column " << j << ": expected " << sum << ", got "
                         << got;
                    throw Failure{text.str()};
                }
            }
        }
    }
}

/// One row and one column of half-precision operands by their bits, an accumulator, and what must come out.
struct Arithmetic {
    const char* name;
    const char* target;
    const char* mnemonic;
    std::vector<double> a;
    std::vector<double> b;
    float c;
    float expected;
};

/// The rules are those of Xie et al. 2025 (see semantics/matrix_sums.h), the numbers worked out by hand.
const std::vector<Arithmetic>& arithmetic() {
    static const std::vector<Arithmetic> cases = {
        // 2^-24 is a denormal half, and read as zero; 2^-14 is the least normal one.
        {"flushes_denormal_operands", "gfx90a", "v_mfma_f32_16x16x16f16", {0x1p-24, 0x1p-14}, {1, 1}, 0, 0x1p-14f},
        // (1 + 2^24) + (1 - 2^24): the first pair rounds to 2^24, the second is exact. The exact sum is 2, one after
        // the
        // other gives 0.
        {"sums_by_pairs", "gfx90a", "v_mfma_f32_16x16x16f16", {1, 0x1p12, 1, -0x1p12}, {1, 0x1p12, 1, 0x1p12}, 0, 1},
        {"keeps_denormal_operands", "gfx942", "v_mfma_f32_16x16x16_f16", {0x1p-24}, {1}, 0, 0x1p-24f},
        // Four products of 2^-25 beside 1 are each cut off: the exact sum is 1 + 2^-23.
        {"truncates_small_products",
         "gfx942",
         "v_mfma_f32_16x16x16_f16",
         {1, 0x1p-12, 0x1p-12, 0x1p-12, 0x1p-12},
         {1, 0x1p-13, 0x1p-13, 0x1p-13, 0x1p-13},
         0,
         1},
        // The accumulator is cut off downwards at 2^-24.
        {"floors_the_accumulator", "gfx942", "v_mfma_f32_16x16x16_f16", {1}, {1}, -0x1p-26f, 1 - 0x1p-24f},
        // Within eight products the sum is exact: 2^24 + 1 - 2^24.
        {"sums_eight_at_once", "gfx942", "v_mfma_f32_16x16x16_f16", {0x1p12, 1, -0x1p12}, {0x1p12, 1, 0x1p12}, 0, 1},
        // One fused step after the other: 2^24 + 1 rounds to 2^24.
        {"fuses_one_by_one", "gfx1100", "v_wmma_f32_16x16x16_f16", {0x1p12, 1, -0x1p12}, {0x1p12, 1, 0x1p12}, 0, 0},
        {"infinity_times_zero", "gfx942", "v_mfma_f32_16x16x16_f16", {INFINITY}, {0}, 1, NAN},
        {"infinity", "gfx942", "v_mfma_f32_16x16x16_f16", {INFINITY}, {-2}, 1, -INFINITY},
    };
    return cases;
}

void runArithmetic(const Context& context, const Arithmetic& test, const Matrix& x, unsigned lanes) {
    Inputs in = emptyInputs(x, lanes);
    const unsigned copies = x.kind == Kind::Wmma11 ? lanes / 16 : 1;
    for (unsigned k = 0; k < test.a.size(); ++k) {
        const Place place = operandPlace(x, 0, k, 0, x.k, 16, lanes);
        for (unsigned copy = 0; copy < copies; ++copy) {
            in.a.put({place.lane + 16 * copy, place.bit}, 16, nearestHalf(test.a[k]));
            in.b.put({place.lane + 16 * copy, place.bit}, 16, nearestHalf(test.b[k]));
        }
    }
    in.c.put(resultPlace(x, 0, 0, 0, lanes), 32, std::bit_cast<u32>(test.c));
    const Registers out = execute(context, x, in, lanes);
    checkSame(std::bit_cast<float>(static_cast<u32>(out.get(resultPlace(x, 0, 0, 0, lanes), 32))), test.expected,
              test.name);
}

std::string range(unsigned first, unsigned count) {
    return count == 1 ? "v" + std::to_string(first)
                      : "v[" + std::to_string(first) + ":" + std::to_string(first + count - 1) + "]";
}

constexpr unsigned kA = 8;
constexpr unsigned kB = 24;
constexpr unsigned kC = 48;
constexpr unsigned kFirst = 84;
constexpr unsigned kSecond = 85;

}  // namespace

std::vector<Test> matrixTests(std::string_view target, unsigned lanes) {
    std::vector<Test> tests;
    for (const Matrix& x : matricesOf(target)) {
        tests.push_back({testName(x), [x, lanes](const Context& context) { runLayout(context, x, lanes); }});
        for (const Arithmetic& test : arithmetic()) {
            if (test.target == target && test.mnemonic == x.mnemonic && x.d == std::string_view("f32")) {
                tests.push_back(
                    {test.name, [&test, x, lanes](const Context& context) { runArithmetic(context, test, x, lanes); }});
            }
        }
    }
    return tests;
}

std::string matrixAssembly(std::string_view target, unsigned lanes) {
    std::ostringstream text;
    const bool gfx9 = target.starts_with("gfx9");
    const bool gfx12 = target.starts_with("gfx12");
    const std::string load = gfx9 ? "global_load_dword" : "global_load_b32";
    const std::string store = gfx9 ? "global_store_dword" : "global_store_b32";
    const std::string addition = gfx9 ? "v_add_u32_e32" : "v_add_nc_u32_e32";
    const std::string scalarLoad = gfx9 ? "s_load_dwordx4" : "s_load_b128";
    const std::string waitScalar = gfx12 ? "s_wait_kmcnt 0x0" : "s_waitcnt lgkmcnt(0)";
    const std::string waitVector = gfx12 ? "s_wait_loadcnt 0x0" : "s_waitcnt vmcnt(0)";
    const std::string name = "amdgcn-amd-amdhsa--" + std::string(target);
    text << ".amdgcn_target \"" << name << "\"\n.text\n";
    const std::vector<Matrix> list = matricesOf(target);
    const std::string stride = " v1, " + std::to_string(lanes * 4) + ", v1\n";
    for (const Matrix& x : list) {
        const std::string symbol = testName(x);
        text << ".globl " << symbol << "\n.p2align 8\n.type " << symbol << ",@function\n"
             << symbol << ":\n " << scalarLoad
             << " s[4:7], s[0:1], 0x0\n v_and_b32 v0, 0x3ff, v0\n v_lshlrev_b32 v1, 2, v0\n " << waitScalar << "\n";
        const unsigned counts[] = {operandCount(x, x.a, storedDepth(x), lanes), operandCount(x, x.b, x.k, lanes),
                                   resultCount(x, lanes), 1, 1};
        const unsigned firsts[] = {kA, kB, kC, kFirst, kSecond};
        for (unsigned part = 0; part < 5; ++part) {
            for (unsigned i = 0; i < counts[part]; ++i) {
                text << " " << load << " v" << firsts[part] + i << ", v1, s[4:5]\n " << addition << stride;
            }
        }
        const std::string d = range(kC, counts[2]);
        text << " " << waitVector << "\n " << x.mnemonic << " " << d << ", " << range(kA, counts[0]) << ", "
             << range(kB, counts[1]) << ", " << (x.sparse ? range(kFirst, 1) : d);
        if (x.scaled) {
            text << ", v" << kFirst << ", v" << kSecond;
        }
        text << x.suffix << "\n v_lshlrev_b32 v1, 2, v0\n";
        for (unsigned i = 0; i < counts[2]; ++i) {
            text << " " << store << " v1, v" << kC + i << ", s[6:7]\n " << addition << stride;
        }
        text << " s_endpgm\n";
    }
    text << ".rodata\n";
    for (const Matrix& x : list) {
        text << ".p2align 6\n.amdhsa_kernel " << testName(x)
             << "\n .amdhsa_user_sgpr_kernarg_segment_ptr 1\n .amdhsa_kernarg_size 16\n .amdhsa_next_free_vgpr 96\n"
                " .amdhsa_next_free_sgpr 16\n .amdhsa_float_denorm_mode_32 3\n";
        text << (gfx9 ? std::string(" .amdhsa_accum_offset 96\n")
                      : " .amdhsa_wavefront_size32 " + std::to_string(lanes == 32) + "\n");
        text << ".end_amdhsa_kernel\n";
    }
    text << ".amdgpu_metadata\n---\namdhsa.version: [1, 2]\namdhsa.target: " << name << "\namdhsa.kernels:\n";
    for (const Matrix& x : list) {
        text << "  - .name: " << testName(x) << "\n    .symbol: " << testName(x)
             << ".kd\n    .kernarg_segment_size: 16\n    .kernarg_segment_align: 8\n    .group_segment_fixed_size: 0\n"
                "    .private_segment_fixed_size: 0\n    .wavefront_size: "
             << lanes
             << "\n    .sgpr_count: 16\n    .vgpr_count: 96\n    .max_flat_workgroup_size: 1024\n    .args:\n"
                "      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}\n"
                "      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}\n";
    }
    text << "...\n.end_amdgpu_metadata\n";
    return text.str();
}

}  // namespace soma::vgpu::test
