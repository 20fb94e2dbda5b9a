// All families of one host instruction set.

#include "families.h"
#include "families_recent.h"

namespace soma::vgpu::SOMA_HOST_ISA {

void addAll(Table& table);

void addAll(Table& table) {
    addScalarInteger(table);
    addScalarFloat(table);
    addControlFlow(table);
    addScalarState(table);
    addScalarMemory(table);
    addVectorInteger(table);
    addVectorInteger16(table);
    addVectorInteger64(table);
    addVectorCarries(table);
    addVectorFloat32(table);
    addVectorFloat64(table);
    addVectorFloat16(table);
    addTranscendental(table);
    addDivision(table);
    addConversions(table);
    addCompares(table);
    addPacked(table);
    addPackedSingle(table);
    addDotProducts(table);
    addMatrix(table);
    addLaneOperations(table);
    addRegisterIndexing(table);
    addMemoryLoads(table);
    addMemoryStores(table);
    addMemoryAtomics(table);
    addConversions8(table);
    addDirectLdsLoads(table);
    addTransposedLoads(table);
    addRegisterSwaps(table);
    addVectorBitwise(table);
    addScaledConversions(table);
    addVectorMedia(table);
    addLdsOperations(table);
    addBlockAccess(table);
    addGlobalWaveSync(table);
    addNamedBarriers(table);
    addScalarStores(table);
    addRegisterIndexMode(table);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
