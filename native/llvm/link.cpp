#include "link.h"

#include <mutex>

#include "guarded.h"
#include "lld/Common/CommonLinkerContext.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

LLD_HAS_DRIVER(elf)

namespace soma::llvm_addon {
namespace {

/// A folder of this link's own, gone with everything in it at the end. lld reads and writes files only.
class PrivateFolder {
public:
    PrivateFolder() : error(llvm::sys::fs::createUniqueDirectory("soma-link", path)) {}
    ~PrivateFolder() {
        if (!error) {
            llvm::sys::fs::remove_directories(path);
        }
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    std::string file(llvm::StringRef name) const { return (path + llvm::sys::path::get_separator() + name).str(); }

    llvm::SmallString<128> path;
    const std::error_code error;
};

std::error_code writeFile(const std::string& path, llvm::StringRef bytes) {
    std::error_code error;
    llvm::raw_fd_ostream stream(path, error);
    if (!error) {
        stream << bytes;
        stream.close();
        error = stream.error();
        stream.clear_error();
    }
    return error;
}

std::string removeAll(std::string text, llvm::StringRef part) {
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
        text.erase(at, part.size());
    }
    return text;
}

/// lld's standard error, a line or several a message: `ld.lld: error: text`, then lines that begin with `>>>`.
void addLinkerMessages(Messages& messages, const std::string& output) {
    llvm::SmallVector<llvm::StringRef, 8> lines;
    llvm::StringRef(output).split(lines, '\n', -1, false);
    for (llvm::StringRef line : lines) {
        if (line.consume_front(">>> ") && !messages.empty()) {
            messages.back().text += ("; " + line.trim()).str();
            continue;
        }
        line.consume_front("ld.lld: ");
        const char* severity = line.consume_front("warning: ") ? "warning" : "error";
        line.consume_front("error: ");
        messages.push_back({severity, "linking: " + line.trim().str()});
    }
}

/// Returns lld's verdict; its words go to `output`.
bool runLinker(const std::vector<std::string>& objectPaths, const std::string& outputPath, std::string& output) {
    // As clang's AMDGPU toolchain calls it. One thread: a few kernels are not worth lld's pool, which would outlive us.
    std::vector<const char*> arguments = {"ld.lld",         "-m",          "elf64_amdgpu",    "-shared",
                                          "--no-undefined", "--threads=1", "--build-id=none", "-o",
                                          outputPath.c_str()};
    for (const std::string& path : objectPaths) {
        arguments.push_back(path.c_str());
    }
    llvm::raw_string_ostream stream(output);
    const bool linked = lld::elf::link(arguments, stream, stream, /*exitEarly=*/false, /*disableOutput=*/false);
    lld::CommonLinkerContext::destroy();
    return linked;
}

}  // namespace

std::string linkCodeObject(const std::vector<std::string>& objects, Messages& messages, Timings& timings) {
    const PrivateFolder folder;
    if (folder.error) {
        addError(messages, "linking: cannot make a temporary folder " + folder.path.str().str() + ": " +
                               folder.error.message() + "; set TMPDIR to a folder that can be written");
        return "";
    }
    std::vector<std::string> objectPaths;
    for (const std::string& object : objects) {
        const std::string& path = objectPaths.emplace_back(folder.file("kernels" + std::to_string(objectPaths.size()) + ".o"));
        if (const std::error_code error = writeFile(path, object)) {
            addError(messages, "linking: cannot write " + path + ": " + error.message());
            return "";
        }
    }
    const std::string outputPath = folder.file("kernels.hsaco");

    bool linked = false;
    std::string output;
    std::optional<std::string> lastWords;
    {
        // Held by this thread, not by the guarded one: if lld gives up, the next link can still run.
        static std::mutex oneLinkAtATime;
        const std::lock_guard lock(oneLinkAtATime);
        lastWords = runGuarded([&] {
            Stopwatch watch(timings);
            linked = runLinker(objectPaths, outputPath, output);
            watch.step("link");
        });
    }
    const size_t before = messages.size();
    addLinkerMessages(messages, removeAll(output, folder.file("")));
    if (lastWords) {
        addError(messages, "linking: lld gave up: " + *lastWords);
        return "";
    }
    if (!linked) {
        if (messages.size() == before) {
            addError(messages, "linking: lld failed without saying why");
        }
        return "";
    }
    auto file = llvm::MemoryBuffer::getFile(outputPath);
    if (!file) {
        addError(messages, "linking: cannot read " + outputPath + ": " + file.getError().message());
        return "";
    }
    return (*file)->getBuffer().str();
}

}  // namespace soma::llvm_addon
