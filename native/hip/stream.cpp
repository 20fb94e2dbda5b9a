// Streams: each method checks its arguments, takes what it needs of them, and submits a task.
#include "handles.h"

#include <array>
#include <cstring>

namespace soma::hip {

namespace {

using Axes = std::array<unsigned, 3>;

Axes axesArgument(const Napi::Value& value, const std::string& parameter) {
    if (!value.IsArray() || value.As<Napi::Array>().Length() != 3) {
        throw Napi::TypeError::New(value.Env(), parameter + " must be an array of three numbers");
    }
    Axes axes{};
    for (uint32_t i = 0; i < 3; ++i) {
        axes[i] = static_cast<unsigned>(integerArgument(value.As<Napi::Array>().Get(i),
                                                        parameter + "[" + std::to_string(i) + "]", UINT32_MAX));
    }
    return axes;
}

std::string shape(const Axes& axes) {
    return std::to_string(axes[0]) + " × " + std::to_string(axes[1]) + " × " + std::to_string(axes[2]);
}

std::byte* at(const BufferState& buffer, uint64_t offset) { return static_cast<std::byte*>(buffer.pointer) + offset; }

Napi::Value nothing(Napi::Env env) { return env.Undefined(); }

/// An ArrayBuffer that takes over native memory, or a copy where the host forbids that.
Napi::Value adopt(Napi::Env env, std::byte* data, size_t bytes) {
    napi_value buffer = nullptr;
    const auto release = [](napi_env, void* memory, void*) { delete[] static_cast<std::byte*>(memory); };
    if (bytes != 0 &&
        napi_create_external_arraybuffer(env, data, bytes, release, nullptr, &buffer) == napi_ok) {
        return Napi::Value(env, buffer);
    }
    const std::unique_ptr<std::byte[]> owner(data);
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, bytes);
    if (bytes != 0) {
        std::memcpy(copy.Data(), data, bytes);
    }
    return copy;
}

}  // namespace

std::vector<StreamHandle::PropertyDescriptor> StreamHandle::members() {
    return {
        InstanceAccessor<&StreamHandle::device>("device"),
        InstanceAccessor<&StreamHandle::slot>("slot"),
        InstanceAccessor<&StreamHandle::completed>("completed"),
        InstanceAccessor<&StreamHandle::submitted>("submitted"),
        InstanceMethod<&StreamHandle::write>("write"),
        InstanceMethod<&StreamHandle::read>("read"),
        InstanceMethod<&StreamHandle::fill>("fill"),
        InstanceMethod<&StreamHandle::initialise>("initialise"),
        InstanceMethod<&StreamHandle::copy>("copy"),
        InstanceMethod<&StreamHandle::launch>("launch"),
        InstanceMethod<&StreamHandle::record>("record"),
        InstanceMethod<&StreamHandle::wait>("wait"),
        InstanceMethod<&StreamHandle::synchronize>("synchronize"),
        InstanceMethod<&StreamHandle::stop>("stop"),
        InstanceAccessor("disposed", &StreamHandle::disposed, nullptr),
        InstanceMethod<&StreamHandle::dispose>("dispose"),
    };
}

Napi::Object StreamHandle::make(const Napi::Object& device, std::shared_ptr<Worker> worker) {
    const Napi::Object object = Handle::make(device.Env(), std::move(worker));
    Unwrap(object)->device_ = Napi::Persistent(device);
    return object;
}

StreamHandle::~StreamHandle() {
    if (state_) {
        state_->finish();
    }
}

Napi::Value StreamHandle::device(const Napi::CallbackInfo&) { return device_.Value(); }

Napi::Value StreamHandle::slot(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), slot_); }

Napi::Value StreamHandle::completed(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(state()->completed()));
}

Napi::Value StreamHandle::submitted(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(state()->submitted()));
}

std::shared_ptr<BufferState> StreamHandle::bufferArgument(const Napi::Value& value, const std::string& parameter,
                                                          bool anywhere) {
    auto buffer = BufferHandle::from(value, parameter).state();
    requireUsable(value.Env(), *buffer);
    if (buffer->device != state()->device && !(anywhere && buffer->device->library == state()->device->library)) {
        throw Napi::TypeError::New(value.Env(), parameter + " is on " + buffer->device->describe() +
                                                    ", the stream on " + state()->device->describe());
    }
    return buffer;
}

std::shared_ptr<EventState> StreamHandle::eventArgument(const Napi::Value& value) {
    auto event = EventHandle::from(value, "event").state();
    if (event->device->library != state()->device->library) {
        throw Napi::TypeError::New(value.Env(), "event is one of another library");
    }
    return event;
}

Napi::Promise StreamHandle::submit(Napi::Env env, Task task, Settler::Value value, const Napi::Value& ran) {
    Napi::Reference<Napi::Float64Array> times;
    if (!ran.IsEmpty() && !ran.IsUndefined()) {
        if (!ran.IsTypedArray() || ran.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
            ran.As<Napi::TypedArray>().ElementLength() < 2) {
            throw Napi::TypeError::New(env, "ran must be a Float64Array of two elements");
        }
        times = Napi::Persistent(ran.As<Napi::Float64Array>());
        task.heard = true;
    }
    Napi::Promise promise = state()->settler->open(env, std::move(value), std::move(times), task.waiter);
    state()->submit(std::move(task));
    return promise;
}

Napi::Value StreamHandle::write(const Napi::CallbackInfo& info) {
    const auto buffer = bufferArgument(info[0], "buffer");
    const uint64_t offset = integerArgument(info[1], "byteOffset");
    auto source = std::make_shared<Bytes>(bytesArgument(info[2], "source"));
    checkRange(info.Env(), offset, source->size, buffer->bytes, "write");
    Task task;
    task.asked = "writing " + std::to_string(source->size) + " bytes";
    task.waits = true;
    task.run = [&hip = buffer->device->hip(), to = at(*buffer, offset), from = source.get()](hipStream_t stream,
                                                                                             const char*& call) {
        call = "hipMemcpyHtoDAsync";
        return from->size == 0 ? hipSuccess : hip.hipMemcpyHtoDAsync(to, from->data.get(), from->size, stream);
    };
    task.holds = {buffer, std::move(source)};
    return submit(info.Env(), std::move(task), nothing, info[3]);
}

Napi::Value StreamHandle::read(const Napi::CallbackInfo& info) {
    const auto buffer = bufferArgument(info[0], "buffer");
    const uint64_t offset = integerArgument(info[1], "byteOffset");
    const uint64_t bytes = integerArgument(info[2], "bytes");
    checkRange(info.Env(), offset, bytes, buffer->bytes, "read");
    // Native until the copy is done: a JavaScript thread that ends takes its own ArrayBuffers with it.
    auto target = std::make_shared<Bytes>(Bytes{std::unique_ptr<std::byte[]>(new std::byte[bytes]), bytes});
    Task task;
    task.asked = "reading " + std::to_string(bytes) + " bytes";
    task.waits = true;
    task.run = [&hip = buffer->device->hip(), from = at(*buffer, offset), target](hipStream_t stream,
                                                                                  const char*& call) {
        call = "hipMemcpyDtoHAsync";
        return target->size == 0 ? hipSuccess
                                 : hip.hipMemcpyDtoHAsync(target->data.get(), from, target->size, stream);
    };
    task.holds = {buffer};
    return submit(info.Env(), std::move(task), [target](Napi::Env env) {
        return adopt(env, target->data.release(), target->size);
    }, info[3]);
}

Napi::Value StreamHandle::fill(const Napi::CallbackInfo& info) {
    const auto buffer = bufferArgument(info[0], "buffer");
    const uint64_t offset = integerArgument(info[1], "byteOffset");
    const uint64_t bytes = integerArgument(info[2], "bytes");
    const auto value = static_cast<int>(integerArgument(info[3], "value", 255));
    checkRange(info.Env(), offset, bytes, buffer->bytes, "fill");
    Task task;
    task.asked = "filling " + std::to_string(bytes) + " bytes";
    task.run = [&hip = buffer->device->hip(), to = at(*buffer, offset), bytes, value](hipStream_t stream,
                                                                                      const char*& call) {
        call = "hipMemsetAsync";
        return bytes == 0 ? hipSuccess : hip.hipMemsetAsync(to, value, bytes, stream);
    };
    task.holds = {buffer};
    return submit(info.Env(), std::move(task), nothing, info[4]);
}

Napi::Value StreamHandle::initialise(const Napi::CallbackInfo& info) {
    const auto buffer = bufferArgument(info[0], "buffer");
    auto head = std::make_shared<Bytes>(bytesArgument(info[1], "head"));
    checkRange(info.Env(), 0, head->size, buffer->bytes, "initialise");
    Task task;
    task.asked = "initialising " + std::to_string(buffer->bytes) + " bytes";
    task.required = true;
    task.waits = true;
    task.run = [&hip = buffer->device->hip(), buffer = buffer.get(), head = head.get()](hipStream_t stream,
                                                                                        const char*& call) {
        const size_t rest = buffer->bytes - head->size;
        call = "hipMemsetAsync";
        const hipError_t code = rest == 0 ? hipSuccess : hip.hipMemsetAsync(at(*buffer, head->size), 0, rest, stream);
        if (code != hipSuccess || head->size == 0) {
            return code;
        }
        call = "hipMemcpyHtoDAsync";
        return hip.hipMemcpyHtoDAsync(buffer->pointer, head->data.get(), head->size, stream);
    };
    task.holds = {buffer, head};
    return submit(info.Env(), std::move(task), nothing);
}

Napi::Value StreamHandle::copy(const Napi::CallbackInfo& info) {
    const auto target = bufferArgument(info[0], "target");
    const uint64_t targetOffset = integerArgument(info[1], "targetOffset");
    const auto source = bufferArgument(info[2], "source", true);
    const uint64_t sourceOffset = integerArgument(info[3], "sourceOffset");
    const uint64_t bytes = integerArgument(info[4], "bytes");
    checkRange(info.Env(), targetOffset, bytes, target->bytes, "copy, target");
    checkRange(info.Env(), sourceOffset, bytes, source->bytes, "copy, source");
    Task task;
    task.asked = "copying " + std::to_string(bytes) + " bytes";
    task.run = [&hip = target->device->hip(), to = at(*target, targetOffset), from = at(*source, sourceOffset),
                bytes](hipStream_t stream, const char*& call) {
        call = "hipMemcpyDtoDAsync";
        return bytes == 0 ? hipSuccess : hip.hipMemcpyDtoDAsync(to, from, bytes, stream);
    };
    if (source->device != target->device) {
        task.run = [&hip = target->device->hip(), to = at(*target, targetOffset), from = at(*source, sourceOffset),
                    toDevice = target->device->index, fromDevice = source->device->index,
                    bytes](hipStream_t stream, const char*& call) {
            call = "hipMemcpyPeerAsync";
            return bytes == 0               ? hipSuccess
                   : hip.hipMemcpyPeerAsync ? hip.hipMemcpyPeerAsync(to, toDevice, from, fromDevice, bytes, stream)
                                            : hipErrorNotSupported;
        };
    }
    task.holds = {target, source};
    return submit(info.Env(), std::move(task), nothing, info[5]);
}

Napi::Value StreamHandle::launch(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto kernel = KernelHandle::from(info[0], "kernel").state();
    if (kernel->module->device != state()->device) {
        throw Napi::TypeError::New(env, "kernel is on " + kernel->module->device->describe() + ", the stream on " +
                                            state()->device->describe());
    }
    if (!info[1].IsObject()) {
        throw Napi::TypeError::New(env, "launch must be an object");
    }
    const Napi::Object launch = info[1].As<Napi::Object>();
    const Axes grid = axesArgument(launch.Get("grid"), "grid");
    const Axes block = axesArgument(launch.Get("block"), "block");
    const Napi::Value shared = launch.Get("dynamicSharedBytes");
    const auto sharedBytes =
        shared.IsUndefined() ? 0u : static_cast<unsigned>(integerArgument(shared, "dynamicSharedBytes", UINT32_MAX));
    auto arguments = std::make_shared<Bytes>(bytesArgument(launch.Get("arguments"), "arguments"));
    Task task;
    task.holds = {kernel};
    const Napi::Value buffers = launch.Get("buffers");
    if (!buffers.IsUndefined()) {
        if (!buffers.IsArray()) {
            throw Napi::TypeError::New(env, "buffers must be an array");
        }
        for (uint32_t i = 0; i < buffers.As<Napi::Array>().Length(); ++i) {
            task.holds.push_back(
                bufferArgument(buffers.As<Napi::Array>().Get(i), "buffers[" + std::to_string(i) + "]"));
        }
    }
    task.asked = "kernel '" + kernel->name + "' with " + shape(grid) + " workgroups of " + shape(block) + " work-items";
    task.run = [&hip = state()->device->hip(), kernel, grid, block, sharedBytes,
                arguments](hipStream_t stream, const char*& call) {
        call = "hipModuleLaunchKernel";
        if (kernel->module->loaded->unusable()) {
            return hipErrorInvalidHandle;
        }
        size_t size = arguments->size;
        void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, arguments->data.get(), HIP_LAUNCH_PARAM_BUFFER_SIZE, &size,
                         HIP_LAUNCH_PARAM_END};
        return hip.hipModuleLaunchKernel(kernel->function, grid[0], grid[1], grid[2], block[0], block[1], block[2], sharedBytes,
                                         stream, nullptr, size == 0 ? nullptr : extra);
    };
    return submit(env, std::move(task), nothing);
}

Napi::Value StreamHandle::record(const Napi::CallbackInfo& info) {
    const auto event = eventArgument(info[0]);
    const uint64_t recording = event->ask();
    const auto made = madeGuard(event, recording);
    Task task;
    task.asked = "recording an event";
    task.run = [event, recording](hipStream_t stream, const char*& call) {
        call = "hipEventRecord";
        const hipError_t code = event->device->hip().hipEventRecord(event->event, stream);
        event->made(recording);
        return code;
    };
    task.holds = {made};
    return submit(info.Env(), std::move(task), nothing);
}

Napi::Value StreamHandle::wait(const Napi::CallbackInfo& info) {
    const auto event = eventArgument(info[0]);
    Task task;
    task.asked = "waiting for an event";
    task.run = [event, recording = event->asked()](hipStream_t stream, const char*& call) {
        call = "hipStreamWaitEvent";
        event->awaitMade(recording);
        return event->device->hip().hipStreamWaitEvent(stream, event->event, 0);
    };
    return submit(info.Env(), std::move(task), nothing);
}

Napi::Value StreamHandle::synchronize(const Napi::CallbackInfo& info) {
    Task task;
    task.asked = "synchronizing a stream";
    task.run = [](hipStream_t, const char*&) { return hipSuccess; };
    return submit(info.Env(), std::move(task), nothing);
}

void StreamHandle::stop(const Napi::CallbackInfo& info) {
    const auto channel = static_cast<uint32_t>(integerArgument(info[0], "channel", UINT32_MAX));
    const auto ticket = static_cast<uint32_t>(integerArgument(info[1], "ticket", UINT32_MAX));
    state()->stop(Settler::idOf(channel, ticket));
}

void StreamHandle::dispose(const Napi::CallbackInfo&) {
    if (state_) {
        state_->finish();
        state_.reset();
    }
}

}  // namespace soma::hip
