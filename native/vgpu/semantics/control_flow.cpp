// Branches, jumps, barriers, exec-mask instructions, and the hints and waits that a functional model has no use for.
// Source: RDNA3 ISA, "SOPP Instructions", "SOP1 Instructions" (saveexec, getpc).

#include "../decode/code_image.h"
#include "../format.h"
#include "families.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

void jump(Wave& wave, const MicroOp* target) {
    wave.pc = target;
    // Only loops take long, and loops branch: the count of taken branches is what ends a wave's share of time.
    if (--wave.turn <= 0) {
        wave.stop = Stop::Yield;
    }
}

template <auto Condition>
void runBranch(Wave& wave, const MicroOp& op) {
    if (Condition(wave)) {
        jump(wave, &op + op.imm);
    }
}

template <auto Condition>
Semantics branch() {
    return Semantics{runBranch<Condition>, bindBranch, InstructionClass::Branch, {}, nullptr, 0};
}

void jumpTo(Wave& wave, const MicroOp& op, uint64_t address) {
    const MicroOp* target = wave.group->code->at(address);
    if (target == nullptr) {
        raiseFault(wave, op, FaultKind::InvalidCodeAddress, -1, address,
                   format("it jumps to {0:x}, where no instruction of its module begins", address));
        return;
    }
    jump(wave, target);
}

void runSetPc(Wave& wave, const MicroOp& op) { jumpTo(wave, op, readScalar<uint64_t>(wave, op.src[0])); }

void runSwapPc(Wave& wave, const MicroOp& op) {
    const uint64_t target = readScalar<uint64_t>(wave, op.src[0]);
    writeScalar(wave, op, op.src[1].value);
    jumpTo(wave, op, target);
}

void runGetPc(Wave& wave, const MicroOp& op) { writeScalar(wave, op, op.src[1].value); }

/// The instruction's old EXEC goes to the destination; SCC says whether the new one has a lane on.
template <class T, auto F>
void runSaveExec(Wave& wave, const MicroOp& op) {
    const T source = readScalar<T>(wave, op.src[0]);
    const T old = static_cast<T>(sizeof(T) == 8 ? wave.read64(sgpr::kExec) : wave.sgpr[sgpr::kExec]);
    const T now = F(source, old);
    writeScalar(wave, op, old);
    if constexpr (sizeof(T) == 8) {
        wave.write64(sgpr::kExec, now);
    } else {
        wave.sgpr[sgpr::kExec] = now;
    }
    wave.scc = now != 0;
}

/// As saveexec, but the destination gets the new EXEC.
template <class T, auto F>
void runWriteExec(Wave& wave, const MicroOp& op) {
    runSaveExec<T, F>(wave, op);
    writeScalar(wave, op, static_cast<T>(sizeof(T) == 8 ? wave.read64(sgpr::kExec) : wave.sgpr[sgpr::kExec]));
}

template <class T>
void addExecMasks(Table& table, const std::string& suffix) {
    const auto save = [&](const char* name, Handler run) {
        table.add("s_" + std::string(name) + "_saveexec" + suffix,
                  Semantics{run, bindScalar, InstructionClass::Salu,
                            Signature{valueTypeOf<T>(), false, 1, {valueTypeOf<T>()}}, nullptr, 0});
    };
    save("and", runSaveExec<T, [](T s, T e) { return static_cast<T>(s & e); }>);
    save("or", runSaveExec<T, [](T s, T e) { return static_cast<T>(s | e); }>);
    save("xor", runSaveExec<T, [](T s, T e) { return static_cast<T>(s ^ e); }>);
    save("nand", runSaveExec<T, [](T s, T e) { return static_cast<T>(~(s & e)); }>);
    save("nor", runSaveExec<T, [](T s, T e) { return static_cast<T>(~(s | e)); }>);
    save("xnor", runSaveExec<T, [](T s, T e) { return static_cast<T>(~(s ^ e)); }>);
    save("and_not1", runSaveExec<T, [](T s, T e) { return static_cast<T>(s & ~e); }>);
    save("or_not1", runSaveExec<T, [](T s, T e) { return static_cast<T>(s | ~e); }>);
    save("and_not0", runSaveExec<T, [](T s, T e) { return static_cast<T>(~s & e); }>);
    save("or_not0", runSaveExec<T, [](T s, T e) { return static_cast<T>(~s | e); }>);
    const auto write = [&](const char* name, Handler run) {
        table.add("s_" + std::string(name) + "_wrexec" + suffix,
                  Semantics{run, bindScalar, InstructionClass::Salu,
                            Signature{valueTypeOf<T>(), false, 1, {valueTypeOf<T>()}}, nullptr, 0});
    };
    write("and_not1", runWriteExec<T, [](T s, T e) { return static_cast<T>(s & ~e); }>);
    write("and_not0", runWriteExec<T, [](T s, T e) { return static_cast<T>(~s & e); }>);
}

void runEnd(Wave& wave, const MicroOp&) { wave.stop = Stop::End; }

void runBarrier(Wave& wave, const MicroOp&) {
    wave.waiting = true;
    wave.stop = Stop::Barrier;
    arriveAtBarrier(*wave.group);
}

void runTrap(Wave& wave, const MicroOp& op) {
    // LLVM's AMDGPU user guide, "Trap Handler ABI": 2 is llvm.trap, 3 llvm.debugtrap, which a run without a debugger
    // passes.
    if (op.imm == 3) {
        return;
    }
    raiseFault(wave, op, FaultKind::Trap, -1, 0,
               format("the kernel trapped (s_trap {0}): a failed assertion or __builtin_trap", op.imm));
}

void runNothing(Wave&, const MicroOp&) {}

/// A wait for stores: they are done when they execute, but for those that the host completes later.
void runStoreWait(Wave& wave, const MicroOp&) { completeStreams(*wave.group); }

Semantics control(Handler run, InstructionClass cls) { return Semantics{run, bindNone, cls, {}, nullptr, 0}; }

}  // namespace

void addControlFlow(Table& table) {
    table.add("s_branch", branch<[](const Wave&) { return true; }>());
    table.add("s_cbranch_scc0", branch<[](const Wave& w) { return !w.scc; }>());
    table.add("s_cbranch_scc1", branch<[](const Wave& w) { return w.scc; }>());
    table.add("s_cbranch_vccz", branch<[](const Wave& w) { return w.readMask(sgpr::kVcc) == 0; }>());
    table.add("s_cbranch_vccnz", branch<[](const Wave& w) { return w.readMask(sgpr::kVcc) != 0; }>());
    table.add("s_cbranch_execz", branch<[](const Wave& w) { return w.exec() == 0; }>());
    table.add("s_cbranch_execnz", branch<[](const Wave& w) { return w.exec() != 0; }>());
    // No debugger is attached.
    table.add({"s_cbranch_cdbgsys", "s_cbranch_cdbguser", "s_cbranch_cdbgsys_or_user", "s_cbranch_cdbgsys_and_user"},
              branch<[](const Wave&) { return false; }>());

    const Signature wide{ValueType::U64, false, 1, {ValueType::U64}};
    table.add({"s_setpc_b64", "s_set_pc_i64"},
              Semantics{runSetPc, bindJump, InstructionClass::Branch, Signature{}, nullptr, 0});
    table.add({"s_swappc_b64", "s_swap_pc_i64", "s_call_b64", "s_call_i64"},
              Semantics{runSwapPc, bindJump, InstructionClass::Branch, wide, nullptr, 0});
    table.add({"s_getpc_b64", "s_get_pc_i64"}, Semantics{runGetPc, bindJump, InstructionClass::Salu, wide, nullptr, 0});

    addExecMasks<uint32_t>(table, "_b32");
    addExecMasks<uint64_t>(table, "_b64");

    table.add({"s_endpgm", "s_endpgm_saved", "s_endpgm_ordered_ps_done"}, control(runEnd, InstructionClass::Other));
    table.add("s_barrier", control(runBarrier, InstructionClass::Barrier));
    table.add("s_trap", control(runTrap, InstructionClass::Other));

    // From gfx10 on stores have a counter of their own.
    table.add("s_waitcnt", control(runStoreWait, InstructionClass::Wait), ~kGfx10Plus);
    table.add({"s_waitcnt_vscnt", "s_wait_storecnt", "s_wait_storecnt_dscnt", "s_wait_idle"},
              control(runStoreWait, InstructionClass::Wait));
    table.add({"s_waitcnt", "s_waitcnt_vmcnt", "s_waitcnt_expcnt", "s_waitcnt_lgkmcnt", "s_waitcnt_depctr", "s_wait_alu",
               "s_wait_event", "s_wait_loadcnt", "s_wait_samplecnt", "s_wait_bvhcnt", "s_wait_expcnt", "s_wait_dscnt",
               "s_wait_kmcnt", "s_wait_loadcnt_dscnt", "s_wait_asynccnt", "s_wait_tensorcnt", "s_wait_xcnt"},
              control(runNothing, InstructionClass::Wait));
    table.add({"s_nop",
               "v_nop",
               "s_delay_alu",
               "s_clause",
               "s_sleep",
               "s_sethalt",
               "s_setprio",
               "s_set_inst_prefetch_distance",
               "s_inst_prefetch",
               "s_icache_inv",
               "s_dcache_inv",
               "s_dcache_wb",
               "s_dcache_inv_vol",
               "s_dcache_wb_vol",
               "s_dcache_discard",
               "s_dcache_discard_x2",
               "s_atc_probe",
               "s_atc_probe_buffer",
               "s_buffer_prefetch_data",
               "v_pipeflush",
               "v_clrexcp",
               "s_gl1_inv",
               "buffer_gl0_inv",
               "buffer_gl1_inv",
               "buffer_wbl2",
               "buffer_invl2",
               "buffer_inv",
               "buffer_wbinvl1",
               "buffer_wbinvl1_vol",
               "global_inv",
               "global_wb",
               "global_wbinv",
               "s_incperflevel",
               "s_decperflevel",
               "s_ttracedata",
               "s_ttracedata_imm",
               "s_sleep_var",
               "s_prefetch_inst",
               "s_prefetch_data",
               "s_prefetch_inst_pc_rel",
               "s_prefetch_data_pc_rel",
               "s_code_end",
               "s_monitor_sleep",
               "s_version",
               "global_prefetch_b8",
               "s_sendmsg",
               "s_sendmsghalt",
               "s_wakeup",
               "ds_nop"},
              control(runNothing, InstructionClass::Other));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
