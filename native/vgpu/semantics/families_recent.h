// Families of instructions that came with CDNA 3, CDNA 4 and RDNA 4: each adds its part to the table.
#pragma once

#include "table.h"

namespace soma::vgpu::SOMA_HOST_ISA {

void addConversions8(Table& table);
void addDirectLdsLoads(Table& table);
void addTransposedLoads(Table& table);
void addRegisterSwaps(Table& table);
void addVectorBitwise(Table& table);

}  // namespace soma::vgpu::SOMA_HOST_ISA
