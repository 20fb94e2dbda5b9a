// The matrix instructions as data: MFMA and sparse MFMA of gfx90a to gfx950, WMMA and SWMMAC of gfx11 and gfx12.
// Sources: AMD's ISA documents for MI200, MI300, CDNA4, RDNA3 and RDNA4, chapters on matrix arithmetic; the register
// layouts also stand in AMD's matrix instruction calculator.
#pragma once

#include "table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace soma::vgpu::SOMA_HOST_ISA {

/// How a matrix element is stored. `Fp8` and `Bf8` are OCP's E4M3 and E5M2, those with `Fnuz` AMD's older ones.
/// `Mixed`: the instruction says which (cbsz for A, blgp for B).
enum class Element : uint8_t {
    F64,
    F32,
    Xf32,
    F16,
    Bf16,
    Fp8,
    Bf8,
    Fp8Fnuz,
    Bf8Fnuz,
    Fp6,
    Bf6,
    Fp4,
    Mixed,
    I8,
    I4,
    I32,
};

constexpr unsigned bitsOf(Element element) {
    switch (element) {
    case Element::F64:
        return 64;
    case Element::F32:
    case Element::Xf32:
    case Element::I32:
        return 32;
    case Element::F16:
    case Element::Bf16:
        return 16;
    case Element::Fp6:
    case Element::Bf6:
        return 6;
    case Element::Fp4:
    case Element::I4:
        return 4;
    default:
        return 8;
    }
}

/// How a row's products are summed; matrix_sums.h says what each does.
enum class Sum : uint8_t { Fused, FlushedPairs, FlushedQuads, Truncated4, Truncated8, TruncatedSplit16, Integer };

/// Where elements lie in registers and lanes.
enum class Form : uint8_t { Mfma, Wmma11, Wmma12 };

/// d[m][n] = a[m][k] · b[k][n] + c[m][n], for each of `blocks` independent products.
struct MatrixShape {
    std::string mnemonic;
    ClassSet classes = 0;
    unsigned m = 16;
    unsigned n = 16;
    unsigned k = 16;
    unsigned blocks = 1;
    Element a = Element::F16;
    Element b = Element::F16;
    Element d = Element::F32;
    Sum sum = Sum::Fused;
    Form form = Form::Mfma;
    /// A holds two of every four elements, and a register says which.
    bool sparse = false;
    /// A and B are multiplied by powers of two, one for each 32 elements along k.
    bool scaled = false;

    /// Elements of A that are stored along k.
    unsigned storedK() const { return sparse ? k / 2 : k; }
};

const std::vector<MatrixShape>& matrixShapes();

/// Of an operand with `rows` rows (A) or columns (B): the lanes that share a row divide k between them, in chunks.
struct OperandLayout {
    unsigned rows;
    unsigned blocks;
    unsigned kGroups;
    /// Elements along k in one lane.
    unsigned perLane;
    /// Neighbours along k that a lane holds together.
    unsigned chunk;

    unsigned kOf(unsigned group, unsigned element) const {
        return (element / chunk * kGroups + group) * chunk + element % chunk;
    }
};
OperandLayout operandLayout(const MatrixShape& shape, Element element, unsigned rows, unsigned k, unsigned lanes);

/// Where element `index` of the lanes `group`·n … `group`·n + n - 1 of C and D lies; those lanes hold consecutive
/// columns.
struct Cell {
    unsigned block;
    unsigned row;
};
inline Cell resultCell(const MatrixShape& shape, unsigned index, unsigned group, unsigned lanes) {
    const unsigned groups = lanes / shape.n;
    switch (shape.form) {
    case Form::Wmma11:
        return {0, index * groups + group};
    case Form::Wmma12:
        return {0, group * (shape.m / groups) + index};
    case Form::Mfma:
        break;
    }
    if (shape.d == Element::F64) {
        return shape.m == 4 ? Cell{group / 4, group % 4} : Cell{0, index * 4 + group};
    }
    if (shape.m == 4) {
        return {group, index};
    }
    const unsigned perBlock = shape.m * shape.n / lanes;
    const unsigned inBlock = index % perBlock;
    return {index / perBlock, inBlock / 4 * 4 * groups + group * 4 + inBlock % 4};
}

/// 32-bit registers of operands. Of WMMA's 16-bit results on gfx11 each takes half of a register.
unsigned operandRegisters(const MatrixShape& shape, Element element, unsigned rows, unsigned k, unsigned lanes);
unsigned resultRegisters(const MatrixShape& shape, unsigned lanes);

}  // namespace soma::vgpu::SOMA_HOST_ISA
