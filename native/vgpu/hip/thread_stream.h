// hipStreamPerThread: each thread has a blocking stream of its own on each device, which goes with the thread.
#pragma once

#include "context.h"

namespace soma::vgpu::hip {

/// The calling thread's on the current device, made when first asked for; null after making the failure the last error.
std::shared_ptr<Stream> threadStream();

/// While one lives, the calling thread's null stream is `threadStream`.
class PerThreadDefault {
public:
    PerThreadDefault() { on_ = true; }
    ~PerThreadDefault() { on_ = false; }
    PerThreadDefault(const PerThreadDefault&) = delete;
    PerThreadDefault& operator=(const PerThreadDefault&) = delete;

    static bool on() { return on_; }

private:
    static inline thread_local bool on_ = false;
};

}  // namespace soma::vgpu::hip
