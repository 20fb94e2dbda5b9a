// vgpu_test MODE [CODE OBJECT]: runs one set of tests and prints a line for each: "ok NAME" or "FAIL NAME: why".
// vgpu.test.ts compiles the code objects and reads the lines.

#include "coverage.h"
#include "harness.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace soma::vgpu;
using namespace soma::vgpu::test;

namespace {

std::vector<std::byte> readFile(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

void runAll(const std::vector<Test>& tests, const Context& context) {
    for (const Test& test : tests) {
        try {
            test.body(context);
            std::cout << "ok " << test.name << "\n";
        } catch (const Failure& failure) {
            std::string line = failure.message;
            std::replace(line.begin(), line.end(), '\n', ' ');
            std::cout << "FAIL " << test.name << ": " << line << "\n";
        }
        std::cout.flush();
    }
}

}  // namespace

int main(int count, char** words) {
    const std::string mode = count > 1 ? words[1] : "";
    if (mode == "assembly") {
        std::cout << instructionAssembly();
        return 0;
    }
    const auto number = [&](int index) { return static_cast<unsigned>(count > index ? std::atoi(words[index]) : 0); };
    if (mode == "matrix-assembly" && count == 4) {
        std::cout << matrixAssembly(words[2], number(3));
        return 0;
    }
    if (mode == "coverage" && count == 3) {
        for (const auto& [mnemonic, coverage] : instructionCoverage(words[2])) {
            std::cout << mnemonic << "\t" << coverage.implemented << "\t" << coverage.missing << "\t" << coverage.example
                      << "\n";
        }
        return 0;
    }
    if (count < 3) {
        std::cerr << "usage: vgpu_test assembly | matrix-assembly TARGET LANES | coverage TARGET |\n"
                     "       (kernels | foreign | faults | instructions | matrix | loader) CODE-OBJECT [TARGET [LANES]]\n";
        return 2;
    }
    const std::vector<std::byte> image = readFile(words[2]);
    if (mode == "loader") {
        std::vector<std::string> lines;
        runLoaderTests(image, lines);
        for (const std::string& line : lines) {
            std::cout << line << "\n";
        }
        return 0;
    }
    const Target* target = findTarget(count > 3 ? words[3] : "gfx1100");
    if (target == nullptr) {
        std::cerr << "unknown target\n";
        return 2;
    }
    Device device(*target, uint64_t(1) << 30);
    LoadError error;
    const auto module = Module::load(device, image, error);
    if (!module) {
        std::cerr << error.message << "\n";
        return 1;
    }
    const Context context{device, *module};
    runAll(mode == "kernels"   ? kernelTests()
           : mode == "foreign" ? foreignTests()
           : mode == "faults"  ? faultTests()
           : mode == "matrix"  ? matrixTests(target->name, number(4))
                               : instructionTests(),
           context);
    return 0;
}
