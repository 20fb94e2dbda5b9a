// Work that LLVM may give up on. LLVM ends the process when it meets IR that it can't select ("fatal error"), and its
// handler must not return nor unwind. So such work runs on a thread of its own: if LLVM gives up, that thread is parked
// for good, its memory stays taken, and the caller goes on with LLVM's last words.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace soma::llvm_addon {

/// Runs `work` to its end on a thread with a deep stack (LLVM recurses with the depth of the code). Returns nothing, or
/// what LLVM said when it gave up: then whatever `work` wrote is as it was at that moment, and nothing touches it any
/// more. An exception of `work` is thrown here; std::system_error if no thread can be started.
std::optional<std::string> runGuarded(const std::function<void()>& work);

/// Makes LLVM's fatal errors end the guarded work instead of the process. Once in a process.
void installFatalErrorHandler();

}  // namespace soma::llvm_addon
