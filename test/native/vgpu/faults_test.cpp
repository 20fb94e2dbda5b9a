// Bad launches and faulting kernels: each is reported in words, and the device goes on.

#include "harness.h"

namespace soma::vgpu::test {

namespace {

void contains(const std::string& text, const std::string& part) {
    check(text.find(part) != std::string::npos, "\"" + part + "\" is not in: " + text);
}

const Fault expectFault(const std::optional<Fault>& fault, FaultKind kind) {
    check(fault.has_value(), "the launch should have faulted");
    check(fault->kind == kind, "another kind of fault: " + fault->message);
    return *fault;
}

/// After a fault, a launch that is right must still be right.
void stillWorks(const Context& context) {
    const Buffer a(context.device, std::vector<float>(64, 1.5f));
    const Buffer<float> c(context.device, 64);
    context.launch("vector_add", 1, 64, Arguments().add(a).add(a).add(c).add(64u));
    checkSame(c[63], 3.0f, "a sum after the fault");
}

void outOfBounds(const Context& context) {
    const Buffer<float> a(context.device, 1000);
    const Buffer<float> b(context.device, 1000);
    const Buffer<float> c(context.device, 2000);
    const auto fault = expectFault(
        context.tryLaunch("vector_add", {4, 1, 1}, {256, 1, 1}, Arguments().add(a).add(b).add(c).add(1003u)),
        FaultKind::MemoryAccess);
    check(fault.kernel == "vector_add", "the kernel's name");
    check(fault.address == a.address() + 4000, "the address");
    check(fault.workgroup[0] == 3 && (fault.wave * 32 + fault.lane) == 1000 - 768, "the work-item");
    check(fault.line == 27 && fault.file.ends_with("kernels.cl"), "the source line, not " + std::to_string(fault.line));
    contains(fault.message, "right past the end of the 4000-byte allocation");
    contains(fault.message, "work-item (232, 0, 0)");
    contains(fault.instruction, "load_b32");
    check(context.device.lastFault().has_value(), "the fault is kept");
    context.device.clearFault();
    stillWorks(context);
}

void nullPointer(const Context& context) {
    const Buffer<float> a(context.device, 64);
    const auto fault = expectFault(
        context.tryLaunch("vector_add", {1, 1, 1}, {64, 1, 1}, Arguments().add(a).add(uint64_t(0)).add(a).add(64u)),
        FaultKind::MemoryAccess);
    contains(fault.message, "null pointer");
    stillWorks(context);
}

void useAfterFree(const Context& context) {
    uint64_t address = 0;
    {
        const Buffer<float> gone(context.device, 4096);
        address = gone.address();
    }
    const Buffer<float> a(context.device, 64);
    expectFault(
        context.tryLaunch("vector_add", {1, 1, 1}, {64, 1, 1}, Arguments().add(a).add(address + 8192).add(a).add(64u)),
        FaultKind::MemoryAccess);
    stillWorks(context);
}

void endlessLoop(const Context& context) {
    const Limits before = context.device.limits();
    Limits limits = before;
    limits.waveInstructions = 1000000;
    context.device.setLimits(limits);
    const Buffer out(context.device, std::vector<uint32_t>{0});
    const auto fault = context.tryLaunch("endless", {2, 1, 1}, {32, 1, 1}, Arguments().add(out));
    context.device.setLimits(before);
    expectFault(fault, FaultKind::InstructionLimit);
    contains(fault->message, "kernel endless");
    contains(fault->message, "1000000 instructions");
    stillWorks(context);
}

void beyondLds(const Context& context) {
    const Buffer<uint32_t> out(context.device, 32);
    context.launch("beyond_lds", 1, 32, Arguments().add(out).add(15u));
    const auto fault = expectFault(
        context.tryLaunch("beyond_lds", {1, 1, 1}, {32, 1, 1}, Arguments().add(out).add(16u)), FaultKind::LdsAccess);
    contains(fault.message, "offset 64 of LDS, of which the workgroup has 64");
    stillWorks(context);
}

void trap(const Context& context) {
    const Buffer<uint32_t> out(context.device, 32);
    context.launch("trap", 1, 32, Arguments().add(out));
    out[9] = 7;
    expectFault(context.tryLaunch("trap", {1, 1, 1}, {32, 1, 1}, Arguments().add(out)), FaultKind::Trap);
    stillWorks(context);
}

void refusedLaunches(const Context& context) {
    const Buffer<float> a(context.device, 64);
    const auto arguments = Arguments().add(a).add(a).add(a).add(64u);
    const auto wide =
        expectFault(context.tryLaunch("vector_add", {1, 1, 1}, {2048, 1, 1}, arguments), FaultKind::InvalidLaunch);
    contains(wide.message, "1024");
    expectFault(context.tryLaunch("vector_add", {1, 1, 1}, {64, 0, 1}, arguments), FaultKind::InvalidLaunch);
    expectFault(context.tryLaunch("vector_add", {0x10000000, 1, 1}, {256, 1, 1}, arguments), FaultKind::InvalidLaunch);
    const auto few = expectFault(context.tryLaunch("vector_add", {1, 1, 1}, {64, 1, 1}, Arguments().add(a)),
                                 FaultKind::InvalidLaunch);
    contains(few.message, "takes 28");
    const auto lds = expectFault(context.tryLaunch("vector_add", {1, 1, 1}, {64, 1, 1}, arguments, 65537),
                                 FaultKind::OutOfResources);
    contains(lds.message, "65537 bytes of LDS");
    check(!context.tryLaunch("vector_add", {0, 1, 1}, {64, 1, 1}, arguments), "an empty grid is no fault");
    const auto endless = expectFault(
        context.tryLaunch("vector_add", {0xffffffff, 0xffffffff, 0xffffffff}, {1, 1, 1}, arguments), FaultKind::InvalidLaunch);
    contains(endless.message, "2^64");
    // 15 bits of 256 bytes for a wave of gfx11 (COMPUTE_TMPRING_SIZE.WAVESIZE): 262,136 bytes for each of 32 lanes.
    Kernel kernel = *context.module.findKernel("vector_add");
    Dispatch dispatch;
    dispatch.module = &context.module;
    dispatch.kernel = &kernel;
    dispatch.groups = {1, 1, 1};
    dispatch.block = {64, 1, 1};
    dispatch.arguments = arguments.bytes();
    kernel.privateSize = 262128;
    check(!context.device.run(dispatch), "the most private memory that a wave can have");
    kernel.privateSize = 262144;
    const auto fault = context.device.run(dispatch);
    check(fault && fault->kind == FaultKind::OutOfResources, "more private memory than a wave can have");
    contains(fault->message, "262144 bytes of private memory for a work-item");
    stillWorks(context);
}

void counters(const Context& context) {
    const Buffer<float> a(context.device, 1024);
    context.launch("vector_add", 4, 256, Arguments().add(a).add(a).add(a).add(1000u));
    const Counters last = context.device.lastCounters();
    checkEqual<uint64_t>(last.workgroups, 4, "workgroups");
    checkEqual<uint64_t>(last.waves, 32, "waves");
    check(last.instructions() > 32 * 5, "instructions");
    checkEqual<uint64_t>(last.byClass[static_cast<size_t>(InstructionClass::VectorStore)] > 0, 1, "stores");
    check(last.activeLanes <= last.vectorInstructions * 32 && last.activeLanes > 0, "active lanes");
    context.launch("vector_add", 4, 256, Arguments().add(a).add(a).add(a).add(1000u));
    check(context.device.totalCounters().workgroups >= 8, "totals add up");
    checkEqual(context.device.lastCounters().instructions(), last.instructions(), "the same launch counts the same");
}

void oneThread(const Context& context) {
    const Limits before = context.device.limits();
    Limits limits = before;
    limits.threads = 1;
    context.device.setLimits(limits);
    stillWorks(context);
    context.device.setLimits(before);
}

void importedMemory(const Context& context) {
    std::vector<float> host(64, 2);
    const auto address = reinterpret_cast<uint64_t>(host.data());
    const auto arguments = Arguments().add(address).add(address).add(address).add(64u);
    expectFault(context.tryLaunch("vector_add", {1, 1, 1}, {64, 1, 1}, arguments), FaultKind::MemoryAccess);
    check(context.device.memory().import(host.data(), host.size() * sizeof(float)), "the import");
    context.launch("vector_add", 1, 64, arguments);
    check(context.device.memory().release(host.data()), "the release");
    checkSame(host[63], 4.0f, "a sum in host memory");
    expectFault(context.tryLaunch("vector_add", {1, 1, 1}, {64, 1, 1}, arguments), FaultKind::MemoryAccess);
}

}  // namespace

std::vector<Test> faultTests() {
    return {{"out_of_bounds", outOfBounds},        {"null_pointer", nullPointer}, {"use_after_free", useAfterFree},
            {"endless_loop", endlessLoop},         {"beyond_lds", beyondLds},     {"trap", trap},
            {"refused_launches", refusedLaunches}, {"counters", counters},        {"one_thread", oneThread},
            {"imported_memory", importedMemory}};
}

}  // namespace soma::vgpu::test
