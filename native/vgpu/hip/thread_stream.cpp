// Threads' own streams, and HIP's functions whose names end in _spt, which take null for them.
#include "thread_stream.h"

#include <map>
#include <tuple>

namespace soma::vgpu::hip {

namespace {

/// By the device's number. What a thread submitted is done though it ended: nothing waits here, so that the main thread's
/// end, which comes before that of the process, isn't held up by a kernel.
class ThreadStreams {
public:
    ~ThreadStreams() {
        for (const auto& entry : streams_) {
            retire(*entry.second);
        }
    }

    std::shared_ptr<Stream> of(const std::shared_ptr<VirtualDevice>& device) {
        std::shared_ptr<Stream>& stream = streams_[device->index];
        // somaVgpuConfigure may have put another device in its place.
        if (stream && stream->device != device) {
            retire(*stream);
            stream = nullptr;
        }
        if (!stream) {
            stream = std::make_shared<Stream>(Stream{device, std::make_shared<Queue>(true)});
            device->addQueue(stream->queue);
        }
        return stream;
    }

private:
    std::map<int, std::shared_ptr<Stream>> streams_;
};

template <typename Function>
struct Signature;
template <typename Result, typename... Parameters>
struct Signature<Result(Parameters...)> {
    using Types = std::tuple<Parameters...>;
};
template <typename Function, size_t index>
using Parameter = std::tuple_element_t<index, typename Signature<Function>::Types>;

}  // namespace

std::shared_ptr<Stream> threadStream() {
    thread_local ThreadStreams streams;
    const auto device = Runtime::instance().current();
    return device ? streams.of(device) : nullptr;
}

}  // namespace soma::vgpu::hip

using namespace soma::vgpu::hip;

#define SOMA_PARAMETER(name, index) Parameter<decltype(name), index> a##index
#define SOMA_PARAMETERS_1(name) SOMA_PARAMETER(name, 0)
#define SOMA_PARAMETERS_2(name) SOMA_PARAMETERS_1(name), SOMA_PARAMETER(name, 1)
#define SOMA_PARAMETERS_3(name) SOMA_PARAMETERS_2(name), SOMA_PARAMETER(name, 2)
#define SOMA_PARAMETERS_4(name) SOMA_PARAMETERS_3(name), SOMA_PARAMETER(name, 3)
#define SOMA_PARAMETERS_5(name) SOMA_PARAMETERS_4(name), SOMA_PARAMETER(name, 4)
#define SOMA_PARAMETERS_6(name) SOMA_PARAMETERS_5(name), SOMA_PARAMETER(name, 5)
#define SOMA_PARAMETERS_7(name) SOMA_PARAMETERS_6(name), SOMA_PARAMETER(name, 6)
#define SOMA_PARAMETERS_8(name) SOMA_PARAMETERS_7(name), SOMA_PARAMETER(name, 7)
#define SOMA_ARGUMENTS_1 a0
#define SOMA_ARGUMENTS_2 SOMA_ARGUMENTS_1, a1
#define SOMA_ARGUMENTS_3 SOMA_ARGUMENTS_2, a2
#define SOMA_ARGUMENTS_4 SOMA_ARGUMENTS_3, a3
#define SOMA_ARGUMENTS_5 SOMA_ARGUMENTS_4, a4
#define SOMA_ARGUMENTS_6 SOMA_ARGUMENTS_5, a5
#define SOMA_ARGUMENTS_7 SOMA_ARGUMENTS_6, a6
#define SOMA_ARGUMENTS_8 SOMA_ARGUMENTS_7, a7

#define SOMA_DEFINE(name, count)                                                                                       \
    hipError_t name##_spt(SOMA_PARAMETERS_##count(name)) {                                                             \
        const PerThreadDefault scope;                                                                                  \
        return name(SOMA_ARGUMENTS_##count);                                                                           \
    }
SOMA_HIP_PER_THREAD_FUNCTIONS(SOMA_DEFINE)
