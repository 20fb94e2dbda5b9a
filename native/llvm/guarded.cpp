#include "guarded.h"

#include <pthread.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>

#include "llvm/Support/ErrorHandling.h"

namespace soma::llvm_addon {
namespace {

// glibc keeps stacks of up to 40 MiB in all for reuse: a stack of this size costs no mmap for most jobs.
constexpr size_t STACK_BYTES = size_t{32} << 20;

/// Shared by the caller and the guarded thread, either of which may be the last to hold it.
struct Run {
    explicit Run(const std::function<void()>& work) : work(work) {}

    const std::function<void()>& work;
    std::mutex mutex;
    std::condition_variable ended;
    bool finished = false;
    std::optional<std::string> lastWords;
    std::exception_ptr exception;
};

thread_local Run* currentRun = nullptr;

void* threadMain(void* argument) {
    const std::unique_ptr<std::shared_ptr<Run>> run(static_cast<std::shared_ptr<Run>*>(argument));
    currentRun = run->get();
    try {
        (*run)->work();
    } catch (...) {
        (*run)->exception = std::current_exception();
    }
    currentRun = nullptr;
    const std::lock_guard lock((*run)->mutex);
    (*run)->finished = true;
    (*run)->ended.notify_one();
    return nullptr;
}

void onFatalError(void*, const char* reason, bool) {
    if (currentRun == nullptr) {
        // Every job is guarded, so this is a thread of nobody's: nothing can be told to anybody but on stderr.
        std::fprintf(stderr, "soma: LLVM gave up: %s\n", reason);
        std::abort();
    }
    {
        const std::lock_guard lock(currentRun->mutex);
        currentRun->lastWords = reason;
        currentRun->ended.notify_one();
    }
    for (;;) {
        pause();
    }
}

}  // namespace

std::optional<std::string> runGuarded(const std::function<void()>& work) {
    auto run = std::make_shared<Run>(work);
    auto argument = std::make_unique<std::shared_ptr<Run>>(run);

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_t thread;
    const int error = pthread_create(&thread, &attributes, threadMain, argument.get());
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "cannot start a thread for LLVM");
    }
    argument.release();

    {
        std::unique_lock lock(run->mutex);
        run->ended.wait(lock, [&] { return run->finished || run->lastWords.has_value(); });
    }
    if (run->lastWords) {
        pthread_detach(thread);
        return run->lastWords;
    }
    pthread_join(thread, nullptr);
    if (run->exception) {
        std::rethrow_exception(run->exception);
    }
    return std::nullopt;
}

void installFatalErrorHandler() { llvm::install_fatal_error_handler(onFatalError); }

}  // namespace soma::llvm_addon
