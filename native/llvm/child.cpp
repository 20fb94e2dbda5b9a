#include "child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "metadata.h"

namespace soma::llvm_addon {
namespace {

// The first byte of what the child writes: whether a result or an error message follows.
constexpr char RESULT = 'R';
constexpr char ERROR = 'E';

class Descriptor {
public:
    explicit Descriptor(int number) : number(number) {}
    ~Descriptor() { close(number); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    const int number;
};

void writeAll(int descriptor, const std::string& text) {
    for (size_t done = 0; done < text.size();) {
        const ssize_t count = write(descriptor, text.data() + done, text.size() - done);
        if (count < 0 && errno != EINTR) {
            _exit(1);
        }
        done += count < 0 ? 0 : static_cast<size_t>(count);
    }
}

/// Never returns: the child must not run the exit handlers of the process that it is a copy of.
[[noreturn]] void childMain(int output, const std::function<std::string()>& work) {
    // Its death is expected: no core file, and none of the handlers that Node or its host may have set.
    const rlimit noCore{0, 0};
    setrlimit(RLIMIT_CORE, &noCore);
    for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGPIPE}) {
        std::signal(signal, SIG_DFL);
    }
    // glibc writes its last words (`double free …`) there.
    if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO);
    }
    std::string answer;
    try {
        answer = RESULT + work();
    } catch (const std::exception& error) {
        answer = ERROR + std::string(error.what());
    }
    writeAll(output, answer);
    _exit(0);
}

/// All that the child writes; false if it takes too long.
bool readAll(int descriptor, std::string& text, std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd event{descriptor, POLLIN, 0};
        const int ready = poll(&event, 1, static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0)));
        if (ready == 0) {
            return false;
        }
        char buffer[65536];
        const ssize_t count = ready < 0 ? -1 : read(descriptor, buffer, sizeof buffer);
        if (count == 0) {
            return true;
        }
        if (count > 0) {
            text.append(buffer, static_cast<size_t>(count));
        } else if (errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "cannot read from the child process");
        }
    }
}

int waitFor(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

std::string runInChild(const std::function<std::string()>& work, std::chrono::seconds limit) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    }
    const Descriptor input(ends[0]);
    pid_t child;
    {
        const Descriptor output(ends[1]);
        child = fork();
        if (child == 0) {
            childMain(output.number, work);
        }
    }
    if (child < 0) {
        throw std::system_error(errno, std::generic_category(), "cannot make a child process");
    }

    std::string answer;
    bool inTime = false;
    try {
        inTime = readAll(input.number, answer, limit);
    } catch (...) {
        kill(child, SIGKILL);
        waitFor(child);
        throw;
    }
    if (!inTime) {
        kill(child, SIGKILL);
    }
    const int status = waitFor(child);
    if (!inTime) {
        throw CodeObjectError("LLVM took longer than " + std::to_string(limit.count()) + " s to read it");
    }
    if (WIFSIGNALED(status)) {
        throw CodeObjectError(std::string("LLVM crashed while reading it (") + strsignal(WTERMSIG(status)) +
                              "): it holds bytes that are no instructions of its target");
    }
    if (answer.empty() || WEXITSTATUS(status) != 0) {
        throw CodeObjectError("LLVM ended without an answer while reading it");
    }
    const bool isResult = answer.front() == RESULT;
    answer.erase(0, 1);
    if (!isResult) {
        throw CodeObjectError(answer);
    }
    return answer;
}

}  // namespace soma::llvm_addon
