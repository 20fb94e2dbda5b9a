// Copies of operations and of the regions within them, with values of their own. What a copy uses from outside is mapped
// by the caller, or the same.

import { type IrFunction, type OpId, operation, type RegionId, region, typeOf, type ValueId } from "./module.js";

/** Values of a copy, by those of the original. The operations of it that are copied are added. */
export type Renaming = Map<ValueId, ValueId>;

/** A copy of an operation, which stands in no region yet; `loops` are the copies of loops around it. */
export function cloneOperation(fn: IrFunction, id: OpId, values: Renaming, loops = new Map<OpId, OpId>()): OpId {
    const { op, operands, results, attributes, regions, span } = operation(fn, id);
    const copy = (fn.operations.push(operation(fn, id)) - 1) as OpId;
    loops.set(id, copy);
    const target = attributes.target === undefined ? undefined : loops.get(attributes.target);
    fn.operations[copy] = {
        op,
        operands: operands.map((operand) => values.get(operand) ?? operand),
        results: results.map((result) => cloneValue(fn, result, values)),
        attributes: target === undefined ? attributes : { ...attributes, target },
        regions: regions.map((inner) => cloneRegion(fn, inner, values, loops)),
        span,
    };
    return copy;
}

export function cloneRegion(fn: IrFunction, id: RegionId, values: Renaming, loops = new Map<OpId, OpId>()): RegionId {
    const { parameters, operations } = region(fn, id);
    const copy = {
        parameters: parameters.map((parameter) => cloneValue(fn, parameter, values)),
        operations: operations.map((inner) => cloneOperation(fn, inner, values, loops)),
    };
    return (fn.regions.push(copy) - 1) as RegionId;
}

function cloneValue(fn: IrFunction, value: ValueId, values: Renaming): ValueId {
    const copy = (fn.values.push({ type: typeOf(fn, value), span: fn.values[value]?.span ?? fn.span }) - 1) as ValueId;
    values.set(value, copy);
    return copy;
}
