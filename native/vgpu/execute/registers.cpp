#include "registers.h"

#include "../decode/binder.h"

#include <llvm/Support/AMDHSAKernelDescriptor.h>

namespace soma::vgpu {

namespace {

using namespace llvm::amdhsa;

uint32_t bits(uint32_t word, unsigned shift, unsigned width) { return word >> shift & ((1u << width) - 1); }

template <class T>
void put(std::byte* base, uint64_t offset, T value) {
    std::memcpy(base + offset, &value, sizeof value);
}

/// The value of a hidden argument. Those that name host services (heap, hostcall, printf) are null: there are none.
uint64_t hiddenValue(const Dispatch& dispatch, std::string_view kind, const LaunchAddresses& addresses) {
    const auto axis = [&](std::string_view prefix) { return static_cast<size_t>(kind[prefix.size()] - 'x'); };
    const auto is = [&](std::string_view prefix) {
        return kind.size() == prefix.size() + 1 && kind.starts_with(prefix) && kind.back() >= 'x' && kind.back() <= 'z';
    };
    if (is("hidden_block_count_")) {
        return dispatch.groups[axis("hidden_block_count_")];
    }
    if (is("hidden_group_size_")) {
        return dispatch.block[axis("hidden_group_size_")];
    }
    if (kind == "hidden_grid_dims") {
        return dispatch.groups[2] * dispatch.block[2] > 1 ? 3 : dispatch.groups[1] * dispatch.block[1] > 1 ? 2 : 1;
    }
    if (kind == "hidden_private_base") {
        return Device::kPrivateBase >> 32;
    }
    if (kind == "hidden_shared_base") {
        return Device::kSharedBase >> 32;
    }
    if (kind == "hidden_queue_ptr") {
        return addresses.queue;
    }
    if (kind == "hidden_multigrid_sync_arg") {
        return addresses.gridSync;
    }
    if (kind == "hidden_dynamic_lds_size") {
        return dispatch.dynamicLds;
    }
    // Remainders (all workgroups are full), global offsets and the rest.
    return 0;
}

/// hsa_kernel_dispatch_packet_t.
void writePacket(std::byte* packet, const Dispatch& dispatch, uint64_t arguments) {
    const Kernel& kernel = *dispatch.kernel;
    put<uint16_t>(packet, 2, 3);
    for (unsigned axis = 0; axis < 3; ++axis) {
        put(packet, 4 + axis * 2, static_cast<uint16_t>(dispatch.block[axis]));
        put<uint32_t>(packet, 12 + axis * 4, dispatch.groups[axis] * dispatch.block[axis]);
    }
    put<uint32_t>(packet, 24, kernel.privateSize);
    put<uint32_t>(packet, 28, kernel.ldsSize + dispatch.dynamicLds);
    put<uint64_t>(packet, 32, kernel.descriptor);
    put<uint64_t>(packet, 40, arguments);
}

/// amd_queue_t holds the aperture bases at these offsets: code object version 4 reads them there.
void writeQueue(std::byte* queue) {
    put<uint32_t>(queue, 0x40, static_cast<uint32_t>(Device::kSharedBase >> 32));
    put<uint32_t>(queue, 0x44, static_cast<uint32_t>(Device::kPrivateBase >> 32));
}

/// What device libraries let a grid's workgroups meet through: arrivals, which start at 0, and how many there are. Source: ROCm's
/// device libraries, mg_info in ockl's cg.cl; without what ties several devices' grids together.
void writeGridSync(std::byte* sync, const Dispatch& dispatch) {
    constexpr unsigned kGroups = 40;
    put<uint32_t>(sync, kGroups, dispatch.groups[0] * dispatch.groups[1] * dispatch.groups[2]);
}

constexpr uint64_t kPacketBytes = 64;
constexpr uint64_t kQueueBytes = 192;
constexpr uint64_t kGridSyncBytes = 64;
/// Vector loads of arguments may run a little past the segment's end.
constexpr uint64_t kArgumentSlack = 64;

}  // namespace

LaunchMemory::LaunchMemory(Memory& memory, const Dispatch& dispatch) : memory_(memory) {
    const Kernel& kernel = *dispatch.kernel;
    const uint64_t bytes = kPacketBytes + kQueueBytes + kGridSyncBytes + kernel.kernargSize + kArgumentSlack;
    base_ = memory.allocate(bytes);
    if (!base_) {
        return;
    }
    addresses_.packet = *base_;
    addresses_.queue = *base_ + kPacketBytes;
    const uint64_t sync = addresses_.queue + kQueueBytes;
    addresses_.gridSync = dispatch.cooperative ? sync : 0;
    addresses_.arguments = sync + kGridSyncBytes;
    auto* arguments = reinterpret_cast<std::byte*>(addresses_.arguments);
    const size_t given = std::min<size_t>(dispatch.arguments.size(), kernel.kernargSize);
    if (given != 0) {
        std::memcpy(arguments, dispatch.arguments.data(), given);
    }
    for (const KernelArgument& argument : kernel.arguments) {
        if (argument.hidden()) {
            const uint64_t value = hiddenValue(dispatch, argument.valueKind, addresses_);
            std::memcpy(arguments + argument.offset, &value, std::min<uint32_t>(argument.size, sizeof value));
        }
    }
    writePacket(reinterpret_cast<std::byte*>(addresses_.packet), dispatch, addresses_.arguments);
    writeQueue(reinterpret_cast<std::byte*>(addresses_.queue));
    writeGridSync(reinterpret_cast<std::byte*>(sync), dispatch);
    memory.written(*base_, bytes);
}

LaunchMemory::~LaunchMemory() {
    if (base_) {
        memory_.free(*base_);
    }
}

InitialRegisters::InitialRegisters(const Target& target, const Dispatch& dispatch, const LaunchAddresses& addresses, uint64_t scratchBytes)
    : lanes_(dispatch.kernel->waveSize), scalars_(sgpr::kCount), numberInTraps_(target.gfx12Plus()) {
    setScalars(*dispatch.kernel, addresses, scratchBytes);
    setVectors(target, dispatch);
    // FLOAT_ROUND_MODE and FLOAT_DENORM_MODE of the descriptor lie together, as in MODE; DX10_CLAMP and IEEE_MODE too.
    const Kernel& kernel = *dispatch.kernel;
    const uint32_t floating = bits(kernel.rsrc1, COMPUTE_PGM_RSRC1_FLOAT_ROUND_MODE_32_SHIFT, 8);
    const bool fixed = target.gfx12Plus();
    const uint32_t clampBit = fixed || (kernel.rsrc1 & COMPUTE_PGM_RSRC1_GFX6_GFX11_ENABLE_DX10_CLAMP) != 0;
    const uint32_t ieeeBit = fixed || (kernel.rsrc1 & COMPUTE_PGM_RSRC1_GFX6_GFX11_ENABLE_IEEE_MODE) != 0;
    const uint32_t overflowBit = bits(kernel.rsrc1, COMPUTE_PGM_RSRC1_GFX9_PLUS_FP16_OVFL_SHIFT, 1);
    mode_ = floating | clampBit << 8 | ieeeBit << 9 | (overflowBit != 0 ? mode::kHalfOverflow : 0);
}

/// Those that the kernel descriptor asks for, in the order that the guide gives.
void InitialRegisters::setScalars(const Kernel& kernel, const LaunchAddresses& addresses, uint64_t scratchBytes) {
    unsigned next = 0;
    const auto has = [&](unsigned property) { return (kernel.properties & property) != 0; };
    const auto pair = [&](uint64_t value) {
        scalars_[next++] = static_cast<uint32_t>(value);
        scalars_[next++] = static_cast<uint32_t>(value >> 32);
    };
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_PRIVATE_SEGMENT_BUFFER)) {
        // A buffer descriptor whose base is the private aperture: buffer accesses through it are scratch accesses.
        pair(Device::kPrivateBase);
        pair(uint64_t(0xffffffff));
    }
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_DISPATCH_PTR)) {
        pair(addresses.packet);
    }
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_QUEUE_PTR)) {
        pair(addresses.queue);
    }
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_KERNARG_SEGMENT_PTR)) {
        pair(addresses.arguments);
    }
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_DISPATCH_ID)) {
        pair(1);
    }
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_FLAT_SCRATCH_INIT)) {
        pair(0);
    }
    if (has(KERNEL_CODE_PROPERTY_ENABLE_SGPR_PRIVATE_SEGMENT_SIZE)) {
        scalars_[next++] = static_cast<uint32_t>(scratchBytes);
    }
    const unsigned preload = kernel.kernargPreload & 0x7f;
    const unsigned offset = (kernel.kernargPreload >> 7 & 0x1ff) * 4;
    if (preload != 0 && offset + preload * 4 <= kernel.kernargSize + kArgumentSlack && next + preload <= 32) {
        std::memcpy(&scalars_[next], reinterpret_cast<const std::byte*>(addresses.arguments) + offset, preload * 4);
    }
    // Then those of the system: the workgroup's number, its info and the wave's scratch offset, which are 0: every wave has private
    // memory of its own.
    unsigned system = bits(kernel.rsrc2, COMPUTE_PGM_RSRC2_GFX6_GFX120_USER_SGPR_COUNT_SHIFT, 5);
    constexpr uint32_t kEnableIds[] = {COMPUTE_PGM_RSRC2_ENABLE_SGPR_WORKGROUP_ID_X,
                                       COMPUTE_PGM_RSRC2_ENABLE_SGPR_WORKGROUP_ID_Y,
                                       COMPUTE_PGM_RSRC2_ENABLE_SGPR_WORKGROUP_ID_Z};
    for (unsigned axis = 0; axis < 3; ++axis) {
        if ((kernel.rsrc2 & kEnableIds[axis]) != 0) {
            number_[axis] = system++;
        }
    }
}

void InitialRegisters::setVectors(const Target& target, const Dispatch& dispatch) {
    const Kernel& kernel = *dispatch.kernel;
    const auto& block = dispatch.block;
    const uint32_t granule = target.gfx9() || lanes_ == 32 ? 8 : 4;
    const uint32_t rows = std::min<uint32_t>((bits(kernel.rsrc1, 0, 6) + 1) * granule, 512);
    // Accumulation registers are what is left behind the others (gfx90a and after).
    const uint32_t accumulation = (bits(kernel.rsrc3, COMPUTE_PGM_RSRC3_GFX90A_ACCUM_OFFSET_SHIFT,
                                        COMPUTE_PGM_RSRC3_GFX90A_ACCUM_OFFSET_WIDTH) + 1) * 4;
    vectors_ = target.accumulationVgprs() ? std::min(rows, accumulation) : rows;
    accumulation_ = std::min(rows - vectors_, kAccumulationBase);
    // One register has all of a work-item's place, but only what the kernel asks for; before, each axis had its own.
    const bool packed = target.isa != IsaClass::Gfx10;
    const unsigned dimensions = std::min(bits(kernel.rsrc2, COMPUTE_PGM_RSRC2_ENABLE_VGPR_WORKITEM_ID_SHIFT, 2), 2u);
    placeRows_ = packed ? 1 : dimensions + 1;
    items_ = block[0] * block[1] * block[2];
    places_.resize(size_t(items_ + lanes_ - 1) / lanes_ * lanes_ * placeRows_);
    std::array<uint32_t, 3> place{};
    for (uint32_t item = 0; item < items_; ++item) {
        uint32_t* const first = places_.data() + size_t(item / lanes_) * lanes_ * placeRows_ + item % lanes_;
        for (unsigned axis = 0; axis <= dimensions; ++axis) {
            (packed ? *first : first[axis * lanes_]) |= place[axis] << (packed ? axis * 10 : 0);
        }
        for (unsigned axis = 0; axis < 3 && ++place[axis] == block[axis]; ++axis) {
            place[axis] = 0;
        }
    }
}

void InitialRegisters::set(Wave& wave) const {
    wave.lanes = lanes_;
    wave.halves = lanes_ / 32;
    wave.scc = false;
    wave.ended = false;
    wave.waiting = false;
    wave.signalledPhase = 0;
    wave.joinedBarrier = 0;
    wave.place = {};
    wave.barrierOpened = false;
    wave.atNamedBarrier = false;
    wave.executed.fill(0);
    wave.activeLanes = 0;
    wave.vectorInstructions = 0;
    wave.setMode(mode_);
    std::copy(scalars_.begin(), scalars_.end(), wave.sgpr.begin());
    const auto& number = wave.group->id;
    if (numberInTraps_) {
        wave.sgpr[sgpr::kTtmp0 + 9] = number[0];
        wave.sgpr[sgpr::kTtmp0 + 7] = (number[1] & 0xffff) | number[2] << 16;
    } else {
        for (unsigned axis = 0; axis < 3; ++axis) {
            if (number_[axis]) {
                wave.sgpr[*number_[axis]] = number[axis];
            }
        }
    }
    const uint32_t lanes = std::min(lanes_, items_ - wave.index * lanes_);
    wave.write64(sgpr::kExec, lanes == 64 ? ~uint64_t(0) : (uint64_t(1) << lanes) - 1);
    const size_t placed = size_t(placeRows_) * lanes_;
    std::copy_n(places_.data() + wave.index * placed, placed, wave.vgpr);
    std::fill_n(wave.vgpr + placed, size_t(vectors_) * lanes_ - placed, 0u);
    std::fill_n(wave.vgpr + size_t(kAccumulationBase) * lanes_, size_t(accumulation_) * lanes_, 0u);
}

}  // namespace soma::vgpu
