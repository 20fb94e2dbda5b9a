#include "kernels.h"

#include <cstring>
#include <fstream>
#include <sstream>

namespace bench {

namespace {

int64_t valueOf(const std::string& word, const std::map<std::string, Value>& values) {
    if (word.find_first_not_of("0123456789") == std::string::npos) {
        return std::stoll(word);
    }
    const auto found = values.find(word);
    if (found == values.end() || !std::holds_alternative<int64_t>(found->second)) {
        die("no dimension " + word + " was given");
    }
    return std::get<int64_t>(found->second);
}

int64_t evaluate(const std::string& expression, const std::map<std::string, Value>& values) {
    std::istringstream words(expression);
    std::vector<int64_t> stack;
    for (std::string word; words >> word;) {
        if (word.size() == 1 && std::string("+-*/%").find(word[0]) != std::string::npos) {
            const int64_t right = stack.back();
            stack.pop_back();
            int64_t& left = stack.back();
            switch (word[0]) {
                case '+': left += right; break;
                case '-': left -= right; break;
                case '*': left *= right; break;
                case '/': left /= right; break;
                default: left %= right; break;
            }
        } else {
            stack.push_back(valueOf(word, values));
        }
    }
    return stack.back();
}

}  // namespace

SomaKernels::SomaKernels(const std::string& folder) {
    std::ifstream file(folder + "/kernels.txt");
    if (!file) {
        die("cannot read " + folder + "/kernels.txt");
    }
    Kernel* kernel = nullptr;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string kind;
        words >> kind;
        if (kind == "module") {
            std::string name;
            words >> name;
            modules_.push_back(std::make_unique<Module>(folder + "/" + name));
        } else if (kind == "kernel") {
            std::string name, symbol, launch;
            Kernel made{};
            words >> name >> symbol >> launch >> made.block[0] >> made.block[1] >> made.block[2] >> made.argumentBytes;
            made.function = modules_.back()->kernel(symbol);
            made.over = launch == "over";
            kernel = &(kernels_[name] = std::move(made));
        } else if (kind == "size") {
            kernel->sizes.push_back(line.substr(kind.size() + 1));
        } else if (kind == "argument") {
            Argument argument;
            words >> argument.offset >> argument.type >> argument.name;
            kernel->arguments.push_back(argument);
        }
    }
}

Launch SomaKernels::bind(const std::string& name, const std::map<std::string, Value>& values) const {
    const auto found = kernels_.find(name);
    if (found == kernels_.end()) {
        die("there is no kernel " + name);
    }
    const Kernel& kernel = found->second;
    unsigned grid[3] = {1, 1, 1};
    for (size_t axis = 0; axis < kernel.sizes.size(); ++axis) {
        const int64_t size = evaluate(kernel.sizes[axis], values);
        const int64_t block = kernel.block[axis];
        grid[axis] = static_cast<unsigned>(kernel.over ? (size + block - 1) / block : size);
    }
    std::vector<std::byte> bytes(kernel.argumentBytes);
    for (const Argument& argument : kernel.arguments) {
        const auto value = values.find(argument.name);
        if (value == values.end()) {
            die(name + " was not given " + argument.name);
        }
        std::visit([&](auto each) { std::memcpy(bytes.data() + argument.offset, &each, sizeof each); }, value->second);
    }
    return [=, function = kernel.function, block = Axes{kernel.block[0], kernel.block[1], kernel.block[2]},
            bytes = std::move(bytes)](hipStream_t stream) mutable {
        size_t size = bytes.size();
        void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, bytes.data(), HIP_LAUNCH_PARAM_BUFFER_SIZE, &size,
                         HIP_LAUNCH_PARAM_END};
        BENCH_HIP(hipModuleLaunchKernel, function, grid[0], grid[1], grid[2], block.x, block.y, block.z, 0, stream,
                  nullptr, extra);
    };
}

}  // namespace bench
