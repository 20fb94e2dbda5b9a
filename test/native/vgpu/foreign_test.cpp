// Code objects of versions 4, 5 and 6: what their kernels find (foreign.cl), beside LLVM's AMDGPU user guide ("Code Object V4
// Metadata" to "V6", "Initial Kernel Execution State") and the HSA runtime specification for the dispatch packet.

#include "harness.h"

#include <algorithm>

namespace soma::vgpu::test {

namespace {

using Words = std::vector<uint64_t>;

constexpr std::array<uint32_t, 3> kGroups{3, 2, 1};
constexpr std::array<uint32_t, 3> kBlock{32, 2, 1};

void expectWords(const Context& context, const char* kernel, const Arguments& arguments, uint32_t dynamicLds,
                 const Buffer<uint64_t>& out, const Words& expected) {
    const auto fault = context.tryLaunch(kernel, kGroups, kBlock, arguments, dynamicLds);
    check(!fault, fault ? fault->message : "");
    for (size_t i = 0; i < expected.size(); ++i) {
        checkEqual(out[i], expected[i], "word " + std::to_string(i));
    }
}

void hiddenArguments(const Context& context) {
    const Buffer<uint64_t> out(context.device, 32);
    std::fill_n(out.data(), out.size(), ~uint64_t(0));
    if (context.module.findKernel("hidden_arguments_4") != nullptr) {
        expectWords(context, "hidden_arguments_4", Arguments().add(out), 0, out, Words(4));
        return;
    }
    // Blocks, their sizes, remainders of the last ones, offsets of ids, dimensions, services, what LDS gave back, its size.
    expectWords(context, "hidden_arguments_5", Arguments().add(out).add(uint32_t(0)), 4096, out,
                {3, 2, 1, 32, 2, 1, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4096});
}

void packet(const Context& context) {
    const Buffer<uint64_t> out(context.device, 8);
    expectWords(context, "packet", Arguments().add(out), 512, out, {32, 2, 1, 96, 4, 1, 512});
}

void relocated(const Context& context) {
    const Buffer<int32_t> out(context.device, 4);
    for (uint32_t which = 0; which < 2; ++which) {
        context.launch("relocated", 1, 4, Arguments().add(out).add(which));
        constexpr int32_t kExpected[2][4] = {{22, 23, 25, 27}, {41, 44, 49, 56}};
        for (uint32_t i = 0; i < 4; ++i) {
            checkEqual(out[i], kExpected[which][i], "element " + std::to_string(i));
        }
    }
    const GlobalVariable* slots = context.module.findVariable("slots");
    check(slots != nullptr && slots->size == 16, "a variable of 16 bytes");
}

void dispatched(const Context& context) {
    constexpr int32_t kItems = 64;
    std::vector<int32_t> picks(kItems);
    for (int32_t i = 0; i < kItems; ++i) {
        picks[i] = i / 3 % 2;
    }
    const Buffer in(context.device, picks);
    const Buffer<int32_t> out(context.device, kItems);
    context.launch("dispatched", 1, kItems, Arguments().add(in).add(out));
    for (int32_t i = 0; i < kItems; ++i) {
        checkEqual(out[i], (picks[i] == 0 ? 2 * i : i * i) + 2 * i, "item " + std::to_string(i));
    }
}

}  // namespace

std::vector<Test> foreignTests() {
    return {{"hidden_arguments", hiddenArguments},
            {"packet", packet},
            {"relocated", relocated},
            {"dispatched", dispatched}};
}

}  // namespace soma::vgpu::test
