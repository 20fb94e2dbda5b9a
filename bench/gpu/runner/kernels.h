// Soma's kernels by name, with their arguments by name: as the runtime launches them, from what the manifest says.
// pack.ts writes the manifests as lines of words (kernels.txt), so that no JSON is parsed here.
#pragma once

#include "hip.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

namespace bench {

using Value = std::variant<float, int32_t, uint32_t, int64_t, void*>;
using Launch = std::function<void(hipStream_t)>;

class SomaKernels {
public:
    /// A folder with kernels.txt and the code objects that it names.
    explicit SomaKernels(const std::string& folder);

    /// A launch with these arguments and dimensions. The grid follows from the dimensions.
    Launch bind(const std::string& name, const std::map<std::string, Value>& values) const;

private:
    struct Argument {
        size_t offset;
        std::string type;
        std::string name;
    };
    struct Kernel {
        hipFunction_t function;
        unsigned block[3];
        /// Whether sizes are work-items; else workgroups.
        bool over = false;
        /// In reverse Polish notation, x first.
        std::vector<std::string> sizes;
        size_t argumentBytes = 0;
        std::vector<Argument> arguments;
    };
    std::map<std::string, Kernel> kernels_;
    std::vector<std::unique_ptr<Module>> modules_;
};

}  // namespace bench
