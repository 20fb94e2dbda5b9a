// Random inputs by splitmix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014).
#include "cases.h"

#include <random>

namespace bench {

uint64_t seed() {
    static const uint64_t value = [] {
        std::random_device device;
        return uint64_t(device()) << 32 | device();
    }();
    return value;
}

namespace {
uint64_t next(uint64_t& state) {
    uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}
uint64_t stream = 0;
}  // namespace

std::vector<float> uniform(size_t count, float low, float high) {
    uint64_t state = seed() + ++stream * 0x632be59bd9b4e019;
    std::vector<float> values(count);
    for (float& value : values) {
        value = low + (high - low) * (static_cast<float>(next(state) >> 40) * 0x1p-24f);
    }
    return values;
}

std::vector<uint32_t> randomWords(size_t count) {
    uint64_t state = seed() + ++stream * 0x632be59bd9b4e019;
    std::vector<uint32_t> values(count);
    for (uint32_t& value : values) {
        value = static_cast<uint32_t>(next(state) >> 32);
    }
    return values;
}

}  // namespace bench
