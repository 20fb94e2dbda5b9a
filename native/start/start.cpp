// soma_start ARGUMENT…: becomes `node FLAG dist/soma.cjs ARGUMENT…`, from a snapshot of the loaded program where there is one.
// Node ends the process if a snapshot is not its own (another version, flags, processor), so the snapshot's file is named by
// all of these, and is not used where NODE_OPTIONS asks for anything. Where there is none yet, the environment tells the
// program how it would be called (compiler/cli/snapshot.ts).

#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace {

constexpr int COMMAND_NOT_FOUND = 127;

/// V8 collects its young generation when it is full, and what is alive then is copied. Compiles of large programs spend a third
/// less on that where it may grow to 64 MiB; those of small ones never let it grow so far. bin/soma has the same.
const std::string YOUNG_GENERATION = "--max-semi-space-size=64";

/// FNV-1a of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
class Hash {
public:
    void add(std::string_view bytes) {
        for (const unsigned char byte : bytes) {
            value = (value ^ byte) * 0x100000001b3;
        }
        value = (value ^ 0xff) * 0x100000001b3;
    }

    void add(uint64_t number) { add(std::string_view(reinterpret_cast<const char*>(&number), sizeof number)); }

    std::string text() const {
        char digits[17];
        std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value));
        return digits;
    }

private:
    uint64_t value = 0xcbf29ce484222325;
};

/// Adds what tells a file apart from what was or will be at its path; false if there is none.
bool addFile(Hash& hash, const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) {
        return false;
    }
    hash.add(path);
    hash.add(info.st_dev);
    hash.add(info.st_ino);
    hash.add(static_cast<uint64_t>(info.st_size));
    hash.add(static_cast<uint64_t>(info.st_mtim.tv_sec));
    hash.add(static_cast<uint64_t>(info.st_mtim.tv_nsec));
    return true;
}

/// Adds what V8 asks the processor for: a snapshot from a machine that has more or less is refused.
void addProcessor(Hash& hash) {
#ifdef __x86_64__
    for (const unsigned leaf : {1u, 7u, 0x80000001u}) {
        unsigned registers[4] = {};
        __get_cpuid_count(leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]);
        if (leaf == 1) {
            // The core that this runs on, which changes.
            registers[1] = 0;
        }
        for (const unsigned value : registers) {
            hash.add(value);
        }
    }
#endif
    hash.add(getauxval(AT_HWCAP));
    hash.add(getauxval(AT_HWCAP2));
}

std::optional<std::string> realPath(const std::string& path) {
    char resolved[PATH_MAX];
    if (realpath(path.c_str(), resolved) == nullptr) {
        return std::nullopt;
    }
    return resolved;
}

/// The folder of the installed package, above build/native/soma_start.
std::string packageRoot() {
    std::string path = realPath("/proc/self/exe").value_or("");
    for (int level = 0; level < 3; level++) {
        path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    }
    return path;
}

/// What the shell would run as `node`.
std::optional<std::string> findNode() {
    const char* variable = getenv("PATH");
    std::string_view rest = variable == nullptr ? "/usr/local/bin:/usr/bin:/bin" : variable;
    for (;;) {
        const size_t end = rest.find(':');
        const std::string_view folder = rest.substr(0, end);
        const std::string path = std::string(folder.empty() ? "." : folder) + "/node";
        struct stat info {};
        if (stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0) {
            return path;
        }
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        rest.remove_prefix(end + 1);
    }
}

/// Where the snapshot is or would be; nothing if it could not be told apart from another.
std::optional<std::string> snapshotPath(const std::string& root, const std::string& node, const std::string& program) {
    const char* options = getenv("NODE_OPTIONS");
    if (options != nullptr && *options != '\0') {
        return std::nullopt;
    }
    Hash hash;
    if (!addFile(hash, node) || !addFile(hash, program)) {
        return std::nullopt;
    }
    hash.add(YOUNG_GENERATION);
    addProcessor(hash);
    return root + "/build/start/" + hash.text() + ".blob";
}

}  // namespace

int main(int count, char** arguments) {
    const std::string root = packageRoot();
    const std::string program = root + "/dist/soma.cjs";
    const std::optional<std::string> found = findNode();
    if (!found) {
        std::fputs("error: there is no `node` in PATH\nhelp: install Node.js 20.19 or newer: https://nodejs.org/en/download\n",
                   stderr);
        return COMMAND_NOT_FOUND;
    }
    // As it was found: what is called `node` may look at its name to know what to start.
    std::vector<std::string> words = {*found, YOUNG_GENERATION};
    const std::optional<std::string> node = realPath(*found);
    const std::optional<std::string> snapshot = node ? snapshotPath(root, *node, program) : std::nullopt;
    // Node reads them at every start, which takes longer than all the rest; the command makes no connections.
    unsetenv("NODE_EXTRA_CA_CERTS");
    unsetenv("SOMA_SNAPSHOT");
    unsetenv("SOMA_NODE");
    if (snapshot && access(snapshot->c_str(), R_OK) == 0) {
        words.insert(words.end(), {"--snapshot-blob", *snapshot});
    } else if (snapshot) {
        setenv("SOMA_SNAPSHOT", snapshot->c_str(), 1);
        setenv("SOMA_NODE", node->c_str(), 1);
    }
    words.push_back(program);
    words.insert(words.end(), arguments + (count > 0 ? 1 : 0), arguments + count);

    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    execv(found->c_str(), pointers.data());
    std::fprintf(stderr, "error: cannot start %s\n", found->c_str());
    return COMMAND_NOT_FOUND;
}
