#include "matrix_shapes.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

constexpr ClassSet kGfx90a = only(IsaClass::Gfx90a);
constexpr ClassSet kGfx940 = only(IsaClass::Gfx940);
constexpr ClassSet kGfx950 = only(IsaClass::Gfx950);
constexpr ClassSet kGfx11 = only(IsaClass::Gfx11);
constexpr ClassSet kGfx12 = only(IsaClass::Gfx12);

struct Size {
    unsigned m;
    unsigned k;
    unsigned blocks;
};

const char* nameOf(Element element) {
    switch (element) {
    case Element::F64:
        return "f64";
    case Element::F32:
        return "f32";
    case Element::Xf32:
        return "xf32";
    case Element::F16:
        return "f16";
    case Element::Bf16:
        return "bf16";
    case Element::Fp8:
    case Element::Fp8Fnuz:
        return "fp8";
    case Element::Bf8:
    case Element::Bf8Fnuz:
        return "bf8";
    case Element::I8:
        return "i8";
    case Element::I32:
        return "i32";
    default:
        return "";
    }
}

std::string sizeText(const Size& size) {
    const std::string side = std::to_string(size.m);
    return std::string(side).append("x").append(side).append("x").append(std::to_string(size.k));
}

class ShapeList {
public:
    /// gfx90a: v_mfma_f32_32x32x4f16.
    void mfma90a(const Size& size, Element in, Element out, Sum sum, const char* suffix = "") {
        const std::string name = std::string("v_mfma_") + nameOf(out) + "_" + sizeText(size) + nameOf(in) + suffix;
        add(name, kGfx90a, size, in, in, out, sum);
    }
    /// gfx940 and later: v_mfma_f32_32x32x4_2b_f16.
    void mfma(ClassSet classes, const Size& size, Element in, Element out, Sum sum) {
        std::string name = std::string("v_mfma_") + nameOf(out) + "_" + sizeText(size) + "_";
        if (size.blocks > 1) {
            name.append(std::to_string(size.blocks)).append("b_");
        }
        add(name + nameOf(in), classes, size, in, in, out, sum);
    }
    void smfmac(ClassSet classes, const Size& size, Element in, Element out, Sum sum) {
        add(std::string("v_smfmac_") + nameOf(out) + "_" + sizeText(size) + "_" + nameOf(in), classes, size, in, in,
            out, sum);
        shapes_.back().sparse = true;
    }
    /// All four pairs of 8-bit formats.
    void pairs8(const char* stem, ClassSet classes, const Size& size, bool fnuz, Sum sum, bool sparse, Form form) {
        const Element fp8 = fnuz ? Element::Fp8Fnuz : Element::Fp8;
        const Element bf8 = fnuz ? Element::Bf8Fnuz : Element::Bf8;
        for (const Element a : {fp8, bf8}) {
            for (const Element b : {fp8, bf8}) {
                add(std::string(stem) + sizeText(size) + "_" + nameOf(a) + "_" + nameOf(b), classes, size, a, b,
                    Element::F32, sum);
                shapes_.back().sparse = sparse;
                shapes_.back().form = form;
            }
        }
    }
    void wave(const char* name, ClassSet classes, unsigned k, Element in, Element out, Form form, bool sparse = false) {
        add(name, classes, {16, k, 1}, in, in, out, out == Element::I32 ? Sum::Integer : Sum::Fused);
        shapes_.back().form = form;
        shapes_.back().sparse = sparse;
    }
    MatrixShape& add(const std::string& name, ClassSet classes, const Size& size, Element a, Element b, Element d,
                     Sum sum) {
        shapes_.push_back(
            MatrixShape{name, classes, size.m, size.m, size.k, size.blocks, a, b, d, sum, Form::Mfma, false, false});
        return shapes_.back();
    }
    std::vector<MatrixShape> take() { return std::move(shapes_); }

private:
    std::vector<MatrixShape> shapes_;
};

void addGfx90a(ShapeList& list) {
    using enum Element;
    for (const Size& size : {Size{32, 1, 2}, Size{16, 1, 4}, Size{4, 1, 16}, Size{32, 2, 1}, Size{16, 4, 1}}) {
        list.mfma90a(size, F32, F32, Sum::Fused);
    }
    for (const Size& size : {Size{32, 4, 2}, Size{16, 4, 4}, Size{4, 4, 16}, Size{32, 8, 1}, Size{16, 16, 1}}) {
        list.mfma90a(size, F16, F32, Sum::FlushedQuads);
        list.mfma90a(size, Bf16, F32, Sum::FlushedQuads, "_1k");
        list.mfma90a(size, I8, I32, Sum::Integer);
    }
    for (const Size& size : {Size{32, 2, 2}, Size{16, 2, 4}, Size{4, 2, 16}, Size{32, 4, 1}, Size{16, 8, 1}}) {
        list.mfma90a(size, Bf16, F32, Sum::FlushedPairs);
    }
    list.mfma90a({16, 4, 1}, F64, F64, Sum::Fused);
    list.mfma90a({4, 4, 4}, F64, F64, Sum::Fused);
}

void addGfx940(ShapeList& list) {
    using enum Element;
    const ClassSet both = kGfx940 | kGfx950;
    for (const Size& size : {Size{32, 1, 2}, Size{16, 1, 4}, Size{4, 1, 16}, Size{32, 2, 1}, Size{16, 4, 1}}) {
        list.mfma(both, size, F32, F32, Sum::Fused);
    }
    for (const Size& size : {Size{32, 4, 2}, Size{16, 4, 4}, Size{4, 4, 16}, Size{32, 8, 1}, Size{16, 16, 1}}) {
        list.mfma(both, size, F16, F32, Sum::Truncated8);
        list.mfma(both, size, Bf16, F32, Sum::Truncated8);
    }
    for (const Size& size : {Size{32, 4, 2}, Size{16, 4, 4}, Size{4, 4, 16}, Size{32, 16, 1}, Size{16, 32, 1}}) {
        list.mfma(both, size, I8, I32, Sum::Integer);
    }
    list.mfma(both, {16, 4, 1}, F64, F64, Sum::Fused);
    list.mfma(both, {4, 4, 4}, F64, F64, Sum::Fused);
    list.mfma(kGfx940, {16, 8, 1}, Xf32, F32, Sum::Truncated4);
    list.mfma(kGfx940, {32, 4, 1}, Xf32, F32, Sum::Truncated4);
    for (const Size& size : {Size{16, 32, 1}, Size{32, 16, 1}}) {
        list.pairs8("v_mfma_f32_", kGfx940, size, true, Sum::TruncatedSplit16, false, Form::Mfma);
        list.pairs8("v_mfma_f32_", kGfx950, size, false, Sum::TruncatedSplit16, false, Form::Mfma);
        list.smfmac(both, size, F16, F32, Sum::Truncated8);
        list.smfmac(both, size, Bf16, F32, Sum::Truncated8);
    }
    for (const Size& size : {Size{16, 64, 1}, Size{32, 32, 1}}) {
        list.smfmac(both, size, I8, I32, Sum::Integer);
        list.pairs8("v_smfmac_f32_", kGfx940, size, true, Sum::TruncatedSplit16, true, Form::Mfma);
        list.pairs8("v_smfmac_f32_", kGfx950, size, false, Sum::TruncatedSplit16, true, Form::Mfma);
    }
}

/// What gfx950 adds. No public source says how it sums; the rules of gfx940 are taken.
void addGfx950(ShapeList& list) {
    using enum Element;
    for (const Size& size : {Size{16, 32, 1}, Size{32, 16, 1}}) {
        list.mfma(kGfx950, size, F16, F32, Sum::Truncated8);
        list.mfma(kGfx950, size, Bf16, F32, Sum::Truncated8);
    }
    for (const Size& size : {Size{16, 64, 1}, Size{32, 32, 1}}) {
        list.mfma(kGfx950, size, I8, I32, Sum::Integer);
        list.smfmac(kGfx950, size, F16, F32, Sum::Truncated8);
        list.smfmac(kGfx950, size, Bf16, F32, Sum::Truncated8);
    }
    for (const Size& size : {Size{16, 128, 1}, Size{32, 64, 1}}) {
        list.smfmac(kGfx950, size, I8, I32, Sum::Integer);
        list.pairs8("v_smfmac_f32_", kGfx950, size, false, Sum::TruncatedSplit16, true, Form::Mfma);
        const std::string stem = "f32_" + sizeText(size) + "_f8f6f4";
        list.add("v_mfma_" + stem, kGfx950, size, Mixed, Mixed, F32, Sum::TruncatedSplit16);
        list.add("v_mfma_scale_" + stem, kGfx950, size, Mixed, Mixed, F32, Sum::TruncatedSplit16).scaled = true;
    }
}

void addWave(ShapeList& list) {
    using enum Element;
    for (const auto& [classes, form] : {std::pair{kGfx11, Form::Wmma11}, std::pair{kGfx12, Form::Wmma12}}) {
        list.wave("v_wmma_f32_16x16x16_f16", classes, 16, F16, F32, form);
        list.wave("v_wmma_f32_16x16x16_bf16", classes, 16, Bf16, F32, form);
        list.wave("v_wmma_f16_16x16x16_f16", classes, 16, F16, F16, form);
        list.wave("v_wmma_bf16_16x16x16_bf16", classes, 16, Bf16, Bf16, form);
        list.wave("v_wmma_i32_16x16x16_iu8", classes, 16, I8, I32, form);
        list.wave("v_wmma_i32_16x16x16_iu4", classes, 16, I4, I32, form);
    }
    list.wave("v_wmma_i32_16x16x32_iu4", kGfx12, 32, I4, I32, Form::Wmma12);
    list.pairs8("v_wmma_f32_", kGfx12, {16, 16, 1}, false, Sum::Fused, false, Form::Wmma12);
    list.wave("v_swmmac_f32_16x16x32_f16", kGfx12, 32, F16, F32, Form::Wmma12, true);
    list.wave("v_swmmac_f32_16x16x32_bf16", kGfx12, 32, Bf16, F32, Form::Wmma12, true);
    list.wave("v_swmmac_f16_16x16x32_f16", kGfx12, 32, F16, F16, Form::Wmma12, true);
    list.wave("v_swmmac_bf16_16x16x32_bf16", kGfx12, 32, Bf16, Bf16, Form::Wmma12, true);
    list.wave("v_swmmac_i32_16x16x32_iu8", kGfx12, 32, I8, I32, Form::Wmma12, true);
    list.wave("v_swmmac_i32_16x16x32_iu4", kGfx12, 32, I4, I32, Form::Wmma12, true);
    list.wave("v_swmmac_i32_16x16x64_iu4", kGfx12, 64, I4, I32, Form::Wmma12, true);
    list.pairs8("v_swmmac_f32_", kGfx12, {16, 32, 1}, false, Sum::Fused, true, Form::Wmma12);
}

}  // namespace

const std::vector<MatrixShape>& matrixShapes() {
    static const std::vector<MatrixShape> shapes = [] {
        ShapeList list;
        addGfx90a(list);
        addGfx940(list);
        addGfx950(list);
        addWave(list);
        return list.take();
    }();
    return shapes;
}

OperandLayout operandLayout(const MatrixShape& shape, Element element, unsigned rows, unsigned k, unsigned lanes) {
    // gfx11's WMMA wants every row repeated in each group of 16 lanes.
    const unsigned groups = shape.form == Form::Wmma11 ? 1 : lanes / (rows * shape.blocks);
    const unsigned perLane = k / groups;
    // gfx950 splits what takes more than four registers; six-bit elements stay together.
    const unsigned bits = bitsOf(element);
    const bool split = shape.form == Form::Mfma && bits != 6 && perLane * bits > 128;
    return {rows, shape.blocks, groups, perLane, split ? 128 / bits : perLane};
}

unsigned operandRegisters(const MatrixShape& shape, Element element, unsigned rows, unsigned k, unsigned lanes) {
    const unsigned bits = operandLayout(shape, element, rows, k, lanes).perLane * bitsOf(element);
    return bits < 32 ? 1 : bits / 32;
}

unsigned resultRegisters(const MatrixShape& shape, unsigned lanes) {
    const unsigned perLane = shape.m * shape.n * shape.blocks / lanes;
    const unsigned bits = shape.form == Form::Wmma11 ? 32 : bitsOf(shape.d);
    return perLane * bits / 32;
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
