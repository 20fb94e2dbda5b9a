#include "metadata.h"

#include "llvm/BinaryFormat/MsgPackReader.h"
#include "llvm/Support/Error.h"

namespace soma::llvm_addon {

namespace {

// AMD's metadata is four levels deep.
constexpr unsigned MAX_DEPTH = 16;

}  // namespace

class MetadataReader {
public:
    explicit MetadataReader(llvm::StringRef bytes) : reader(bytes), bytesLeft(bytes.size()) {}

    Metadata read(unsigned depth = 0) {
        llvm::msgpack::Object object;
        llvm::Expected<bool> more = reader.read(object);
        if (!more) {
            throw CodeObjectError("its metadata is not well-formed MessagePack: " + llvm::toString(more.takeError()));
        }
        if (!*more) {
            throw CodeObjectError("its metadata ends in the middle of a value");
        }
        Metadata node;
        switch (object.Kind) {
        case llvm::msgpack::Type::UInt:
            node.kind = Metadata::Kind::Unsigned;
            node.number = object.UInt;
            break;
        case llvm::msgpack::Type::Int:
            // A writer may choose the signed form for a number that is not negative.
            if (object.Int >= 0) {
                node.kind = Metadata::Kind::Unsigned;
                node.number = static_cast<uint64_t>(object.Int);
            }
            break;
        case llvm::msgpack::Type::Boolean:
            node.kind = Metadata::Kind::Boolean;
            node.number = object.Bool;
            break;
        case llvm::msgpack::Type::String:
            node.kind = Metadata::Kind::String;
            node.text = object.Raw.str();
            break;
        case llvm::msgpack::Type::Array:
            node.kind = Metadata::Kind::Array;
            checkLength(object.Length, depth);
            for (size_t i = 0; i < object.Length; i++) {
                node.items.push_back(read(depth + 1));
            }
            break;
        case llvm::msgpack::Type::Map:
            node.kind = Metadata::Kind::Map;
            checkLength(object.Length, depth);
            for (size_t i = 0; i < object.Length; i++) {
                node.keys.push_back(read(depth + 1).text);
                node.items.push_back(read(depth + 1));
            }
            break;
        default: break;
        }
        return node;
    }

private:
    void checkLength(size_t length, unsigned depth) const {
        if (depth >= MAX_DEPTH || length > bytesLeft) {
            throw CodeObjectError("its metadata is nested too deeply or longer than the note that holds it");
        }
    }

    llvm::msgpack::Reader reader;
    const size_t bytesLeft;
};

Metadata Metadata::parse(llvm::StringRef bytes) {
    Metadata root = MetadataReader(bytes).read();
    if (root.kind != Kind::Map) {
        throw CodeObjectError("its metadata is not a map");
    }
    return root;
}

const Metadata* Metadata::find(llvm::StringRef key) const {
    for (size_t i = 0; i < keys.size(); i++) {
        if (keys[i] == key) {
            return &items[i];
        }
    }
    return nullptr;
}

const Metadata* Metadata::allow(llvm::StringRef key, Kind kind, const char* name) const {
    const Metadata* value = find(key);
    if (value != nullptr && value->kind != kind) {
        throw CodeObjectError("in its metadata, " + key.str() + " is not " + name);
    }
    return value;
}

const Metadata& Metadata::require(llvm::StringRef key, Kind kind, const char* name) const {
    const Metadata* value = allow(key, kind, name);
    if (value == nullptr) {
        throw CodeObjectError("its metadata has no " + key.str());
    }
    return *value;
}

uint64_t Metadata::unsignedAt(llvm::StringRef key) const {
    return require(key, Kind::Unsigned, "an unsigned number").number;
}

std::string Metadata::stringAt(llvm::StringRef key) const { return require(key, Kind::String, "a string").text; }

const std::vector<Metadata>& Metadata::arrayAt(llvm::StringRef key) const {
    return require(key, Kind::Array, "an array").items;
}

std::optional<uint64_t> Metadata::optionalUnsigned(llvm::StringRef key) const {
    const Metadata* value = allow(key, Kind::Unsigned, "an unsigned number");
    return value == nullptr ? std::nullopt : std::optional(value->number);
}

std::optional<std::string> Metadata::optionalString(llvm::StringRef key) const {
    const Metadata* value = allow(key, Kind::String, "a string");
    return value == nullptr ? std::nullopt : std::optional(value->text);
}

bool Metadata::flag(llvm::StringRef key) const {
    const Metadata* value = allow(key, Kind::Boolean, "a boolean");
    return value != nullptr && value->number != 0;
}

const std::vector<Metadata>* Metadata::optionalArray(llvm::StringRef key) const {
    const Metadata* value = allow(key, Kind::Array, "an array");
    return value == nullptr ? nullptr : &value->items;
}

uint64_t Metadata::asUnsigned() const {
    if (kind != Kind::Unsigned) {
        throw CodeObjectError("in its metadata, an element of an array is not an unsigned number");
    }
    return number;
}

}  // namespace soma::llvm_addon
