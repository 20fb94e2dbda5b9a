// The manifest's types in C: scalars by their names in stdint.h, structures member by member with C's layout.

import { sizeOf } from "../../codeobject/layout.js";
import type { KernelManifest, ManifestStruct, ManifestType } from "../../codeobject/manifest.js";
import { lanesOf } from "../../codeobject/vectors.js";

/** Formats without a type in C are passed as their bits. */
const SCALARS: Readonly<Record<string, string>> = {
    bool: "uint8_t",
    i8: "int8_t",
    i16: "int16_t",
    i32: "int32_t",
    i64: "int64_t",
    u8: "uint8_t",
    u16: "uint16_t",
    u32: "uint32_t",
    u64: "uint64_t",
    index: "int64_t",
    f16: "uint16_t",
    bf16: "uint16_t",
    f32: "float",
    f64: "double",
    f8e4m3: "uint8_t",
    f8e5m2: "uint8_t",
    f8e4m3fnuz: "uint8_t",
    f8e5m2fnuz: "uint8_t",
    i4x2: "uint8_t",
};

/** Words of C and C++ that a name in the source may be; in C it gets an underscore. */
const RESERVED = new Set(
    (
        "alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const const_cast " +
        "consteval constexpr constinit continue co_await co_return co_yield decltype default delete do double dynamic_cast " +
        "else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not " +
        "not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires restrict return short " +
        "signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef " +
        "typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq"
    ).split(" "),
);

/** A name of the source as an identifier of C. */
export function identifier(name: string): string {
    const plain = name.replace(/\W/g, "_");
    return RESERVED.has(plain) ? `${plain}_` : plain;
}

export function scalarType(scalar: string): string {
    return SCALARS[scalar] ?? "uint8_t";
}

/** What a pointer to elements of a type points to: a vector's are its scalars. */
export function elementType(type: ManifestType): string {
    if (typeof type === "string") return scalarType(lanesOf(type).scalar);
    return "array" in type ? elementType(type.array) : `struct ${structName(type)}`;
}

/** A member of a type: vectors and arrays are arrays of their scalars or structures. */
function member(type: ManifestType, name: string): string {
    const count = sizeOf(type) / elementBytes(type);
    return `${elementType(type)} ${name}${isSingle(type) ? "" : `[${count}]`};`;
}

function isSingle(type: ManifestType): boolean {
    return typeof type === "string" ? lanesOf(type).lanes === 1 : !("array" in type);
}

function elementBytes(type: ManifestType): number {
    if (typeof type === "string") return sizeOf(lanesOf(type).scalar);
    return "array" in type ? elementBytes(type.array) : type.size;
}

function structName({ struct }: ManifestStruct): string {
    return `soma_${struct.replace(/\W/g, "_")}`;
}

/** The structures that views of these kernels have, or all parameters, each after those that it holds. */
export function structsOf(
    kernels: readonly KernelManifest[],
    of: "views" | "parameters" = "views",
): readonly ManifestStruct[] {
    const found = new Map<string, ManifestStruct>();
    const add = (type: ManifestType): void => {
        if (typeof type === "string") return;
        if ("array" in type) {
            add(type.array);
        } else {
            for (const { type: inner } of type.fields) add(inner);
            if (!found.has(structName(type))) found.set(structName(type), type);
        }
    };
    for (const parameter of kernels.flatMap(({ parameters }) => parameters)) {
        if (parameter.kind === "view") add(parameter.element);
        else if (of === "parameters") add(parameter.type);
    }
    return [...found.values()];
}

/** A structure's declaration. Bytes that C would place otherwise are members, and assertions hold the layout. */
export function structText(type: ManifestStruct): string {
    const name = structName(type);
    const members: string[] = [];
    let end = 0;
    for (const { name: field, type: inner, offset } of type.fields) {
        if (offset > end) members.push(`uint8_t soma_padding_${end}[${offset - end}];`);
        members.push(member(inner, identifier(field)));
        end = offset + sizeOf(inner);
    }
    if (type.size > end) members.push(`uint8_t soma_padding_${end}[${type.size - end}];`);
    const checks = type.fields.map(
        (field) => `SOMA_STATIC_ASSERT(offsetof(struct ${name}, ${identifier(field.name)}) == ${field.offset});`,
    );
    return `struct ${name} {
${members.map((text) => `    ${text}`).join("\n")}
};
${checks.join("\n")}
SOMA_STATIC_ASSERT(sizeof(struct ${name}) == ${type.size});
`;
}
