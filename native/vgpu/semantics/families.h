// The families of instructions: each adds its part to the table.
#pragma once

#include "table.h"

namespace soma::vgpu::SOMA_HOST_ISA {

void addScalarInteger(Table& table);
void addScalarFloat(Table& table);
void addControlFlow(Table& table);
void addScalarState(Table& table);
void addScalarMemory(Table& table);
void addVectorInteger(Table& table);
void addVectorInteger16(Table& table);
void addVectorInteger64(Table& table);
void addVectorCarries(Table& table);
void addVectorFloat32(Table& table);
void addVectorFloat64(Table& table);
void addVectorFloat16(Table& table);
void addTranscendental(Table& table);
void addDivision(Table& table);
void addConversions(Table& table);
void addCompares(Table& table);
void addPacked(Table& table);
void addPackedSingle(Table& table);
void addDotProducts(Table& table);
void addMatrix(Table& table);
void addLaneOperations(Table& table);
void addRegisterIndexing(Table& table);
void addMemoryLoads(Table& table);
void addMemoryStores(Table& table);
void addMemoryAtomics(Table& table);

}  // namespace soma::vgpu::SOMA_HOST_ISA
