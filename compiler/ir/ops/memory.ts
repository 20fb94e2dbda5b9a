// Operations that touch memory, other work-items or other functions. An access outside its buffer is undefined.

import { type OpSpec, op } from "./define.js";

export const MEMORY = {
    local_id: op({
        operands: [],
        result: "index",
        attributes: ["axis"],
        doc: "The work-item's place in its workgroup.",
    }),
    group_id: op({ operands: [], result: "index", attributes: ["axis"], doc: "The workgroup's place in the grid." }),
    group_count: op({
        operands: [],
        result: "index",
        attributes: ["axis"],
        doc: "Only in kernels: how many workgroups were launched along an axis of the grid.",
    }),

    alloc: op({
        operands: [],
        result: "buffer<T>",
        where: { T: "scalar" },
        effects: "write",
        attributes: ["count", "name"],
        doc:
            "An array: in LDS, one for each workgroup and only in kernels, or a work-item's own. There is one for each such " +
            "operation however often it is reached; its content is undefined at the start.",
    }),
    alloc_sized: op({
        operands: ["index", "index"],
        result: "buffer<T>",
        where: { T: "scalar" },
        effects: "write",
        attributes: ["name"],
        doc:
            "An array in LDS whose size the launch says, only in kernels: it begins so many bytes, a multiple of 16, into what " +
            "the launch reserves, and has so many elements.",
    }),
    zero: op({
        operands: ["buffer<T>"],
        result: null,
        where: { T: "scalar" },
        effects: "write",
        doc: "Sets every element of an array of `alloc` to zero.",
    }),
    offset: op({
        operands: ["buffer<T>", "index"],
        result: "buffer<T>",
        where: { T: "scalar" },
        doc: "The buffer that begins at an element of another: what a function gets of a part of a view.",
    }),
    aligned: op({
        operands: ["buffer<T>"],
        result: "bool",
        where: { T: "scalar" },
        attributes: ["align"],
        doc: "Whether wide accesses may be made of a buffer: its address is such a multiple, or the target doesn't mind.",
    }),
    load: op({
        operands: ["buffer<T>", "index"],
        result: "T",
        where: { T: "scalar" },
        effects: "read",
        optional: ["align"],
        doc: "The element at an index. With *align* its place from the start of an `aligned` buffer is such a multiple.",
    }),
    store: op({
        operands: ["buffer<T>", "index", "T"],
        result: null,
        where: { T: "scalar" },
        effects: "write",
        optional: ["align"],
        doc: "Sets the element at an index; *align* as in `load`.",
    }),
    atomic_rmw: op({
        operands: ["buffer<T>", "index", "T"],
        result: "T",
        where: { T: "number" },
        effects: "write",
        attributes: ["atomic"],
        optional: ["order", "scope"],
        doc:
            "Updates an element in one step and gives its former value. Relaxed where no order is said; seen by the device " +
            "(LDS: the workgroup) where no scope is, as the other atomics.",
    }),
    atomic_cas: op({
        operands: ["buffer<T>", "index", "T", "T"],
        result: "T",
        where: { T: "integer" },
        effects: "write",
        optional: ["order", "scope"],
        doc: "Where the element equals the third operand, sets it to the fourth, in one step; gives its former value.",
    }),
    atomic_load: op({
        operands: ["buffer<T>", "index"],
        result: "T",
        where: { T: "number" },
        effects: "write",
        optional: ["order", "scope"],
        doc: "The element at an index, read in one step.",
    }),
    atomic_store: op({
        operands: ["buffer<T>", "index", "T"],
        result: null,
        where: { T: "number" },
        effects: "write",
        optional: ["order", "scope"],
        doc: "Sets the element at an index in one step.",
    }),
    fence: op({
        operands: [],
        result: null,
        effects: "write",
        optional: ["order", "scope"],
        doc: "Orders the accesses before and after it, by LLVM's memory model: `acq_rel` for the device where nothing is said.",
    }),
    barrier: op({
        operands: [],
        result: null,
        effects: "write",
        doc: "Waits for all work-items of the workgroup; what they wrote before is seen by all after.",
    }),
    call: op({
        operands: "variadic",
        result: "variadic",
        effects: "write",
        attributes: ["callee"],
        doc: "Calls a function of the module: its parameters are the operands.",
    }),
} satisfies Record<string, OpSpec>;
