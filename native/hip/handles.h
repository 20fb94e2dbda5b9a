// The addon's JavaScript classes. runtime/hip/binding.ts documents their members.
#pragma once

#include "graph.h"
#include "handle.h"

namespace soma::hip {

class LibraryHandle : public Handle<LibraryHandle, LibraryState> {
public:
    static constexpr const char* kName = "Library";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f01};
    using Handle::Handle;
    static std::vector<PropertyDescriptor> members();

private:
    Napi::Value path(const Napi::CallbackInfo& info);
    Napi::Value runtimeVersion(const Napi::CallbackInfo& info);
    Napi::Value virtualAbiVersion(const Napi::CallbackInfo& info);
    Napi::Value deviceCount(const Napi::CallbackInfo& info);
    Napi::Value device(const Napi::CallbackInfo& info);
    void configureVirtualDevices(const Napi::CallbackInfo& info);
};

class DeviceHandle : public Handle<DeviceHandle, DeviceState> {
public:
    static constexpr const char* kName = "Device";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f02};
    using Handle::Handle;
    static std::vector<PropertyDescriptor> members();

private:
    Napi::Value index(const Napi::CallbackInfo& info);
    Napi::Value name(const Napi::CallbackInfo& info);
    Napi::Value target(const Napi::CallbackInfo& info);
    Napi::Value architecture(const Napi::CallbackInfo& info);
    Napi::Value attribute(const Napi::CallbackInfo& info);
    Napi::Value memory(const Napi::CallbackInfo& info);
    Napi::Value allocate(const Napi::CallbackInfo& info);
    Napi::Value allocateHost(const Napi::CallbackInfo& info);
    Napi::Value import(const Napi::CallbackInfo& info);
    Napi::Value exportMemory(const Napi::CallbackInfo& info);
    Napi::Value openMemory(const Napi::CallbackInfo& info);
    Napi::Value lost(const Napi::CallbackInfo& info);
    Napi::Value reset(const Napi::CallbackInfo& info);
    Napi::Value loadModule(const Napi::CallbackInfo& info);
    Napi::Value createStream(const Napi::CallbackInfo& info);
    Napi::Value createEvent(const Napi::CallbackInfo& info);
    Napi::Value createGraph(const Napi::CallbackInfo& info);
    void submit(const Napi::CallbackInfo& info);
    void drain(const Napi::CallbackInfo& info);
    Napi::Value counters(const Napi::CallbackInfo& info);
    Napi::Value setProfiling(const Napi::CallbackInfo& info);
    Napi::Value profile(const Napi::CallbackInfo& info);
    Napi::Value setSanitizing(const Napi::CallbackInfo& info);
    Napi::Value sanitizerReports(const Napi::CallbackInfo& info);
    Napi::Value setTrace(const Napi::CallbackInfo& info);
    Napi::Value trace(const Napi::CallbackInfo& info);
    Napi::Value setInstructionLimit(const Napi::CallbackInfo& info);
};

class BufferHandle : public Handle<BufferHandle, BufferState> {
public:
    static constexpr const char* kName = "Buffer";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f03};
    using Handle::Handle;
    static std::vector<PropertyDescriptor> members();
    static Napi::Object make(const Napi::Object& device, std::shared_ptr<BufferState> state);
    void Finalize(Napi::Env env) override;

private:
    Napi::Value device(const Napi::CallbackInfo& info);
    Napi::Value address(const Napi::CallbackInfo& info);
    Napi::Value bytes(const Napi::CallbackInfo& info);
    Napi::Value isHost(const Napi::CallbackInfo& info);
    Napi::Value host(const Napi::CallbackInfo& info);
    void dispose(const Napi::CallbackInfo& info);
    void release(Napi::Env env);

    Napi::ObjectReference device_;
    /// Made when it is first asked for.
    Napi::Reference<Napi::ArrayBuffer> host_;
};

class ModuleHandle : public Handle<ModuleHandle, ModuleState> {
public:
    static constexpr const char* kName = "Module";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f04};
    using Handle::Handle;
    static std::vector<PropertyDescriptor> members();

private:
    Napi::Value kernel(const Napi::CallbackInfo& info);
    Napi::Value global(const Napi::CallbackInfo& info);
    void reload(const Napi::CallbackInfo& info);
    void dispose(const Napi::CallbackInfo& info);
};

class KernelHandle : public Handle<KernelHandle, KernelState> {
public:
    static constexpr const char* kName = "Kernel";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f05};
    explicit KernelHandle(const Napi::CallbackInfo& info)
        : Handle(info), slot_(Addon::of(info.Env()).kernels.add(state_)) {}
    static std::vector<PropertyDescriptor> members();

private:
    Napi::Value slot(const Napi::CallbackInfo& info);
    Napi::Value name(const Napi::CallbackInfo& info);
    template <int KernelState::* Member>
    Napi::Value number(const Napi::CallbackInfo& info);
    Napi::Value resident(const Napi::CallbackInfo& info);

    const uint32_t slot_;
};

class EventHandle : public Handle<EventHandle, EventState> {
public:
    static constexpr const char* kName = "Event";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f06};
    explicit EventHandle(const Napi::CallbackInfo& info)
        : Handle(info), slot_(Addon::of(info.Env()).events.add(state_)) {}
    static std::vector<PropertyDescriptor> members();

private:
    Napi::Value slot(const Napi::CallbackInfo& info);
    Napi::Value query(const Napi::CallbackInfo& info);
    Napi::Value elapsedSince(const Napi::CallbackInfo& info);
    void dispose(const Napi::CallbackInfo& info);

    const uint32_t slot_;
};

class GraphHandle : public Handle<GraphHandle, GraphState> {
public:
    static constexpr const char* kName = "Graph";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f08};
    explicit GraphHandle(const Napi::CallbackInfo& info)
        : Handle(info), slot_(Addon::of(info.Env()).graphs.add(state_)) {}
    static std::vector<PropertyDescriptor> members();

private:
    Napi::Value slot(const Napi::CallbackInfo& info);
    void dispose(const Napi::CallbackInfo& info);

    const uint32_t slot_;
};

class StreamHandle : public Handle<StreamHandle, Worker> {
public:
    static constexpr const char* kName = "Stream";
    static constexpr napi_type_tag kTag{0x53a9d0f14c2b4e61, 0x8d1700a1c96e3f07};
    explicit StreamHandle(const Napi::CallbackInfo& info)
        : Handle(info), slot_(Addon::of(info.Env()).streams.add(state_)) {}
    ~StreamHandle() override;
    static std::vector<PropertyDescriptor> members();
    static Napi::Object make(const Napi::Object& device, std::shared_ptr<Worker> worker);

private:
    Napi::Value device(const Napi::CallbackInfo& info);
    Napi::Value slot(const Napi::CallbackInfo& info);
    Napi::Value completed(const Napi::CallbackInfo& info);
    Napi::Value submitted(const Napi::CallbackInfo& info);
    Napi::Value write(const Napi::CallbackInfo& info);
    Napi::Value read(const Napi::CallbackInfo& info);
    Napi::Value fill(const Napi::CallbackInfo& info);
    Napi::Value initialise(const Napi::CallbackInfo& info);
    Napi::Value copy(const Napi::CallbackInfo& info);
    Napi::Value launch(const Napi::CallbackInfo& info);
    Napi::Value record(const Napi::CallbackInfo& info);
    Napi::Value wait(const Napi::CallbackInfo& info);
    Napi::Value synchronize(const Napi::CallbackInfo& info);
    void stop(const Napi::CallbackInfo& info);
    void dispose(const Napi::CallbackInfo& info);

    /// A buffer of the stream's device, or of another of its library.
    std::shared_ptr<BufferState> bufferArgument(const Napi::Value& value, const std::string& parameter,
                                                bool anywhere = false);
    std::shared_ptr<EventState> eventArgument(const Napi::Value& value);
    /// @param ran empty, undefined, or where the times go: a Float64Array
    Napi::Promise submit(Napi::Env env, Task task, Settler::Value value, const Napi::Value& ran = {});

    const uint32_t slot_;
    Napi::ObjectReference device_;
};

}  // namespace soma::hip
