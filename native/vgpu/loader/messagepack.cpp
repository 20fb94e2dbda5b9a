#include "messagepack.h"

namespace soma::vgpu {

namespace {

class PackReader {
public:
    explicit PackReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    bool read(PackedValue& value, unsigned depth = 0) {
        constexpr unsigned kDeepest = 16;
        uint64_t tag = 0;
        if (depth > kDeepest || !number(1, tag)) {
            return false;
        }
        using Kind = PackedValue::Kind;
        if (tag <= 0x7f) {
            value.kind = Kind::Unsigned;
            value.number = tag;
            return true;
        }
        if (tag <= 0x8f) {
            return map(tag & 0xf, value, depth);
        }
        if (tag <= 0x9f) {
            return list(tag & 0xf, value, depth);
        }
        if (tag <= 0xbf) {
            return text(tag & 0x1f, value);
        }
        if (tag >= 0xe0) {
            return true;
        }
        uint64_t size = 0;
        switch (tag) {
        case 0xc2:
        case 0xc3:
            value.kind = Kind::Boolean;
            value.boolean = tag == 0xc3;
            return true;
        case 0xc4:
        case 0xc5:
        case 0xc6:
            return number(1u << (tag - 0xc4), size) && skip(size);
        case 0xc7:
        case 0xc8:
        case 0xc9:
            return number(1u << (tag - 0xc7), size) && skip(1) && skip(size);
        case 0xca:
            return skip(4);
        case 0xcb:
            return skip(8);
        case 0xcc:
        case 0xcd:
        case 0xce:
        case 0xcf:
            value.kind = Kind::Unsigned;
            return number(1u << (tag - 0xcc), value.number);
        case 0xd0:
        case 0xd1:
        case 0xd2:
        case 0xd3:
            return signedNumber(1u << (tag - 0xd0), value);
        case 0xd4:
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8:
            return skip(1 + (uint64_t(1) << (tag - 0xd4)));
        case 0xd9:
        case 0xda:
        case 0xdb:
            return number(1u << (tag - 0xd9), size) && text(size, value);
        case 0xdc:
        case 0xdd:
            return number(2u << (tag - 0xdc), size) && list(size, value, depth);
        case 0xde:
        case 0xdf:
            return number(2u << (tag - 0xde), size) && map(size, value, depth);
        default:
            // 0xc0 is nil, 0xc1 is never used.
            return tag == 0xc0;
        }
    }

private:
    bool skip(uint64_t size) {
        if (size > bytes_.size() - at_) {
            return false;
        }
        at_ += size;
        return true;
    }

    /// Big-endian.
    bool number(unsigned size, uint64_t& value) {
        const size_t begin = at_;
        if (!skip(size)) {
            return false;
        }
        value = 0;
        for (size_t i = begin; i < at_; ++i) {
            value = value << 8 | static_cast<uint8_t>(bytes_[i]);
        }
        return true;
    }

    /// A negative number is nothing that a code object states.
    bool signedNumber(unsigned size, PackedValue& value) {
        if (!number(size, value.number)) {
            return false;
        }
        const bool negative = (value.number >> (size * 8 - 1) & 1) != 0;
        value.kind = negative ? PackedValue::Kind::Nothing : PackedValue::Kind::Unsigned;
        return true;
    }

    bool text(uint64_t size, PackedValue& value) {
        const size_t begin = at_;
        if (!skip(size)) {
            return false;
        }
        value.kind = PackedValue::Kind::Text;
        value.text.assign(reinterpret_cast<const char*>(bytes_.data()) + begin, size);
        return true;
    }

    bool list(uint64_t count, PackedValue& value, unsigned depth) {
        value.kind = PackedValue::Kind::List;
        for (uint64_t i = 0; i < count; ++i) {
            if (!read(value.list.emplace_back(), depth + 1)) {
                return false;
            }
        }
        return true;
    }

    bool map(uint64_t count, PackedValue& value, unsigned depth) {
        value.kind = PackedValue::Kind::Map;
        for (uint64_t i = 0; i < count; ++i) {
            PackedValue key;
            PackedValue content;
            if (!read(key, depth + 1) || !read(content, depth + 1)) {
                return false;
            }
            if (key.kind == PackedValue::Kind::Text) {
                value.entries.emplace_back(std::move(key.text), std::move(content));
            }
        }
        return true;
    }

    std::span<const std::byte> bytes_;
    size_t at_ = 0;
};

}  // namespace

const PackedValue* PackedValue::find(std::string_view key) const {
    for (const auto& [name, content] : entries) {
        if (name == key) {
            return &content;
        }
    }
    return nullptr;
}

std::optional<PackedValue> readMessagePack(std::span<const std::byte> bytes) {
    PackedValue value;
    if (!PackReader(bytes).read(value)) {
        return std::nullopt;
    }
    return value;
}

}  // namespace soma::vgpu
