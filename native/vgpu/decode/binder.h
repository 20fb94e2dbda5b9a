// Resolves parsed operands into micro-operations: register offsets, constants in the type that the semantics state,
// modifiers, lane moves. One binder per code image.
#pragma once

#include "../execute/cache_lines.h"
#include "../execute/micro_op.h"
#include "../semantics/table.h"
#include "assembly.h"

#include <deque>
#include <map>
#include <memory>

namespace soma::vgpu {

/// What micro-operations point to; owned by the code image.
struct ConstantPool {
    std::map<uint64_t, CacheLines> rows;
    std::deque<LaneMove> moves;
};

/// The VGPR row behind the architectural ones that keeps a dual-issue result until its partner has read.
constexpr unsigned kAccumulationBase = 256;
constexpr unsigned kTemporaryVgpr = 512;
constexpr unsigned kVgprRows = 514;

class Binder {
public:
    Binder(const Target& target, unsigned waveSize, ConstantPool& pool)
        : target_(target), waveSize_(waveSize), pool_(pool) {}

    const Target& target() const { return target_; }
    unsigned waveSize() const { return waveSize_; }

    /// Device address of the next instruction: branch targets count from it.
    uint64_t nextAddress = 0;

    /// False where the operand cannot be of that type.
    bool source(const Operand& operand, ValueType type, Source& source);
    bool destination(const Operand& operand, Destination& destination) const;
    uint32_t vgpr(unsigned reg) const { return reg * waveSize_; }
    void constant(uint64_t bits, Source& source);
    /// DPP, SDWA, clamp, output scale: what any vector instruction may carry.
    bool vectorModifiers(const Assembly& assembly, const Semantics& semantics, MicroOp& op);

private:
    bool laneMove(const Assembly& assembly, MicroOp& op);

    const Target& target_;
    unsigned waveSize_;
    ConstantPool& pool_;
};

/// A constant's bits as an operand of that type. Manual: "Constants" (inline values; literals of 64-bit floats are
/// their upper half; 16-bit types take f16 patterns).
uint64_t constantBits(const Operand& operand, ValueType type);

/// Vector arithmetic: destination, mask destination where the signature has one beside a result, sources.
bool bindVector(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// As bindVector, and the destination is the last source too (v_fmac, v_dot2c).
/// The bitop3 modifier, a table of results, is the last source.
bool bindTruthTable(Binder&, const Assembly&, const Semantics&, MicroOp&);
bool bindVectorAccumulate(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// Compares that write EXEC and name no destination.
bool bindVectorCompareExec(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// Reads a mask that the text does not name: VCC (v_div_fmas).
bool bindVectorVcc(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// Packed 16-bit and mixed-precision arithmetic: op_sel, op_sel_hi, neg_lo and neg_hi in `aux`, 4 bits per source.
bool bindPacked(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// As bindPacked, the destination is the last source too (v_pk_fmac_f16).
bool bindPackedAccumulate(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// v_swap_b32: both operands are read and written.
bool bindSwap(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// v_permlanex16 and its kind: op_sel states the fetch mode.
bool bindPermlane(Binder&, const Assembly&, const Semantics&, MicroOp&);

/// Scalar arithmetic: destination unless the signature has none, sources.
bool bindScalar(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// As bindScalar, and the destination is source 0 too, a 16-bit immediate follows (s_addk_i32).
bool bindScalarImmediate(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// As bindScalar, and the destination is the last source too (s_bitset0_b32, s_cmov_b32).
bool bindScalarAccumulate(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// A branch: `imm` becomes the device address of its target, which the code image turns into a distance.
bool bindBranch(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// s_getpc_b64, s_swappc_b64, s_call_b64, s_setpc_b64: source 1 is the next instruction's address.
bool bindJump(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// s_getreg, s_setreg: `aux` is id | offset << 8 | size << 16.
bool bindHardwareRegister(Binder&, const Assembly&, const Semantics&, MicroOp&);
/// Operands do not matter (waits, hints, barriers); an immediate goes to `imm`.
bool bindNone(Binder&, const Assembly&, const Semantics&, MicroOp&);

/// Memory instructions. Sources: 0 address, 1 data, 2 scalar base (buffers: the descriptor), 3 second data or buffer
/// offset. `imm` the offset in bytes.
bool bindScalarLoad(Binder&, const Assembly&, const Semantics&, MicroOp&);
bool bindGlobal(Binder&, const Assembly&, const Semantics&, MicroOp&);
bool bindFlat(Binder&, const Assembly&, const Semantics&, MicroOp&);
bool bindScratch(Binder&, const Assembly&, const Semantics&, MicroOp&);
bool bindLds(Binder&, const Assembly&, const Semantics&, MicroOp&);
bool bindBuffer(Binder&, const Assembly&, const Semantics&, MicroOp&);

}  // namespace soma::vgpu
