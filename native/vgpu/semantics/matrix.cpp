// Matrix instructions: operands are gathered from registers and lanes into matrices, multiplied row by row, and the
// result is scattered back (matrix_registers.h). All lanes take part, whatever EXEC says. matrix_sums.h says how a row
// of products is summed.

#include "families.h"
#include "matrix_registers.h"
#include "matrix_sums.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// For sparse A: the row of B that each stored element of each row meets. Of every four rows two are met, and two bits
/// say which. Manual: "Sparse matrices" of the MI300 ISA, SWMMAC in the RDNA4 ISA.
void pickRows(const Wave& wave, const Source& source, const MatrixShape& shape, unsigned set,
              u8 (*pick)[kMostElements / 16]) {
    const OperandLayout layout = operandLayout(shape, shape.a, shape.m, shape.storedK(), wave.lanes);
    const OperandLayout dense = operandLayout(shape, shape.b, shape.n, shape.k, wave.lanes);
    const unsigned bits = layout.perLane * 2;
    const unsigned shift = bits >= 32 ? 0 : set * bits % 32;
    for (unsigned group = 0; group < layout.kGroups; ++group) {
        for (unsigned row = 0; row < shape.m; ++row) {
            const u32 word = source.kind == Source::Kind::Vgpr ? wave.vgpr[source.reg + group * shape.m + row]
                                                               : static_cast<u32>(source.value);
            for (unsigned e = 0; e < layout.perLane; ++e) {
                const unsigned met = e / 2 * 4 + (word >> shift >> (2 * e) & 3);
                pick[row][layout.kOf(group, e)] = static_cast<u8>(dense.kOf(group, met));
            }
        }
    }
}

template <class T>
struct Operands {
    alignas(64) T a[kMostElements];
    alignas(64) T b[kMostElements];
    alignas(64) T d[kMostElements];
    alignas(64) u8 pick[kMostRows][kMostElements / 16];
};

template <class T>
void load(const Wave& wave, const MicroOp& op, const MatrixShape& shape, Operands<T>& operands) {
    const Modifiers modifiers{op.aux};
    const bool integers = std::is_same_v<T, i32>;
    const bool wmma = shape.form != Form::Mfma;
    // In WMMA's integer products the negation bits say which operands are signed.
    const auto adjust = [&](unsigned operand) {
        const bool low = modifiers.negateLow(operand);
        return integers ? Adjust{false, false, !wmma || low} : Adjust{low, modifiers.negateHigh(operand), true};
    };
    // Of other instructions the two fields mean formats, sets of indices or negations.
    const bool broadcasts = !wmma && shape.a != Element::Mixed && !shape.sparse && shape.d != Element::F64;
    const unsigned cbsz = modifiers.cbsz();
    const unsigned blgp = modifiers.blgp();
    const Element a = formatOf(shape.a, cbsz);
    const Element b = formatOf(shape.b, blgp);
    gather(
        wave.vgpr + op.src[0].reg, a, operandLayout(shape, a, shape.m, shape.storedK(), wave.lanes), wave.lanes,
        adjust(0), broadcasts && cbsz != 0, [&](unsigned lane) { return broadcastLane(lane, cbsz, modifiers.abid()); },
        operands.a);
    gather(
        wave.vgpr + op.src[1].reg, b, operandLayout(shape, b, shape.n, shape.k, wave.lanes), wave.lanes, adjust(1),
        broadcasts && blgp != 0, [&](unsigned lane) { return permutedLane(lane, blgp); }, operands.b);
    gatherResult(wave, op.src[2], shape, modifiers, operands.d);
    if (shape.sparse) {
        pickRows(wave, op.src[3], shape, modifiers.indexSet(), operands.pick);
    }
}

/// Calls `f(start of A's row, start of D's row, start of B's block, row)` for each row of each block.
template <class F>
void forRows(const MatrixShape& shape, F f) {
    for (unsigned block = 0; block < shape.blocks; ++block) {
        for (unsigned row = 0; row < shape.m; ++row) {
            f(size_t(block) * shape.storedK() * shape.m + row, (size_t(block) * shape.m + row) * shape.n,
              size_t(block) * shape.k * shape.n, row);
        }
    }
}

template <class T>
MatrixRow<T> rowOf(const MatrixShape& shape, const Operands<T>& operands, size_t a, size_t b, unsigned row) {
    return {operands.a + a, shape.m, operands.b + b, shape.sparse ? operands.pick[row] : nullptr, shape.storedK()};
}

template <unsigned N, class T>
void runFused(Wave& wave, const MicroOp& op) {
    const MatrixShape& shape = shapeOf(op);
    Operands<T> operands;
    load(wave, op, shape, operands);
    constexpr unsigned kRows = 8;
    constexpr bool kTogether = std::is_same_v<T, float> && N % 16 == 0;
    if (kTogether && !shape.sparse && shape.m % kRows == 0) {
        if constexpr (kTogether) {
            forRows(shape, [&](size_t a, size_t d, size_t b, unsigned row) {
                if (row % kRows == 0) {
                    sumFusedRows<N, kRows>(rowOf(shape, operands, a, b, row), operands.d + d);
                }
            });
        }
    } else {
        forRows(shape, [&](size_t a, size_t d, size_t b, unsigned row) {
            sumFused<N, T>(rowOf(shape, operands, a, b, row), operands.d + d);
        });
    }
    scatterResult(wave, op.dst, shape, Modifiers{op.aux}.upperHalf(), operands.d);
}

template <unsigned N>
void runIntegers(Wave& wave, const MicroOp& op) {
    const MatrixShape& shape = shapeOf(op);
    Operands<i32> operands;
    load(wave, op, shape, operands);
    forRows(shape, [&](size_t a, size_t d, size_t b, unsigned row) {
        const auto products = rowOf(shape, operands, a, b, row);
        if (op.clamp) {
            sumIntegersSaturated<N>(products, operands.d + d);
        } else {
            sumIntegers<N>(products, operands.d + d);
        }
    });
    scatterResult(wave, op.dst, shape, false, operands.d);
}

template <unsigned N, unsigned P>
void runFlushed(Wave& wave, const MicroOp& op) {
    const MatrixShape& shape = shapeOf(op);
    Operands<float> operands;
    load(wave, op, shape, operands);
    const float least = std::ldexp(1.0f, precisionOf(shape.a).leastExponent);
    const auto flush = [&](float* values, unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            values[i] = std::fabs(values[i]) < least ? 0.0f : values[i];
        }
    };
    flush(operands.a, shape.m * shape.k * shape.blocks);
    flush(operands.b, shape.n * shape.k * shape.blocks);
    forRows(shape, [&](size_t a, size_t d, size_t b, unsigned row) {
        sumFlushed<N, P>(rowOf(shape, operands, a, b, row), operands.d + d);
    });
    scatterResult(wave, op.dst, shape, false, operands.d);
}

/// E8M0: a power of two for the 32 elements that a lane holds; 255 is NaN.
constexpr i32 kScaleNan = 255;
i32 scaleOf(const Wave& wave, ScaleKind kind, u32 where, unsigned lane, unsigned byte) {
    // Of a constant, a float, the exponent counts.
    return static_cast<i32>((kind == ScaleKind::Vgpr ? wave.vgpr[where + lane] >> (byte * 8) : where >> 23) & 255);
}

/// Splits an operand; false where an element is no finite number. `scale` gives the byte for a row and a k.
template <class Scale>
bool splitOperand(const float* values, unsigned rows, unsigned k, unsigned blocks, Precision precision, Scale scale,
                  Split* out) {
    bool finite = true;
    for (unsigned at = 0; at < blocks * k; ++at) {
        for (unsigned row = 0; row < rows; ++row) {
            const unsigned i = at * rows + row;
            const i32 byte = scale(row, at % k);
            out[i] = split(values[i], precision);
            out[i].exponent += byte - 127;
            finite = finite && std::isfinite(values[i]) && byte != kScaleNan;
        }
    }
    return finite;
}

/// What products that are not finite make of a result: their sum, or 0.
double specialProducts(const MatrixRow<float>& row, unsigned n, unsigned columns) {
    double sum = 0;
    for (unsigned c = 0; c < row.count; ++c) {
        const double product = double(row.element(c)) * row.b[size_t(row.row(c)) * columns + n];
        sum += std::isfinite(product) ? 0 : product;
    }
    return sum;
}

template <unsigned N, Sum S>
void runTruncated(Wave& wave, const MicroOp& op) {
    const MatrixShape& shape = shapeOf(op);
    const Modifiers modifiers{op.aux};
    Operands<float> operands;
    load(wave, op, shape, operands);
    const Precision precisionA = precisionOf(formatOf(shape.a, modifiers.cbsz()));
    const Precision precisionB = precisionOf(formatOf(shape.b, modifiers.blgp()));
    const auto scale = [&](ScaleKind kind, u32 where, unsigned operand) {
        return [&wave, &shape, &modifiers, kind, where, operand](unsigned row, unsigned k) {
            constexpr unsigned kScaleBlock = 32;
            return kind == ScaleKind::None
                       ? 127
                       : scaleOf(wave, kind, where, row + k / kScaleBlock * shape.m, modifiers.scaleByte(operand));
        };
    };
    const Source& first = op.src[3];
    const ScaleKind kindA = !shape.scaled                      ? ScaleKind::None
                            : first.kind == Source::Kind::Vgpr ? ScaleKind::Vgpr
                                                               : ScaleKind::Constant;
    const u32 whereA = kindA == ScaleKind::Vgpr ? first.reg : static_cast<u32>(first.value);
    const auto kindB = shape.scaled ? static_cast<ScaleKind>(op.imm >> kShapeBits & 3) : ScaleKind::None;
    const u32 whereB = static_cast<u32>(static_cast<uint64_t>(op.imm) >> 32);

    Split splitA[kMostElements];
    Split splitB[kMostElements];
    const bool finiteA =
        splitOperand(operands.a, shape.m, shape.storedK(), shape.blocks, precisionA, scale(kindA, whereA, 0), splitA);
    const bool finiteB =
        splitOperand(operands.b, shape.n, shape.k, shape.blocks, precisionB, scale(kindB, whereB, 1), splitB);
    alignas(64) i32 significands[kMostElements];
    alignas(64) i32 exponents[kMostElements];
    for (unsigned i = 0; i < shape.n * shape.k * shape.blocks; ++i) {
        significands[i] = splitB[i].significand;
        exponents[i] = splitB[i].exponent;
    }
    forRows(shape, [&](size_t a, size_t d, size_t b, unsigned row) {
        const SplitRow products{splitA + a,
                                shape.m,
                                significands + b,
                                exponents + b,
                                shape.sparse ? operands.pick[row] : nullptr,
                                shape.storedK(),
                                precisionA.fractionBits + precisionB.fractionBits};
        float special[N];
        const bool finite = finiteA && finiteB;
        for (unsigned n = 0; n < N && !finite; ++n) {
            special[n] =
                static_cast<float>(specialProducts(rowOf(shape, operands, a, b, row), n, N)) + operands.d[d + n];
        }
        if constexpr (S == Sum::TruncatedSplit16) {
            sumTruncatedSplit<N>(products, operands.d + d);
        } else {
            sumTruncated<N, S == Sum::Truncated4 ? 4 : 8>(products, operands.d + d);
        }
        for (unsigned n = 0; n < N && !finite; ++n) {
            operands.d[d + n] = std::isfinite(special[n]) ? operands.d[d + n] : special[n];
        }
    });
    scatterResult(wave, op.dst, shape, false, operands.d);
}

template <unsigned N>
Handler handlerFor(const MatrixShape& shape) {
    switch (shape.sum) {
    case Sum::Fused:
        return shape.d == Element::F64 ? runFused<N, double> : runFused<N, float>;
    case Sum::Integer:
        return runIntegers<N>;
    case Sum::FlushedPairs:
        return runFlushed<N, 2>;
    case Sum::FlushedQuads:
        return runFlushed<N, 4>;
    case Sum::Truncated4:
        return runTruncated<N, Sum::Truncated4>;
    case Sum::Truncated8:
        return runTruncated<N, Sum::Truncated8>;
    case Sum::TruncatedSplit16:
        return runTruncated<N, Sum::TruncatedSplit16>;
    }
    return nullptr;
}

bool registersOf(Binder& binder, const Operand& operand, unsigned count, Source& source) {
    return operand.count == count && binder.source(operand, ValueType::U32, source) &&
           source.kind == Source::Kind::Vgpr;
}

bool bindMatrix(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    const MatrixShape& shape = matrixShapes()[semantics.aux];
    const unsigned lanes = binder.waveSize();
    const size_t expected = shape.scaled ? 6 : 4;
    if (assembly.operands.size() != expected || (shape.form == Form::Mfma && lanes != 64)) {
        return false;
    }
    const auto number = [&](const char* name) { return static_cast<u32>(assembly.number(name)); };
    const u32 cbsz = number("cbsz");
    const u32 blgp = number("blgp");
    const Element a = formatOf(shape.a, cbsz);
    const Element b = formatOf(shape.b, blgp);
    const unsigned result = resultRegisters(shape, lanes);
    const Operand& target = assembly.operands[0];
    if (target.count != result || !binder.destination(target, op.dst) || op.dst.kind != Destination::Kind::Vgpr ||
        !registersOf(binder, assembly.operands[1], operandRegisters(shape, a, shape.m, shape.storedK(), lanes),
                     op.src[0]) ||
        !registersOf(binder, assembly.operands[2], operandRegisters(shape, b, shape.n, shape.k, lanes), op.src[1])) {
        return false;
    }
    // Sparse instructions accumulate into their destination, and name the register of indices last.
    const Operand& addend = shape.sparse ? target : assembly.operands[3];
    const ValueType type = shape.d == Element::F64    ? ValueType::F64
                           : shape.d == Element::F16  ? ValueType::F16
                           : shape.d == Element::Bf16 ? ValueType::BF16
                           : shape.d == Element::I32  ? ValueType::U32
                                                      : ValueType::F32;
    if (!binder.source(addend, type, op.src[2]) || (op.src[2].kind == Source::Kind::Vgpr && addend.count != result) ||
        (op.src[2].kind != Source::Kind::Vgpr && op.src[2].kind != Source::Kind::Constant)) {
        return false;
    }
    const auto single = [&](const Operand& operand, Source& source) {
        return binder.source(operand, ValueType::U32, source) &&
               (source.kind == Source::Kind::Vgpr || source.kind == Source::Kind::Constant);
    };
    op.imm = static_cast<int64_t>(semantics.aux);
    if (shape.sparse && !single(assembly.operands[3], op.src[3])) {
        return false;
    }
    if (shape.scaled) {
        Source second;
        if (!single(assembly.operands[4], op.src[3]) || !single(assembly.operands[5], second)) {
            return false;
        }
        const bool inRegister = second.kind == Source::Kind::Vgpr;
        const auto kind = static_cast<uint64_t>(inRegister ? ScaleKind::Vgpr : ScaleKind::Constant);
        const uint64_t where = inRegister ? second.reg : static_cast<u32>(second.value);
        op.imm |= static_cast<int64_t>(where << 32 | kind << kShapeBits);
    }
    const auto put = [&](u32 value, unsigned at) { op.aux |= value << at; };
    put(cbsz, Modifiers::kCbsz);
    put(number("abid"), Modifiers::kAbid);
    put(blgp, Modifiers::kBlgp);
    for (unsigned i = 0; i < 3; ++i) {
        // Of double-precision products BLGP holds the negations; newer targets print it as such.
        const u32 negatedDouble = shape.d == Element::F64 ? blgp >> i & 1 : 0;
        put(static_cast<u32>(assembly.element("neg_lo", i, assembly.element("neg", i)) & 1) | negatedDouble,
            Modifiers::kNegateLow + i);
        put(static_cast<u32>(assembly.element("neg_hi", i) & 1), Modifiers::kNegateHigh + i);
    }
    put(static_cast<u32>(assembly.element("op_sel", 2) & 1) & (shape.form == Form::Wmma11), Modifiers::kUpperHalf);
    put(shape.form == Form::Mfma ? (cbsz == 0 ? number("abid") : 0) : number("index_key"), Modifiers::kIndexSet);
    for (unsigned i = 0; i < 2 && shape.scaled; ++i) {
        const auto byte =
            static_cast<u32>((assembly.element("op_sel", i) & 1) | (assembly.element("op_sel_hi", i) & 1) << 1);
        put(byte, i == 0 ? Modifiers::kScaleByteA : Modifiers::kScaleByteB);
    }
    op.clamp = assembly.has("clamp");
    return true;
}

}  // namespace

void addMatrix(Table& table) {
    const auto& shapes = matrixShapes();
    for (u32 i = 0; i < shapes.size(); ++i) {
        const MatrixShape& shape = shapes[i];
        const Handler run = shape.n == 4    ? handlerFor<4>(shape)
                            : shape.n == 16 ? handlerFor<16>(shape)
                                            : handlerFor<32>(shape);
        table.add(shape.mnemonic, Semantics{run, bindMatrix, InstructionClass::Matrix, Signature{}, nullptr, i},
                  shape.classes);
    }
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
