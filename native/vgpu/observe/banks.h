// LDS bank conflicts. The rule: banks are 4 bytes wide, and the bank of a byte address is address / 4 mod the number of
// banks. An instruction's lanes go in phases of as many lanes as fill all banks once (32 lanes of 4 bytes, 16 of 8, 8 of
// 16 with 32 banks); a phase takes as many cycles as the busiest bank has different words to give. Lanes that read the
// same word share it. What is counted are the cycles beyond one for each phase.
// Sources: RDNA3 and MI300 ISA, "Local Data Share" (32 banks for a compute unit); AMD's CK Tile documentation,
// "Understanding AMD GPU LDS and Bank Conflicts", for phases and the lanes of a 16-byte read on CDNA; gfx950 has 64 banks.
#pragma once

#include "../target.h"
#include "addresses.h"

namespace soma::vgpu {

unsigned ldsBanks(const Target& target);

struct BankCycles {
    uint32_t cycles = 0;
    uint32_t conflicts = 0;
};

/// `addresses.lds` are the lanes; `bytes` of each.
BankCycles bankCycles(const Target& target, const LaneAddresses& addresses, unsigned lanes, unsigned bytes,
                      Touch touch);

}  // namespace soma::vgpu
