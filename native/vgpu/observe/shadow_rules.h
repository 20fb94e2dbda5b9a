// How instructions pass on that bits of their sources were never written: by mnemonic, to the bit where values are moved,
// shifted, masked or combined bit by bit, upwards from the lowest such bit for sums and products of integers (as Valgrind's
// Memcheck: Seward and Nethercote, USENIX 2005), and for everything else from any bit to all bits of the result.
#pragma once

#include <cstdint>
#include <string_view>

namespace soma::vgpu {

enum class Spread : uint8_t {
    /// Any bit of a source makes all of the result undefined.
    All,
    /// The result's bits are a source's bits: the instruction itself, run on the shadows, says which.
    Move,
    And,
    Or,
    /// Bit by bit, whatever the values are.
    Union,
    /// From the lowest undefined bit upwards.
    Up,
    /// Not followed: the result counts as written (matrix products, clocks, program counters).
    None,
};

struct ShadowRule {
    Spread spread = Spread::All;
    /// Of moves: the sources whose bits are moved; the others choose which.
    uint8_t moved = 0;
    /// And, Or: of the second source the complement counts.
    bool invertSecond = false;
};

ShadowRule shadowRule(std::string_view mnemonic);

}  // namespace soma::vgpu
