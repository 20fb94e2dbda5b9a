// Sizes follow from the headers: the ELF64 specification, and clang's documentation of the offload bundler
// (https://clang.llvm.org/docs/ClangOffloadBundler.html, "Bundled Code Object Layout"): 24 bytes of magic, the number of
// entries, then for each its offset, size, length of its id (64 bits each, little-endian) and the id. "Compressed Bundle
// File Format" there: magic, version and method (16 bits each), from version 2 on the whole size, then the expanded size
// (both of 32 bits up to version 2, of 64 from version 3 on), a hash of 64 bits.
#include "image.h"

#include <llvm/ADT/SmallVector.h>
#include <llvm/Support/Compression.h>
#include <llvm/Support/Error.h>

#include <elf.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace soma::vgpu::hip {

namespace {

constexpr std::string_view kBundleMagic = "__CLANG_OFFLOAD_BUNDLE__";
constexpr std::string_view kCompressedMagic = "CCOB";
/// Beyond these, a header is taken as damaged rather than as large.
constexpr uint64_t kMostBytes = uint64_t(2) << 30;
constexpr uint64_t kMostEntries = 4096;
constexpr uint64_t kMostIdBytes = 4096;

bool startsWith(std::span<const std::byte> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

/// Grows `bytes` to `size` from `image`, through the kernel, which says "bad address" where a copy would crash.
bool extend(const void* image, uint64_t size, std::vector<std::byte>& bytes) {
    while (bytes.size() < size) {
        const size_t have = bytes.size();
        bytes.resize(size);
        iovec local{bytes.data() + have, size - have};
        iovec remote{static_cast<std::byte*>(const_cast<void*>(image)) + have, size - have};
        const ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
        if (got < 0 && (errno == ENOSYS || errno == EPERM)) {
            // Not allowed in this sandbox: trust the pointer, as HIP does.
            std::memcpy(local.iov_base, remote.iov_base, local.iov_len);
            return true;
        }
        bytes.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
        if (got <= 0) {
            return false;
        }
    }
    return true;
}

template <typename T>
std::optional<T> readAt(std::span<const std::byte> bytes, uint64_t offset) {
    if (offset > bytes.size() || sizeof(T) > bytes.size() - offset) {
        return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

struct Range {
    uint64_t offset = 0;
    uint64_t size = 0;
    /// Nothing if it ends beyond what an image may have.
    std::optional<uint64_t> end() const {
        return offset <= kMostBytes && size <= kMostBytes ? std::optional(offset + size) : std::nullopt;
    }
};

Failure invalid(std::string words) { return {hipErrorInvalidImage, std::move(words)}; }

Failure unreadable(const void* image) {
    return invalid("the code object at " + hex(image) + " is truncated, or its address is wrong: memory that its "
                   "headers count as part of it cannot be read");
}

/// Copies all that the headers of an ELF file name.
std::optional<Failure> copyElf(const void* image, std::vector<std::byte>& bytes) {
    if (!extend(image, sizeof(Elf64_Ehdr), bytes)) {
        return unreadable(image);
    }
    const auto header = *readAt<Elf64_Ehdr>(bytes, 0);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
        return invalid("the code object is no little-endian ELF64 file");
    }
    const uint64_t segmentTable = uint64_t(header.e_phnum) * header.e_phentsize;
    const uint64_t sectionTable = uint64_t(header.e_shnum) * header.e_shentsize;
    uint64_t size = sizeof(Elf64_Ehdr);
    const auto include = [&size](Range range) {
        const auto end = range.end();
        size = std::max(size, end.value_or(0));
        return end.has_value();
    };
    if (!include({header.e_phoff, segmentTable}) || !include({header.e_shoff, sectionTable})) {
        return invalid("the code object's ELF header is damaged: its tables lie beyond 2 GiB");
    }
    if (!extend(image, size, bytes)) {
        return unreadable(image);
    }
    for (uint16_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = readAt<Elf64_Phdr>(bytes, header.e_phoff + uint64_t(i) * header.e_phentsize);
        if (!segment || !include({segment->p_offset, segment->p_filesz})) {
            return invalid("the code object's program header " + std::to_string(i) + " is damaged");
        }
    }
    for (uint16_t i = 0; i < header.e_shnum; ++i) {
        const auto section = readAt<Elf64_Shdr>(bytes, header.e_shoff + uint64_t(i) * header.e_shentsize);
        if (!section || (section->sh_type != SHT_NOBITS && !include({section->sh_offset, section->sh_size}))) {
            return invalid("the code object's section header " + std::to_string(i) + " is damaged");
        }
    }
    if (!extend(image, size, bytes)) {
        return unreadable(image);
    }
    return std::nullopt;
}

struct RawEntry {
    Range code;
    Range id;
};

/// Entry headers of a bundle. `upTo(size)` gives its first `size` bytes, or nothing where there are not so many.
template <typename UpTo>
std::optional<Failure> walkBundle(std::vector<RawEntry>& entries, UpTo&& upTo) {
    constexpr uint64_t kEntryBytes = 3 * sizeof(uint64_t);
    const Failure truncated = invalid("the offload bundle is truncated within its table of entries");
    std::optional<std::span<const std::byte>> bytes = upTo(kBundleMagic.size() + sizeof(uint64_t));
    if (!bytes) {
        return truncated;
    }
    const uint64_t count = *readAt<uint64_t>(*bytes, kBundleMagic.size());
    if (count > kMostEntries) {
        return invalid("the offload bundle's number of entries is damaged");
    }
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t at = bytes->size();
        bytes = upTo(at + kEntryBytes);
        if (!bytes) {
            return truncated;
        }
        const RawEntry entry{{*readAt<uint64_t>(*bytes, at), *readAt<uint64_t>(*bytes, at + 8)},
                             {at + kEntryBytes, *readAt<uint64_t>(*bytes, at + 16)}};
        if (!entry.code.end() || entry.id.size > kMostIdBytes) {
            return invalid("entry " + std::to_string(i) + " of the offload bundle is damaged");
        }
        bytes = upTo(*entry.id.end());
        if (!bytes) {
            return truncated;
        }
        entries.push_back(entry);
    }
    return std::nullopt;
}

std::optional<Failure> copyBundle(const void* image, std::vector<std::byte>& bytes) {
    std::vector<RawEntry> entries;
    // The copy may already be longer than what is asked for: the table is walked by exact prefixes.
    const auto upTo = [&](uint64_t size) {
        return extend(image, size, bytes) ? std::optional(std::span<const std::byte>(bytes).first(size)) : std::nullopt;
    };
    if (const auto failure = walkBundle(entries, upTo)) {
        return failure;
    }
    uint64_t size = 0;
    for (const RawEntry& entry : entries) {
        size = std::max(size, *entry.code.end());
    }
    if (!upTo(size)) {
        return unreadable(image);
    }
    return std::nullopt;
}

/// The header of a compressed bundle.
struct Compressed {
    uint16_t version = 0;
    /// 0 zlib, 1 zstd.
    uint16_t method = 0;
    /// Header included; 0 where version 1 does not say.
    uint64_t size = 0;
    uint64_t expandedSize = 0;
    uint64_t headerSize = 0;
};
constexpr uint64_t kCompressedHeaderBytes = 32;

std::optional<Compressed> readCompressed(std::span<const std::byte> bytes) {
    const auto version = readAt<uint16_t>(bytes, 4);
    const auto method = readAt<uint16_t>(bytes, 6);
    if (!version || !method || *version == 0 || *version > 3 || *method > 1) {
        return std::nullopt;
    }
    Compressed header{.version = *version, .method = *method};
    uint64_t at = 8;
    const auto next = [&]() -> uint64_t {
        const bool wide = header.version >= 3;
        const auto value = wide ? readAt<uint64_t>(bytes, at) : std::optional<uint64_t>(readAt<uint32_t>(bytes, at));
        at += wide ? 8 : 4;
        return value.value_or(~uint64_t(0));
    };
    header.size = header.version >= 2 ? next() : 0;
    header.expandedSize = next();
    header.headerSize = at + sizeof(uint64_t);
    const bool sound = header.size <= kMostBytes && header.expandedSize <= kMostBytes &&
                       (header.size == 0 || header.size >= header.headerSize);
    return sound ? std::optional(header) : std::nullopt;
}

}  // namespace

std::optional<Failure> expandBundle(std::span<const std::byte> bytes, std::vector<std::byte>& expanded) {
    const auto header = readCompressed(bytes);
    const uint64_t end = header && header->size != 0 ? header->size : bytes.size();
    if (!header || end > bytes.size() || header->headerSize > end) {
        return invalid("the compressed offload bundle is damaged or truncated");
    }
    const auto data = bytes.subspan(header->headerSize, end - header->headerSize);
    const auto format = header->method == 0 ? llvm::compression::Format::Zlib : llvm::compression::Format::Zstd;
    if (const char* reason = llvm::compression::getReasonIfUnsupported(format)) {
        return invalid(std::string("the offload bundle is compressed, which cannot be read here (") + reason +
                       "): bundle with clang's --no-offload-compress");
    }
    llvm::SmallVector<uint8_t, 0> out;
    const llvm::ArrayRef<uint8_t> in(reinterpret_cast<const uint8_t*>(data.data()), data.size());
    if (auto error = llvm::compression::decompress(format, in, out, header->expandedSize)) {
        return invalid("the compressed offload bundle is damaged: " + llvm::toString(std::move(error)));
    }
    expanded.resize(out.size());
    std::memcpy(expanded.data(), out.data(), out.size());
    return std::nullopt;
}

bool isBundle(std::span<const std::byte> bytes) { return startsWith(bytes, kBundleMagic); }

bool isCompressedBundle(std::span<const std::byte> bytes) { return startsWith(bytes, kCompressedMagic); }

std::optional<Failure> imageFromMemory(const void* image, std::vector<std::byte>& bytes) {
    bytes.clear();
    if (!extend(image, SELFMAG, bytes)) {
        return unreadable(image);
    }
    if (startsWith(bytes, std::string_view(ELFMAG, SELFMAG))) {
        return copyElf(image, bytes);
    }
    if (startsWith(bytes, kBundleMagic.substr(0, SELFMAG)) && extend(image, kBundleMagic.size(), bytes) &&
        isBundle(bytes)) {
        return copyBundle(image, bytes);
    }
    if (isCompressedBundle(bytes)) {
        if (!extend(image, kCompressedHeaderBytes, bytes)) {
            return unreadable(image);
        }
        const auto header = readCompressed(bytes);
        if (!header || header->size == 0) {
            return invalid("the compressed offload bundle does not say its size: load it from a file");
        }
        return extend(image, header->size, bytes) ? std::nullopt : std::optional(unreadable(image));
    }
    // Whatever it is, its first bytes are enough to say that it is not what is wanted.
    return std::nullopt;
}

std::optional<Failure> imageFromFile(const std::string& path, std::vector<std::byte>& bytes) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    if (size < 0) {
        return Failure{hipErrorFileNotFound, "the code object file '" + path + "' cannot be opened: " +
                                                 std::strerror(errno)};
    }
    if (static_cast<uint64_t>(size) > kMostBytes) {
        return invalid("'" + path + "' has " + std::to_string(size) + " bytes, too many for a code object");
    }
    bytes.resize(static_cast<size_t>(size));
    file.seekg(0);
    if (size > 0 && !file.read(reinterpret_cast<char*>(bytes.data()), size)) {
        return Failure{hipErrorFileNotFound, "the code object file '" + path + "' cannot be read"};
    }
    return std::nullopt;
}

std::optional<Failure> readBundle(std::span<const std::byte> bytes, std::vector<BundleEntry>& entries) {
    std::vector<RawEntry> raw;
    const auto upTo = [&](uint64_t size) {
        return size <= bytes.size() ? std::optional(bytes.first(size)) : std::nullopt;
    };
    if (const auto failure = walkBundle(raw, upTo)) {
        return failure;
    }
    for (const RawEntry& entry : raw) {
        const std::string_view id(reinterpret_cast<const char*>(bytes.data() + entry.id.offset), entry.id.size);
        if (*entry.code.end() > bytes.size()) {
            return invalid("the offload bundle is truncated: entry '" + std::string(id) + "' ends at byte " +
                           std::to_string(*entry.code.end()) + " of " + std::to_string(bytes.size()));
        }
        // <offload kind>-amdgcn-amd-amdhsa-<environment>-<target id>; the environment is empty.
        const size_t triple = id.find("-amdgcn-");
        const size_t target = id.rfind("-gfx");
        if (triple != std::string_view::npos && target != std::string_view::npos && target > triple) {
            entries.push_back({id.substr(target + 1), bytes.subspan(entry.code.offset, entry.code.size)});
        }
    }
    return std::nullopt;
}

}  // namespace soma::vgpu::hip
