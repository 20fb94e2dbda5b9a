// Graphs of a device's JavaScript object.
#include "handles.h"

#include <cstring>

namespace soma::hip {

namespace {

/// Reads the commands of a graph: launches and copies, one behind the other.
std::vector<GraphNode> readNodes(Napi::Env env, Addon& addon, const std::shared_ptr<DeviceState>& device,
                                 std::span<const std::byte> bytes) {
    std::vector<GraphNode> nodes;
    for (size_t at = 0; at < bytes.size();) {
        CommandHeader header{};
        if (bytes.size() - at >= sizeof header) {
            std::memcpy(&header, bytes.data() + at, sizeof header);
        }
        if (header.bytes < sizeof header || header.bytes % 8 != 0 || header.bytes > bytes.size() - at) {
            throw Napi::RangeError::New(env, "a command ends outside of its buffer");
        }
        const auto rest = bytes.subspan(at + sizeof header, header.bytes - sizeof header);
        GraphNode node;
        if (header.kind == CommandKind::Launch) {
            auto kernel = addon.kernels.find(header.object);
            if (!kernel || kernel->module->device != device) {
                throw Napi::TypeError::New(env, "a launch's kernel is none of the device, or was unloaded");
            }
            std::string wrong;
            auto launch = readLaunch(rest, std::move(kernel), wrong);
            if (!launch || launch->shape.cooperative) {
                throw Napi::RangeError::New(env, launch ? "graphs have no cooperative launches" : wrong);
            }
            node.launch = std::move(*launch);
        } else if (header.kind == CommandKind::Copy && rest.size() >= sizeof node.copy) {
            std::memcpy(&node.copy, rest.data(), sizeof node.copy);
        } else {
            throw Napi::TypeError::New(env, "a graph has launches and copies alone");
        }
        nodes.push_back(std::move(node));
        at += header.bytes;
    }
    return nodes;
}

}  // namespace

Napi::Value DeviceHandle::createGraph(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const Bytes commands = bytesArgument(info[0], "commands");
    if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
        throw Napi::TypeError::New(env, "edges must be a Uint32Array");
    }
    auto nodes = readNodes(env, Addon::of(env), state(), {commands.data.get(), commands.size});
    const auto edges = info[1].As<Napi::Uint32Array>();
    for (size_t i = 0; i + 1 < edges.ElementLength(); i += 2) {
        const uint32_t from = edges[i];
        const uint32_t to = edges[i + 1];
        if (from >= to || to >= nodes.size()) {
            throw Napi::RangeError::New(env, "an edge does not go from a node to a later one");
        }
        nodes[to].dependencies.push_back(from);
    }
    auto graph = unwrap(env, makeGraph(state(), nodes));
    return graph ? GraphHandle::make(env, std::move(graph)) : env.Undefined();
}

std::vector<GraphHandle::PropertyDescriptor> GraphHandle::members() {
    return {
        InstanceAccessor<&GraphHandle::slot>("slot"),
        InstanceAccessor("disposed", &GraphHandle::disposed, nullptr),
        InstanceMethod<&GraphHandle::dispose>("dispose"),
    };
}

Napi::Value GraphHandle::slot(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), slot_); }

void GraphHandle::dispose(const Napi::CallbackInfo&) { state_.reset(); }

}  // namespace soma::hip
