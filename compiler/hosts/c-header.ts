// A C header for a module's kernels: for each its symbol, the struct of its arguments and its launch geometry, so that a
// HIP program can launch them by hipModuleLaunchKernel. Valid as C11 and as C++; it needs GCC's or Clang's checked
// arithmetic, which every HIP compiler has.

import { sizeOf, typeText } from "../../codeobject/layout.js";
import type {
    ArgumentManifest,
    KernelManifest,
    Manifest,
    ManifestDim,
    ParameterManifest,
} from "../../codeobject/manifest.js";
import { formatDim, formatView } from "../../codeobject/manifest-format.js";
import { elementType, identifier, scalarType, structsOf, structText } from "./c-types.js";

const BYTES: Readonly<Record<string, number>> = {
    int8_t: 1,
    uint8_t: 1,
    int16_t: 2,
    uint16_t: 2,
    int32_t: 4,
    uint32_t: 4,
    float: 4,
    int64_t: 8,
    uint64_t: 8,
    double: 8,
};

const PRELUDE = `#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define SOMA_STATIC_ASSERT(condition) static_assert(condition, "the layout that the kernel expects")
#else
#define SOMA_STATIC_ASSERT(condition) _Static_assert(condition, "the layout that the kernel expects")
#endif

#ifndef SOMA_EXTENTS
#define SOMA_EXTENTS
/* Arithmetic over extents in signed 64 bits; *bad is set where it overflows or divides by zero. */
static inline int64_t soma_add(int64_t a, int64_t b, int *bad) {
    int64_t r = 0;
    *bad |= __builtin_add_overflow(a, b, &r);
    return r;
}
static inline int64_t soma_subtract(int64_t a, int64_t b, int *bad) {
    int64_t r = 0;
    *bad |= __builtin_sub_overflow(a, b, &r);
    return r;
}
static inline int64_t soma_multiply(int64_t a, int64_t b, int *bad) {
    int64_t r = 0;
    *bad |= __builtin_mul_overflow(a, b, &r);
    return r;
}
static inline int64_t soma_divide(int64_t a, int64_t b, int *bad) {
    if (b == 0 || (b == -1 && a == INT64_MIN)) {
        *bad = 1;
        return 0;
    }
    return a / b;
}
static inline int64_t soma_remainder(int64_t a, int64_t b, int *bad) {
    if (b == 0 || (b == -1 && a == INT64_MIN)) {
        *bad = 1;
        return 0;
    }
    return a % b;
}
/* Workgroups of \`size\` on an axis of \`extent\` work-items. */
static inline uint32_t soma_workgroups(int64_t extent, int64_t size, int *bad) {
    int64_t groups = extent < 0 ? 0 : extent / size + (extent % size != 0);
    *bad |= extent < 0 || groups > UINT32_MAX / size;
    return (uint32_t)groups;
}
/* The end of a shared array of \`size\` bytes that lies at the next multiple of 16. */
static inline int64_t soma_append(int64_t bytes, int64_t size, int *bad) {
    *bad |= size < 0;
    return soma_add(soma_multiply(soma_add(bytes, 15, bad) / 16, 16, bad), size, bad);
}
#endif
`;

/** @param name that the header's guard is made of, such as the source file's without its extension */
export function cHeader(manifest: Manifest, name: string): string {
    const guard = `SOMA_${macroName(name)}_H`;
    return [
        `/* Made by ${manifest.compiler} for ${manifest.target}. Do not edit. */`,
        `#ifndef ${guard}`,
        `#define ${guard}`,
        "",
        PRELUDE,
        ...structsOf(manifest.kernels).map(structText),
        ...manifest.kernels.map(kernelText),
        `#endif /* ${guard} */`,
        "",
    ].join("\n");
}

function macroName(name: string): string {
    return name.toUpperCase().replace(/[^A-Z0-9]/g, "_");
}

interface Field {
    readonly name: string;
    readonly type: string;
    /** Elements of an array; 0 for a field that is none. */
    readonly count: number;
    readonly offset: number;
    readonly comment: string;
}

function kernelText(kernel: KernelManifest): string {
    const stem = `soma_${kernel.symbol.replace(/\W/g, "_")}`;
    const macro = macroName(stem);
    const fields = fieldsOf(kernel);
    const [x = 1, y = 1, z = 1] = kernel.launch.workgroup;
    const declarations = fields.map(
        ({ name, type, count, comment }) =>
            `    ${type}${type.endsWith("*") ? "" : " "}${name}${count > 0 ? `[${count}]` : ""};${comment === "" ? "" : ` /* ${comment} */`}`,
    );
    return `${documentation(kernel)}
#define ${macro}_SYMBOL "${kernel.symbol}"
#define ${macro}_WORKGROUP_X ${x}
#define ${macro}_WORKGROUP_Y ${y}
#define ${macro}_WORKGROUP_Z ${z}
/* Bytes of the argument buffer, for HIP_LAUNCH_PARAM_BUFFER_SIZE. */
#define ${macro}_ARGUMENT_BYTES ${kernel.argumentSize}
struct ${stem}_args {
${declarations.length > 0 ? declarations.join("\n") : "    uint8_t none;"}
};
${fields.map(({ name, offset }) => `SOMA_STATIC_ASSERT(offsetof(struct ${stem}_args, ${name}) == ${offset});`).join("\n")}
SOMA_STATIC_ASSERT(sizeof(struct ${stem}_args) >= ${macro}_ARGUMENT_BYTES);

/* Workgroups on each axis. 1: launch them. 0: there is nothing to launch. -1: an extent is negative or too large. */
static inline int ${stem}_grid(const struct ${stem}_args *args, uint32_t grid[3]) {
    int bad = 0;
    (void)args;
${gridText(kernel)}
    return bad ? -1 : grid[0] != 0 && grid[1] != 0 && grid[2] != 0;
}
${sharedText(stem, kernel)}`;
}

/** For kernels whose launch sizes shared arrays. */
function sharedText(stem: string, { shared = [] }: KernelManifest): string {
    if (shared.length === 0) return "";
    const steps = shared.map(
        ({ name, element, dims }) =>
            `    bytes = soma_append(bytes, ${dims.map(extentText).reduce((product, extent) => `soma_multiply(${product}, ${extent}, &bad)`, String(sizeOf(element)))}, &bad); /* ${name} */`,
    );
    return `
/* Bytes of dynamic LDS, for hipModuleLaunchKernel's sharedMemBytes. -1: an extent is negative or too large. */
static inline int64_t ${stem}_shared_bytes(const struct ${stem}_args *args) {
    int bad = 0;
    int64_t bytes = 0;
    (void)args;
${steps.join("\n")}
    return bad ? -1 : bytes;
}
`;
}

function documentation({ doc, parameters }: KernelManifest): string {
    const lines = [
        ...doc.split("\n").filter((line) => line !== ""),
        ...parameters.map((parameter) => `${parameter.name}: ${parameterType(parameter)}`),
    ];
    return `/* ${lines.map((line) => line.replaceAll("*/", "* /")).join("\n * ")} */`;
}

function parameterType(parameter: ParameterManifest): string {
    return parameter.kind === "view" ? formatView(parameter) : typeText(parameter.type);
}

/** A value of several scalars of one type, without gaps, is an array. */
function fieldsOf(kernel: KernelManifest): readonly Field[] {
    const fields: Field[] = [];
    for (const argument of kernel.arguments) {
        const field = fieldOf(kernel, argument);
        const last = fields.at(-1);
        const size = BYTES[field.type] ?? 8;
        if (
            last?.name === field.name &&
            last.type === field.type &&
            last.offset + Math.max(last.count, 1) * size === field.offset
        ) {
            fields[fields.length - 1] = { ...last, count: Math.max(last.count, 1) + 1 };
        } else if (fields.some(({ name }) => name === field.name)) {
            fields.push({ ...field, name: `${field.name}_${field.offset}` });
        } else {
            fields.push(field);
        }
    }
    return fields;
}

function fieldOf({ parameters, launch }: KernelManifest, argument: ArgumentManifest): Field {
    const common = { name: identifier(argument.name), count: 0, offset: argument.offset };
    if (argument.kind === "scalar") {
        return {
            ...common,
            type: scalarType(argument.type),
            comment: ["f16", "bf16"].includes(argument.type) ? `bits of ${argument.type}` : "",
        };
    }
    if (argument.kind === "dim") return { ...common, type: "int64_t", comment: "extent" };
    if (argument.kind === "stride") {
        return {
            ...common,
            type: "int64_t",
            comment: `elements between neighbours of dimension ${argument.dimension}`,
        };
    }
    if (argument.kind === "reports") {
        return { ...common, type: "void *", comment: "address of a report buffer, or null (spec/manifest.md)" };
    }
    const view = parameters.find(({ name }) => name === argument.name);
    if (view?.kind !== "view") return { ...common, type: "void *", comment: `for ${launch.kind}` };
    return {
        ...common,
        type: `${view.mutable ? "" : "const "}${elementType(view.element)} *`,
        comment: formatView(view),
    };
}

function gridText({ launch }: KernelManifest): string {
    const axes = [0, 1, 2].map((axis) => {
        const extent = (launch.kind === "over" ? launch.extents : launch.groups)[axis];
        if (extent === undefined) return `    grid[${axis}] = 1;`;
        const size = launch.kind === "over" ? (launch.workgroup[axis] ?? 1) * elementsOf(launch, axis) : 1;
        return `    grid[${axis}] = soma_workgroups(${extentText(extent)}, ${size}, &bad); /* ${formatDim(extent)} */`;
    });
    return axes.join("\n");
}

/** Neighbours in the domain that a work-item computes along an axis. */
function elementsOf(launch: KernelManifest["launch"], axis: number): number {
    return launch.kind === "over" && axis === 0 ? (launch.elements ?? 1) : 1;
}

const OPERATIONS = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder" } as const;

function extentText(dim: ManifestDim): string {
    if (typeof dim === "number") return `INT64_C(${dim})`;
    if (typeof dim === "string") return `args->${identifier(dim)}`;
    const [operator, left, right] = dim;
    return `soma_${OPERATIONS[operator]}(${extentText(left)}, ${extentText(right)}, &bad)`;
}
