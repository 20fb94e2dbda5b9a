// Code objects that are damaged or for something else, and device memory by itself.

#include "decode/code_image.h"
#include "harness.h"
#include "loader/lines.h"

#include <elf.h>

#include <algorithm>
#include <random>

namespace soma::vgpu::test {

namespace {

std::string loadError(Device& device, std::span<const std::byte> image, LoadError::Kind* kind = nullptr) {
    LoadError error;
    const auto module = Module::load(device, image, error);
    if (kind != nullptr) {
        *kind = error.kind;
    }
    return module ? std::string{} : error.message;
}

void expectPart(const std::string& text, const std::string& part) {
    check(text.find(part) != std::string::npos, "\"" + part + "\" is not in: " + text);
}

void notCode(Device& device) {
    const std::string text = "just a text file";
    expectPart(loadError(device, std::as_bytes(std::span(text))), "no code object");
    expectPart(loadError(device, {}), "no code object");
}

void wrongTarget(std::span<const std::byte> image) {
    Device other(*findTarget("gfx1201"), uint64_t(1) << 28);
    LoadError::Kind kind{};
    const std::string text = loadError(other, image, &kind);
    check(kind == LoadError::Kind::WrongTarget, "the kind of error");
    expectPart(text, "is for gfx1100, but the device is gfx1201");
}

void tooSmallDevice(std::span<const std::byte> image) {
    Device tiny(*findTarget("gfx1100"), 4096);
    LoadError::Kind kind{};
    expectPart(loadError(tiny, image, &kind), "no memory left");
    check(kind == LoadError::Kind::OutOfMemory, "the kind of error");
}

void truncated(Device& device, std::span<const std::byte> image) {
    for (size_t size = 0; size < image.size(); size += 1 + size / 16) {
        check(!loadError(device, image.first(size)).empty() || size > image.size() / 2,
              "an image of " + std::to_string(size) + " bytes should not load");
    }
}

/// Random damage must give an error or a module, and a module that loads must survive a launch.
void mutated(Device& device, std::span<const std::byte> image) {
    std::mt19937 random(7);
    Limits limits = device.limits();
    limits.waveInstructions = 20000;
    device.setLimits(limits);
    for (int round = 0; round < 150; ++round) {
        std::vector<std::byte> copy(image.begin(), image.end());
        const size_t area = round % 2 == 0 ? std::min<size_t>(copy.size(), 8192) : copy.size();
        for (unsigned change = 0; change < 1 + random() % 8; ++change) {
            copy[random() % area] = static_cast<std::byte>(random());
        }
        LoadError error;
        const auto module = Module::load(device, copy, error);
        if (!module) {
            check(!error.message.empty(), "an error without words");
            continue;
        }
        if (const Kernel* kernel = module->findKernel("vector_add")) {
            const std::vector<std::byte> arguments(std::min(kernel->explicitSize, 4096u));
            Dispatch dispatch;
            dispatch.module = module.get();
            dispatch.kernel = kernel;
            dispatch.block = {32, 1, 1};
            dispatch.arguments = arguments;
            device.run(dispatch);
        }
    }
    check(device.memory().allocations() == 0, "something was not freed");
}

/// A section of debug information that says it expands to more memory than there is: source lines are lost, nothing else.
void expanding(Device& device, std::span<const std::byte> image) {
    std::vector<std::byte> copy(image.begin(), image.end());
    Elf64_Ehdr header{};
    std::memcpy(&header, copy.data(), sizeof header);
    const auto sectionAt = [&](uint64_t index) { return copy.data() + header.e_shoff + index * sizeof(Elf64_Shdr); };
    Elf64_Shdr names{};
    std::memcpy(&names, sectionAt(header.e_shstrndx), sizeof names);
    bool found = false;
    for (uint64_t i = 0; i < header.e_shnum; ++i) {
        Elf64_Shdr section{};
        std::memcpy(&section, sectionAt(i), sizeof section);
        const auto* name = reinterpret_cast<const char*>(copy.data() + names.sh_offset + section.sh_name);
        if (std::strcmp(name, ".debug_line") == 0) {
            found = true;
            section.sh_flags |= SHF_COMPRESSED;
            const Elf64_Chdr chunk{ELFCOMPRESS_ZLIB, 0, uint64_t(1) << 50, 1};
            std::memcpy(sectionAt(i), &section, sizeof section);
            std::memcpy(copy.data() + section.sh_offset, &chunk, sizeof chunk);
        }
    }
    check(found, "debug information to damage");
    LoadError error;
    const auto module = Module::load(device, copy, error);
    check(module != nullptr, error.message);
    const Kernel* kernel = module->findKernel("vector_add");
    check(kernel != nullptr && module->lines().find(kernel->entry - module->loadBias()).line == 0, "no line");
}

/// A program header that claims 200 MiB of code: the file's part of it runs, and only that is code (decoding so many zeros
/// would take minutes).
void hugeCode(Device& device, std::span<const std::byte> image) {
    std::vector<std::byte> copy(image.begin(), image.end());
    Elf64_Ehdr header{};
    std::memcpy(&header, copy.data(), sizeof header);
    std::byte* place = nullptr;
    Elf64_Phdr code{};
    for (uint64_t i = 0; i < header.e_phnum && place == nullptr; ++i) {
        std::byte* const at = copy.data() + header.e_phoff + i * sizeof code;
        std::memcpy(&code, at, sizeof code);
        place = code.p_type == PT_LOAD && (code.p_flags & PF_X) != 0 ? at : nullptr;
    }
    check(place != nullptr, "a segment of code to damage");
    const auto claim = [&](uint64_t fileSize, uint64_t memorySize) {
        code.p_filesz = fileSize;
        code.p_memsz = memorySize;
        std::memcpy(place, &code, sizeof code);
    };
    const uint64_t whole = code.p_filesz;
    claim(whole, uint64_t(200) << 20);
    {
        LoadError error;
        const auto module = Module::load(device, copy, error);
        check(module != nullptr, error.message);
        const Buffer a(device, std::vector<float>{1, 2, 3, 4});
        const Buffer b(device, std::vector<float>{10, 20, 30, 40});
        const Buffer<float> sum(device, 4);
        const Context context{device, *module};
        context.launch("vector_add", 1, 32, Arguments().add(a).add(b).add(sum).add(uint32_t(4)));
        for (uint32_t i = 0; i < 4; ++i) {
            checkEqual(sum[i], 11.0F * static_cast<float>(i + 1), "the sum");
        }
        const uint64_t begin = module->loadBias() + code.p_vaddr;
        check(module->code(32).at(begin + whole + 64) == nullptr, "the zeros past the file's part are no code");
    }
    claim(whole, uint64_t(1) << 31);
    expectPart(loadError(device, copy), "no memory left for a code object of");
    // Nothing of it is in the file, where kernels begin.
    claim(0, uint64_t(200) << 20);
    expectPart(loadError(device, copy), "begins outside the code that the file holds");
    check(device.memory().allocations() == 0, "something was not freed");
}

void memory(Device& device) {
    Memory& memory = device.memory();
    const uint64_t before = memory.used();
    const auto first = memory.allocate(100);
    const auto second = memory.allocate(100);
    check(first && second && *first % 256 == 0 && *second % 256 == 0, "two aligned allocations");
    check(memory.find(*first + 99)->base == *first, "the last byte is found");
    check(!memory.find(*first + 100), "the byte after it is not");
    expectPart(memory.describe(*first + 112), "12 bytes past the end of the 100-byte allocation");
    expectPart(memory.describe(*second - 8), "8 bytes before the start of");
    check(!memory.free(*first + 1), "only bases can be freed");
    check(memory.free(*first) && !memory.free(*first), "freed once");
    const auto again = memory.allocate(100);
    check(again && *reinterpret_cast<uint64_t*>(*again) == 0, "new memory is zero");
    check(memory.free(*again) && memory.free(*second), "all freed");
    check(!memory.allocate(memory.capacity() + 1), "no more than the device has");
    const auto empty = memory.allocate(0);
    const auto other = memory.allocate(0);
    check(empty && other && *empty != *other && memory.find(*empty)->size == 0, "empty allocations have addresses");
    check(memory.free(*empty) && memory.free(*other), "empty ones freed");
    check(memory.used() == before, "usage goes back");
}

}  // namespace

/// A descriptor that says that its kernel begins within an instruction.
void strayEntry(Device& device, std::span<const std::byte> image) {
    LoadError error;
    const auto module = Module::load(device, image, error);
    check(module != nullptr, error.message);
    const Kernel* const whole = module->findKernel("vector_add");
    check(whole != nullptr, "no kernel");
    Limits limits = device.limits();
    limits.waveInstructions = 20000;
    device.setLimits(limits);
    const std::vector<std::byte> arguments(whole->explicitSize);
    unsigned refused = 0;
    for (uint64_t offset = 4; offset <= 64; offset += 4) {
        Kernel kernel = *whole;
        kernel.entry += offset;
        Dispatch dispatch;
        dispatch.module = module.get();
        dispatch.kernel = &kernel;
        dispatch.block = {32, 1, 1};
        dispatch.arguments = arguments;
        const auto fault = device.run(dispatch);
        if (fault && fault->kind == FaultKind::InvalidCodeAddress) {
            expectPart(fault->message, "kernel vector_add: it begins at");
            ++refused;
        }
    }
    check(refused != 0, "no place within an instruction was refused");
}

void runLoaderTests(std::span<const std::byte> image, std::vector<std::string>& lines) {
    const auto run = [&](const char* name, const std::function<void(Device&)>& body) {
        Device device(*findTarget("gfx1100"), uint64_t(1) << 28);
        try {
            body(device);
            lines.push_back(std::string("ok ") + name);
        } catch (const Failure& failure) {
            lines.push_back(std::string("FAIL ") + name + ": " + failure.message);
        }
    };
    run("not_code", [](Device& device) { notCode(device); });
    run("wrong_target", [&](Device&) { wrongTarget(image); });
    run("too_small_device", [&](Device&) { tooSmallDevice(image); });
    run("truncated", [&](Device& device) { truncated(device, image); });
    run("mutated", [&](Device& device) { mutated(device, image); });
    run("stray_entry", [&](Device& device) { strayEntry(device, image); });
    run("expanding", [&](Device& device) { expanding(device, image); });
    run("huge_code", [&](Device& device) { hugeCode(device, image); });
    run("memory", [](Device& device) { memory(device); });
}

}  // namespace soma::vgpu::test
