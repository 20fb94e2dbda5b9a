// Families of instructions that came with CDNA 3, CDNA 4 and RDNA 4, and rare ones: each adds its part to the table.
#pragma once

#include "table.h"

namespace soma::vgpu::SOMA_HOST_ISA {

void addConversions8(Table& table);
void addDirectLdsLoads(Table& table);
void addTransposedLoads(Table& table);
void addRegisterSwaps(Table& table);
void addVectorBitwise(Table& table);
void addScaledConversions(Table& table);
void addVectorMedia(Table& table);
void addLdsOperations(Table& table);
void addBlockAccess(Table& table);
void addGlobalWaveSync(Table& table);
void addNamedBarriers(Table& table);
void addScalarStores(Table& table);
void addRegisterIndexMode(Table& table);

}  // namespace soma::vgpu::SOMA_HOST_ISA
