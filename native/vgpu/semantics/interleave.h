// Elements of one to four words, lane after lane in memory, to rows of registers (word w of all lanes) and back, with the
// host's shuffles. What lies in memory needs no alignment. `lanes`: words from one row of registers to the next.
#pragma once

#include "vector.h"

#include <cstddef>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace soma::vgpu::SOMA_HOST_ISA {

template <class T>
inline T readMemory(const std::byte* pointer) {
    T value;
    std::memcpy(&value, pointer, sizeof value);
    return value;
}

constexpr unsigned kQuadBytes = 16;

#if defined(__AVX2__)
/// Four words of two elements.
using Quads = uint32_t __attribute__((vector_size(32)));
inline Quads readQuads(const std::byte* low, const std::byte* high) {
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(low));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(high));
    return reinterpret_cast<Quads>(_mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1));
}
inline void writeQuads(Quads value, std::byte* low, std::byte* high) {
    const auto both = reinterpret_cast<__m256i>(value);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm256_castsi256_si128(both));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm256_extracti128_si256(both, 1));
}
inline Quads interleaveLow(Quads a, Quads b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13); }
inline Quads interleaveHigh(Quads a, Quads b) { return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15); }
inline Quads pairsLow(Quads a, Quads b) { return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13); }
inline Quads pairsHigh(Quads a, Quads b) { return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
#else
using Quads = uint32_t __attribute__((vector_size(16)));
inline Quads readQuads(const std::byte* low, const std::byte*) { return readMemory<Quads>(low); }
inline void writeQuads(Quads value, std::byte* low, std::byte*) { std::memcpy(low, &value, sizeof value); }
inline Quads interleaveLow(Quads a, Quads b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
inline Quads interleaveHigh(Quads a, Quads b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
inline Quads pairsLow(Quads a, Quads b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); }
inline Quads pairsHigh(Quads a, Quads b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); }
#endif
constexpr unsigned kQuadLanes = sizeof(Quads) / 4;

/// Four elements of four words become four rows of a word each, and back; of both elements of `Quads` alike.
inline void transpose(Quads (&rows)[4]) {
    const Quads a = interleaveLow(rows[0], rows[1]);
    const Quads b = interleaveHigh(rows[0], rows[1]);
    const Quads c = interleaveLow(rows[2], rows[3]);
    const Quads d = interleaveHigh(rows[2], rows[3]);
    rows[0] = pairsLow(a, c);
    rows[1] = pairsHigh(a, c);
    rows[2] = pairsLow(b, d);
    rows[3] = pairsHigh(b, d);
}

/// Elements of four words of all lanes, wherever they lie, to rows of registers. `at(lane)`: where a lane's lies.
template <class At>
inline void loadQuads(At at, uint32_t* target, unsigned lanes) {
    for (unsigned lane = 0; lane < kPart; lane += kQuadLanes) {
        Quads rows[4];
        for (unsigned i = 0; i < 4; ++i) {
            rows[i] = readQuads(at(lane + i), at(lane + kQuadLanes / 2 + i));
        }
        transpose(rows);
        for (unsigned word = 0; word < 4; ++word) {
            std::memcpy(target + word * lanes + lane, &rows[word], sizeof(Quads));
        }
    }
}

template <class At>
inline void storeQuads(At at, const uint32_t* data, unsigned lanes) {
    for (unsigned lane = 0; lane < kPart; lane += kQuadLanes) {
        Quads rows[4];
        for (unsigned word = 0; word < 4; ++word) {
            std::memcpy(&rows[word], data + word * lanes + lane, sizeof(Quads));
        }
        transpose(rows);
        for (unsigned i = 0; i < 4; ++i) {
            writeQuads(rows[i], at(lane + i), at(lane + kQuadLanes / 2 + i));
        }
    }
}

#if defined(__AVX512F__)
/// The same word of 16 lanes, or 16 words as they lie in memory.
using Sixteen = uint32_t __attribute__((vector_size(64)));
constexpr unsigned kSixteen = 16;

/// Word i of the result is word `Index(i)` of the first, or from 16 on of the second.
template <auto Index>
inline Sixteen pick(Sixteen a, Sixteen b) {
    return [&]<size_t... I>(std::index_sequence<I...>) {
        return __builtin_shufflevector(a, b, Index(unsigned(I))...);
    }(std::make_index_sequence<kSixteen>{});
}
/// As above, of three.
template <auto Index>
inline Sixteen pick(Sixteen a, Sixteen b, Sixteen c) {
    constexpr auto kFirst = [](unsigned i) { return Index(i) < 2 * kSixteen ? Index(i) : 0; };
    constexpr auto kSecond = [](unsigned i) { return Index(i) < 2 * kSixteen ? i : Index(i) - kSixteen; };
    return pick<kSecond>(pick<kFirst>(a, b), c);
}

/// 16 elements as they lie in memory to their rows, and back, in place.
inline void toRows(Sixteen (&v)[2]) {
    const Sixteen first = pick<[](unsigned lane) { return lane * 2; }>(v[0], v[1]);
    v[1] = pick<[](unsigned lane) { return lane * 2 + 1; }>(v[0], v[1]);
    v[0] = first;
}
inline void toElements(Sixteen (&v)[2]) {
    const Sixteen first = pick<[](unsigned i) { return i % 2 * kSixteen + i / 2; }>(v[0], v[1]);
    v[1] = pick<[](unsigned i) { return i % 2 * kSixteen + 8 + i / 2; }>(v[0], v[1]);
    v[0] = first;
}
inline void toRows(Sixteen (&v)[3]) {
    const Sixteen first = pick<[](unsigned lane) { return lane * 3; }>(v[0], v[1], v[2]);
    const Sixteen second = pick<[](unsigned lane) { return lane * 3 + 1; }>(v[0], v[1], v[2]);
    v[2] = pick<[](unsigned lane) { return lane * 3 + 2; }>(v[0], v[1], v[2]);
    v[0] = first;
    v[1] = second;
}
inline void toElements(Sixteen (&v)[3]) {
    const Sixteen first = pick<[](unsigned i) { return i % 3 * kSixteen + i / 3; }>(v[0], v[1], v[2]);
    const Sixteen second = pick<[](unsigned i) { return (i + 16) % 3 * kSixteen + (i + 16) / 3; }>(v[0], v[1], v[2]);
    v[2] = pick<[](unsigned i) { return (i + 32) % 3 * kSixteen + (i + 32) / 3; }>(v[0], v[1], v[2]);
    v[0] = first;
    v[1] = second;
}
/// The lower halves of two, and the upper ones.
inline Sixteen lowHalves(Sixteen a, Sixteen b) {
    return pick<[](unsigned i) { return i + (i < 8 ? 0 : 8); }>(a, b);
}
inline Sixteen highHalves(Sixteen a, Sixteen b) {
    return pick<[](unsigned i) { return i + (i < 8 ? 8 : 16); }>(a, b);
}
inline void toRows(Sixteen (&v)[4]) {
    // Words 0 and 1 of eight lanes each, then words 2 and 3.
    constexpr auto kFirst = [](unsigned i) { return i % 8 * 4 + i / 8; };
    constexpr auto kSecond = [](unsigned i) { return i % 8 * 4 + i / 8 + 2; };
    const Sixteen parts[4] = {pick<kFirst>(v[0], v[1]), pick<kFirst>(v[2], v[3]), pick<kSecond>(v[0], v[1]),
                              pick<kSecond>(v[2], v[3])};
    v[0] = lowHalves(parts[0], parts[1]);
    v[1] = highHalves(parts[0], parts[1]);
    v[2] = lowHalves(parts[2], parts[3]);
    v[3] = highHalves(parts[2], parts[3]);
}
inline void toElements(Sixteen (&v)[4]) {
    constexpr auto kFirst = [](unsigned i) { return i % 4 * 8 + i / 4; };
    constexpr auto kSecond = [](unsigned i) { return i % 4 * 8 + 4 + i / 4; };
    const Sixteen low[2] = {lowHalves(v[0], v[1]), lowHalves(v[2], v[3])};
    const Sixteen high[2] = {highHalves(v[0], v[1]), highHalves(v[2], v[3])};
    v[0] = pick<kFirst>(low[0], low[1]);
    v[1] = pick<kSecond>(low[0], low[1]);
    v[2] = pick<kFirst>(high[0], high[1]);
    v[3] = pick<kSecond>(high[0], high[1]);
}
#endif

/// Elements of so many words, one after the other, to rows of registers: word w of lane l comes from 4·(l·Words + w).
template <unsigned Words>
inline void loadContiguous(const std::byte* from, uint32_t* target, unsigned lanes) {
    if constexpr (Words == 1) {
        std::memcpy(target, from, kPart * sizeof(uint32_t));
    } else {
#if defined(__AVX512F__)
    for (unsigned lane = 0; lane < kPart; lane += kSixteen) {
        Sixteen vectors[Words];
        // One by one: as a whole they would go by way of the stack.
        for (unsigned i = 0; i < Words; ++i) {
            std::memcpy(&vectors[i], from + (lane * Words + i * kSixteen) * 4, sizeof(Sixteen));
        }
        toRows(vectors);
        for (unsigned word = 0; word < Words; ++word) {
            std::memcpy(target + word * lanes + lane, &vectors[word], sizeof(Sixteen));
        }
    }
#else
    if constexpr (Words == 4) {
        loadQuads([from](unsigned lane) { return from + lane * kQuadBytes; }, target, lanes);
    } else {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            for (unsigned word = 0; word < Words; ++word) {
                target[word * lanes + lane] = readMemory<uint32_t>(from + (lane * Words + word) * 4);
            }
        }
    }
#endif
    }
}

#if defined(__AVX512F__)
/// Rows of registers to elements, 16 words at a time: `put(at, words)` takes those that lie `at` bytes behind the first.
template <unsigned Words, class Put>
inline void forEachSixteen(const uint32_t* data, unsigned lanes, Put put) {
    for (unsigned lane = 0; lane < kPart; lane += kSixteen) {
        Sixteen vectors[Words];
        for (unsigned word = 0; word < Words; ++word) {
            std::memcpy(&vectors[word], data + word * lanes + lane, sizeof(Sixteen));
        }
        if constexpr (Words > 1) {
            toElements(vectors);
        }
        for (unsigned i = 0; i < Words; ++i) {
            put((lane * Words + i * kSixteen) * 4, vectors[i]);
        }
    }
}
#endif

template <unsigned Words>
inline void storeContiguous(std::byte* to, const uint32_t* data, unsigned lanes) {
    if constexpr (Words == 1) {
        std::memcpy(to, data, kPart * sizeof(uint32_t));
    } else {
#if defined(__AVX512F__)
    forEachSixteen<Words>(data, lanes, [to](size_t at, Sixteen words) { std::memcpy(to + at, &words, sizeof words); });
#else
    if constexpr (Words == 4) {
        storeQuads([to](unsigned lane) { return to + lane * kQuadBytes; }, data, lanes);
    } else {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            for (unsigned word = 0; word < Words; ++word) {
                std::memcpy(to + (lane * Words + word) * 4, &data[word * lanes + lane], 4);
            }
        }
    }
#endif
    }
}

/// What a host's vector unit stores at once past its caches.
#if defined(__AVX512F__)
using Streamed = __m512i;
inline void stream(std::byte* to, Streamed value) { _mm512_stream_si512(reinterpret_cast<__m512i*>(to), value); }
#elif defined(__AVX2__)
using Streamed = __m256i;
inline void stream(std::byte* to, Streamed value) { _mm256_stream_si256(reinterpret_cast<__m256i*>(to), value); }
#elif defined(__SSE2__)
using Streamed = __m128i;
inline void stream(std::byte* to, Streamed value) { _mm_stream_si128(reinterpret_cast<__m128i*>(to), value); }
#else
using Streamed = uint64_t;
inline void stream(std::byte* to, Streamed value) { std::memcpy(to, &value, sizeof value); }
#endif

/// As storeContiguous, past the host's caches, which then fetch nothing of what is overwritten as a whole: for whole lines
/// that hardly anyone reads soon. Nothing orders these stores for other threads but completeStreams.
template <unsigned Words>
inline void streamContiguous(std::byte* to, const uint32_t* data, unsigned lanes) {
#if defined(__AVX512F__)
    forEachSixteen<Words>(data, lanes, [to](size_t at, Sixteen words) {
        stream(to + at, reinterpret_cast<Streamed>(words));
    });
#else
    alignas(64) std::byte buffer[kPart * Words * sizeof(uint32_t)];
    storeContiguous<Words>(buffer, data, lanes);
    for (size_t at = 0; at < sizeof buffer; at += sizeof(Streamed)) {
        stream(to + at, readMemory<Streamed>(buffer + at));
    }
#endif
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
