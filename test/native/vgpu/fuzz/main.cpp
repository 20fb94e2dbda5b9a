// vgpu_fuzz SECONDS SEED CODE-OBJECT…: mutates code objects (ELF headers and tables, notes, descriptors, code), loads what
// comes out, decodes it and runs its kernels with a small limit. Built with AddressSanitizer, which ends the process at the
// first wrong access; what is expected is an error or a fault in words. Prints how many were tried.
// `npm run fuzz:vgpu` builds and runs it.

#include "decode/code_image.h"
#include "device.h"

#include <elf.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace soma::vgpu;

namespace {

using Bytes = std::vector<std::byte>;

struct Seed {
    Bytes image;
    const Target* target = nullptr;
};

Bytes readFile(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

const Target* targetOf(const Bytes& image) {
    Elf64_Ehdr header{};
    std::memcpy(&header, image.data(), std::min(sizeof header, image.size()));
    for (const Target& target : targets()) {
        if (target.machine == (header.e_flags & 0xff)) {
            return &target;
        }
    }
    return nullptr;
}

class Mutator {
public:
    explicit Mutator(uint64_t seed) : random_(seed) {}

    uint64_t below(uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }

    /// A part of the file to change: its headers and tables as often as everything else.
    std::pair<size_t, size_t> part(const Bytes& image) {
        Elf64_Ehdr header{};
        if (image.size() < sizeof header) {
            return {0, image.size()};
        }
        std::memcpy(&header, image.data(), sizeof header);
        const auto within = [&](uint64_t offset, uint64_t size) -> std::pair<size_t, size_t> {
            return offset < image.size() && size != 0 && size <= image.size() - offset
                       ? std::pair<size_t, size_t>(offset, size)
                       : std::pair<size_t, size_t>(0, image.size());
        };
        switch (below(5)) {
            case 0:
                return {0, sizeof header};
            case 1:
                return within(header.e_phoff, uint64_t(header.e_phnum) * sizeof(Elf64_Phdr));
            case 2:
                return within(header.e_shoff, uint64_t(header.e_shnum) * sizeof(Elf64_Shdr));
            default: {
                const uint64_t count = header.e_shnum;
                Elf64_Shdr section{};
                const uint64_t at = header.e_shoff + below(count) * sizeof section;
                if (at > image.size() || sizeof section > image.size() - at) {
                    return {0, image.size()};
                }
                std::memcpy(&section, image.data() + at, sizeof section);
                return within(section.sh_offset, section.sh_size);
            }
        }
    }

    void mutate(Bytes& image) {
        const uint64_t count = 1 + below(4);
        for (uint64_t i = 0; i < count && !image.empty(); ++i) {
            const auto [begin, size] = part(image);
            const size_t at = begin + below(size);
            switch (below(7)) {
                case 0:
                    image[at] ^= static_cast<std::byte>(1u << below(8));
                    break;
                case 1:
                    image[at] = static_cast<std::byte>(random_());
                    break;
                case 2:
                case 3:
                    write(image, at, interesting(), size_t(1) << below(4));
                    break;
                case 4:
                    image.resize(below(16) == 0 ? below(image.size()) : image.size());
                    break;
                case 5: {
                    // Copies a stretch over another.
                    const size_t length = std::min<size_t>(1 + below(64), image.size() - at);
                    const size_t from = below(image.size() - length + 1);
                    std::memmove(image.data() + at, image.data() + from, length);
                    break;
                }
                default:
                    for (size_t j = at; j < std::min(at + 4 * (1 + below(4)), image.size()); ++j) {
                        image[j] = static_cast<std::byte>(random_());
                    }
            }
        }
    }

private:
    uint64_t interesting() {
        constexpr uint64_t kValues[] = {0, 1, 7, 8, 63, 64, 255, 256, 4095, 4096, 0x7fff, 0x8000, 0xffff, 0x10000,
                                        0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
                                        0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffff000};
        return kValues[below(std::size(kValues))] + below(3) - 1;
    }

    static void write(Bytes& image, size_t at, uint64_t value, size_t size) {
        std::memcpy(image.data() + at, &value, std::min(size, image.size() - at));
    }

    std::mt19937_64 random_;
};

struct Counts {
    uint64_t tried = 0;
    uint64_t loaded = 0;
    uint64_t ran = 0;
    uint64_t faults = 0;
};

void tryOne(Device& device, const Bytes& image, Counts& counts) {
    ++counts.tried;
    LoadError error;
    const auto module = Module::load(device, image, error);
    if (!module) {
        if (error.message.empty()) {
            std::cerr << "an error without words\n";
            std::abort();
        }
        return;
    }
    ++counts.loaded;
    const auto memory = device.memory().allocate(4096);
    size_t kernels = 0;
    for (const Kernel& kernel : module->kernels()) {
        if (++kernels > 4) {
            break;
        }
        module->code(kernel.waveSize);
        Bytes arguments(std::min<size_t>(kernel.explicitSize, 4096));
        for (size_t at = 0; memory && at + 8 <= arguments.size(); at += 8) {
            std::memcpy(arguments.data() + at, &*memory, 8);
        }
        Dispatch dispatch;
        dispatch.module = module.get();
        dispatch.kernel = &kernel;
        dispatch.block = kernel.requiredWorkgroupSize[0] != 0 ? kernel.requiredWorkgroupSize
                                                              : std::array<uint32_t, 3>{64, 1, 1};
        dispatch.arguments = arguments;
        ++counts.ran;
        counts.faults += device.run(dispatch) ? 1 : 0;
    }
    if (memory) {
        device.memory().free(*memory);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count < 4) {
        std::cerr << "usage: vgpu_fuzz SECONDS SEED CODE-OBJECT…\n";
        return 2;
    }
    const double seconds = std::atof(words[1]);
    Mutator mutator(std::strtoull(words[2], nullptr, 10));
    std::vector<Seed> seeds;
    for (int i = 3; i < count; ++i) {
        Bytes image = readFile(words[i]);
        const Target* target = targetOf(image);
        if (!target) {
            std::cerr << words[i] << " is no code object for a virtual target\n";
            return 2;
        }
        seeds.push_back({std::move(image), target});
    }
    Counts counts;
    const auto start = std::chrono::steady_clock::now();
    const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
    double said = 0;
    while (elapsed() < seconds) {
        const Seed& seed = seeds[mutator.below(seeds.size())];
        Device device(*seed.target, uint64_t(1) << 28);
        Limits limits;
        limits.waveInstructions = 20000;
        limits.threads = 1;
        device.setLimits(limits);
        for (int i = 0; i < 50 && elapsed() < seconds; ++i) {
            Bytes image = seed.image;
            mutator.mutate(image);
            tryOne(device, image, counts);
        }
        if (elapsed() - said > 30) {
            said = elapsed();
            std::cerr << counts.tried << " tried\n";
        }
    }
    std::cout << counts.tried << " mutated code objects tried: " << counts.loaded << " loaded, " << counts.ran
              << " launches, of which " << counts.faults << " ended with a fault; no crash\n";
    return 0;
}
