// What LLVM calls of the C library only because the machine that it was built on has it: with this one of its own the addon loads on
// older systems as well. arc4random came with glibc 2.36; getrandom, which it is made of there, with 2.25.
#include <sys/random.h>

#include <cstdint>
#include <cstdlib>

extern "C" __attribute__((visibility("hidden"))) uint32_t arc4random() {
    uint32_t number = 0;
    // Up to 256 bytes are given at once, or nothing at all (getrandom(2)).
    if (getrandom(&number, sizeof number, 0) != sizeof number) {
        std::abort();
    }
    return number;
}
