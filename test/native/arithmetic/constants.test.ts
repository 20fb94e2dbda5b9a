// LLVM's constant folder as the reference: operations of LLVM IR with random constants, which opt computes, against the same
// with operands from memory, which the virtual GPU executes as each target's instructions.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { llvmTool } from "../../../bench/llvm.js";
import { inFolder } from "../hip-support.js";
import { compile, launch, random } from "./lab.js";

const SAMPLES = 64;
const TARGETS = ["gfx90a", "gfx950", "gfx1030", "gfx1100", "gfx1201"] as const;

/** A type, and how many bits it has; `float` ones may give NaN, whose bits are free. */
interface Type {
    readonly text: string;
    readonly bits: number;
    readonly lanes?: number;
    readonly floats?: boolean;
}
const INTEGERS: readonly Type[] = [8, 16, 32, 64].map((bits) => ({ text: `i${bits}`, bits }));
const HALF: Type = { text: "half", bits: 16, floats: true };
const SINGLE: Type = { text: "float", bits: 32, floats: true };
const DOUBLE: Type = { text: "double", bits: 64, floats: true };
const FLOATS = [HALF, SINGLE, DOUBLE];
const PAIRS: readonly Type[] = [{ text: "<2 x i16>", bits: 32, lanes: 2 }];
const HALVES: Type = { text: "<2 x half>", bits: 32, lanes: 2, floats: true };
const I32 = INTEGERS[2] as Type;

/** `body` computes `%r` of type `to` from `%a`, `%b`, `%c` of the types `from`. */
interface Operation {
    readonly name: string;
    readonly from: readonly Type[];
    readonly to: Type;
    readonly body: string;
    readonly declare?: string;
    /** Limits an operand's bits. */
    readonly limit?: (bits: bigint, operand: number) => bigint;
}

const plain = (type: Type) => type.text.replace(/\W/g, "");
/** Such as `v2i16` in an intrinsic's name. */
const mangled = (type: Type) =>
    type.text
        .replace(/^<2 x (.*)>$/, "v2$1")
        .replace("half", "f16")
        .replace("float", "f32")
        .replace("double", "f64");

function binary(name: string, type: Type, limit?: Operation["limit"]): Operation {
    return {
        name: `${name}_${plain(type)}`,
        from: [type, type],
        to: type,
        body: `%r = ${name} ${type.text} %a, %b`,
        ...(limit ? { limit } : {}),
    };
}

function call(name: string, from: readonly Type[], to: Type, extra = ""): Operation {
    const operands = from.map(({ text }, i) => `${text} %${"abc"[i]}`).join(", ");
    const types = from.map(({ text }) => text).join(", ");
    return {
        name: name.replace(/\W/g, "_"),
        from,
        to,
        body: `%r = call ${to.text} @llvm.${name}(${operands}${extra ? `, ${extra}` : ""})`,
        declare: `declare ${to.text} @llvm.${name}(${types}${extra ? `, ${extra.split(" ")[0]}` : ""})`,
    };
}

function conversion(name: string, from: Type, to: Type, limit?: Operation["limit"]): Operation {
    return {
        name: `${name}_${plain(from)}_${plain(to)}`,
        from: [from],
        to,
        body: `%r = ${name} ${from.text} %a to ${to.text}`,
        ...(limit ? { limit } : {}),
    };
}

function comparison(kind: string, condition: string, type: Type): Operation {
    return {
        name: `${kind}_${condition}_${plain(type)}`,
        from: [type, type],
        to: I32,
        body: `%t = ${kind} ${condition} ${type.text} %a, %b\n%r = zext i1 %t to i32`,
    };
}

const shiftLimit = (type: Type) => (bits: bigint, operand: number) =>
    operand === 1 ? bits % BigInt(type.bits / (type.lanes ?? 1)) : bits;
/** Never zero, nor -1, which overflows with the least number. */
const divisorLimit = (type: Type) => (bits: bigint, operand: number) =>
    operand === 1 ? (BigInt.asUintN(type.bits, bits) >> 1n) | 1n : bits;

const ofIntegers = INTEGERS.flatMap((type) => [
    ...["add", "sub", "mul", "and", "or", "xor"].map((name) => binary(name, type)),
    ...["shl", "lshr", "ashr"].map((name) => binary(name, type, shiftLimit(type))),
    ...["udiv", "urem", "sdiv", "srem"].map((name) => binary(name, type, divisorLimit(type))),
    ...["umin", "umax", "smin", "smax", "uadd.sat", "usub.sat", "sadd.sat", "ssub.sat"].map((name) =>
        call(`${name}.i${type.bits}`, [type, type], type),
    ),
    ...["ctpop", "bitreverse"].map((name) => call(`${name}.i${type.bits}`, [type], type)),
    ...["ctlz", "cttz"].map((name) => call(`${name}.i${type.bits}`, [type], type, "i1 false")),
    ...["fshl", "fshr"].map((name) => call(`${name}.i${type.bits}`, [type, type, type], type)),
    ...["ult", "sle", "eq"].map((condition) => comparison("icmp", condition, type)),
]);

const ofPairs = PAIRS.flatMap((type) => [
    ...["add", "sub", "mul"].map((name) => binary(name, type)),
    ...["umin", "umax", "smin", "smax", "uadd.sat", "usub.sat", "sadd.sat", "ssub.sat"].map((name) =>
        call(`${name}.v2i16`, [type, type], type),
    ),
]);

const ofFloats = [...FLOATS, HALVES].flatMap((type) => [
    ...["fadd", "fsub", "fmul"].map((name) => binary(name, type)),
    ...["minimumnum", "maximumnum", "minimum", "maximum", "copysign"].map((name) =>
        call(`${name}.${mangled(type)}`, [type, type], type),
    ),
    call(`fma.${mangled(type)}`, [type, type, type], type),
    ...["floor", "ceil", "trunc", "roundeven", "round", "fabs"].map((name) =>
        call(`${name}.${mangled(type)}`, [type], type),
    ),
]);

const compares = FLOATS.flatMap((type) =>
    ["olt", "oeq", "ole", "one", "ord", "uno", "ueq", "ult", "une"].map((condition) =>
        comparison("fcmp", condition, type),
    ),
);

const conversions = [
    ...FLOATS.flatMap((to) =>
        [I32, INTEGERS[3] as Type, INTEGERS[1] as Type].flatMap((from) => [
            conversion("sitofp", from, to),
            conversion("uitofp", from, to),
        ]),
    ),
    conversion("fptrunc", DOUBLE, SINGLE),
    conversion("fptrunc", SINGLE, HALF),
    conversion("fpext", HALF, SINGLE),
    conversion("fpext", SINGLE, DOUBLE),
    ...FLOATS.flatMap((from) =>
        ["fptosi", "fptoui"].flatMap((name) => [
            call(`${name}.sat.i32.${mangled(from)}`, [from], I32),
            call(`${name}.sat.i64.${mangled(from)}`, [from], INTEGERS[3] as Type),
        ]),
    ),
];

/** What LLVM folds of AMD's own instructions. */
const amd = [
    ...["cubeid", "cubema", "cubesc", "cubetc"].map((name) => call(`amdgcn.${name}`, [SINGLE, SINGLE, SINGLE], SINGLE)),
    call("amdgcn.fmul.legacy", [SINGLE, SINGLE], SINGLE),
    call("amdgcn.perm", [I32, I32, I32], I32),
    call("amdgcn.fract.f32", [SINGLE], SINGLE),
    call("amdgcn.fract.f64", [DOUBLE], DOUBLE),
];

const OPERATIONS: readonly Operation[] = [...ofIntegers, ...ofPairs, ...ofFloats, ...compares, ...conversions, ...amd];

/** Random bits; of floats a third with exponents near each other, and some special ones. */
function operand(type: Type, seed: number, i: number): bigint {
    const [low = 0, high = 0, pick = 0] = random(3, seed * 7919 + i * 104729 + 1);
    let bits = BigInt.asUintN(type.bits, (BigInt(high) << 32n) | BigInt(low));
    if (!type.floats) return pick % 4 === 0 ? bits & 15n : bits;
    const each = type.bits / (type.lanes ?? 1);
    const exponentBits = each === 16 ? 5 : each === 32 ? 8 : 11;
    const fractionBits = each - 1 - exponentBits;
    const middle = 2n ** BigInt(exponentBits - 1) - 1n;
    const lanes = Array.from({ length: type.lanes ?? 1 }, (_, lane) => {
        const one = BigInt.asUintN(each, bits >> BigInt(lane * each));
        const kept =
            one & ((1n << BigInt(fractionBits)) - 1n) & ~(pick % 5 === 0 ? (1n << BigInt(fractionBits - 3)) - 1n : 0n);
        const sign = one & (1n << BigInt(each - 1));
        return pick % 3 === 0 ? one : sign | ((middle + (one % 9n) - 2n) << BigInt(fractionBits)) | kept;
    });
    bits = lanes.reduce((all, lane, at) => all | (lane << BigInt(at * each)), 0n);
    return bits;
}

function operandsOf(operation: Operation, seed: number, i: number): bigint[] {
    return operation.from.map((type, at) => {
        const bits = operand(type, seed * 3 + at, i);
        return BigInt.asUintN(type.bits, operation.limit ? operation.limit(bits, at) : bits);
    });
}

const isInteger = ({ text }: Type) => /^i\d+$/.test(text);
const asType = (type: Type, from: string, to: string) =>
    isInteger(type) ? `${to} = add ${type.text} ${from}, 0` : `${to} = bitcast i${type.bits} ${from} to ${type.text}`;
const asBits = (type: Type, from: string, to: string) =>
    isInteger(type) ? `${to} = add ${type.text} ${from}, 0` : `${to} = bitcast ${type.text} ${from} to i${type.bits}`;

const declarations = () => [...new Set(OPERATIONS.flatMap(({ declare }) => declare ?? []))].join("\n");

/** What opt makes of each operation with each sample's constants; undefined where it is poison, or not folded. */
function folded(): Map<string, (bigint | undefined)[]> {
    const functions = OPERATIONS.flatMap((operation, k) =>
        Array.from({ length: SAMPLES }, (_, i) => {
            const bits = operandsOf(operation, k, i);
            const lines = operation.from.map((type, at) =>
                asType(type, BigInt.asIntN(type.bits, bits[at] as bigint).toString(), `%${"abc"[at]}`),
            );
            return `define i${operation.to.bits} @f${k}_${i}() {\n${lines.join("\n")}\n${operation.body}\n${asBits(operation.to, "%r", "%q")}\nret i${operation.to.bits} %q\n}`;
        }),
    );
    return inFolder((folder) => {
        const input = join(folder, "constants.ll");
        writeFileSync(input, `${declarations()}\n${functions.join("\n")}\n`);
        const opt = llvmTool("opt");
        const text = execFileSync(opt, ["-S", "-passes=instcombine", input], { encoding: "utf8", maxBuffer: 1 << 28 });
        const results = new Map<string, bigint>();
        for (const [, name, value] of text.matchAll(/define \S+ @(f\d+_\d+)\(\)[^{]*\{\n\s*ret i\d+ (-?\d+)\n\}/g))
            results.set(name as string, BigInt(value as string));
        return new Map(
            OPERATIONS.map((operation, k) => [
                operation.name,
                Array.from({ length: SAMPLES }, (_, i) => {
                    const value = results.get(`f${k}_${i}`);
                    return value === undefined ? undefined : BigInt.asUintN(operation.to.bits, value);
                }),
            ]),
        );
    });
}

/** A kernel for each operation: operand arrays of 64 bits an element each, behind the output. */
function kernels(): string {
    const body = OPERATIONS.map((operation, k) => {
        const loads = operation.from.map((type, at) =>
            [
                `%p${at} = getelementptr i64, ptr addrspace(1) %in${at}, i32 %i`,
                `%l${at} = load i64, ptr addrspace(1) %p${at}`,
                type.bits === 64 ? `%m${at} = add i64 %l${at}, 0` : `%m${at} = trunc i64 %l${at} to i${type.bits}`,
                asType(type, `%m${at}`, `%${"abc"[at]}`),
            ].join("\n"),
        );
        const wide = operation.to.bits === 64 ? "%w = add i64 %q, 0" : `%w = zext i${operation.to.bits} %q to i64`;
        const parameters = operation.from.map((_, at) => `, ptr addrspace(1) %in${at}`).join("");
        return `define amdgpu_kernel void @k${k}(ptr addrspace(1) %out${parameters}) #0 {
%i = call i32 @llvm.amdgcn.workitem.id.x()
${loads.join("\n")}
${operation.body}
${asBits(operation.to, "%r", "%q")}
${wide}
%o = getelementptr i64, ptr addrspace(1) %out, i32 %i
store i64 %w, ptr addrspace(1) %o
ret void
}`;
    });
    return `target triple = "amdgcn-amd-amdhsa"
declare i32 @llvm.amdgcn.workitem.id.x()
${declarations()}
${body.join("\n")}
attributes #0 = { "denormal-fp-math"="ieee,ieee" "denormal-fp-math-f32"="ieee,ieee" }
`;
}

function isNan(type: Type, bits: bigint): boolean {
    const [exponentBits, fractionBits] = type.bits === 16 ? [5, 10] : type.bits === 32 ? [8, 23] : [11, 52];
    const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits);
    return (bits & ((1n << BigInt(type.bits - 1)) - 1n)) > infinity;
}

function same(type: Type, a: bigint, b: bigint): boolean {
    if (a === b) return true;
    if (!type.floats) return false;
    const each = type.bits / (type.lanes ?? 1);
    const one = { text: "", bits: each };
    return Array.from({ length: type.lanes ?? 1 }, (_, lane) => {
        const [x, y] = [a, b].map((bits) => BigInt.asUintN(each, bits >> BigInt(lane * each)));
        return x === y || (isNan(one, x as bigint) && isNan(one, y as bigint));
    }).every(Boolean);
}

describe("LLVM's constant folder", () => {
    const wanted = folded();

    it("folds nearly all of them", () => {
        const known = [...wanted.values()].flat();
        expect(known.filter((value) => value !== undefined).length).toBeGreaterThan(0.9 * known.length);
    });

    it.each(TARGETS)(
        "agrees with what %s's instructions compute",
        async (target) => {
            const object = compile(target, kernels(), "ir", "-O1");
            const results = await launch(
                target,
                object,
                OPERATIONS.map((operation, k) => ({
                    name: `k${k}`,
                    words: 2 * SAMPLES,
                    inputs: operation.from.map((_, at) => {
                        const bits = Array.from(
                            { length: SAMPLES },
                            (_, i) => operandsOf(operation, k, i)[at] as bigint,
                        );
                        return Uint32Array.from(bits.flatMap((b) => [Number(b & 0xffffffffn), Number(b >> 32n)]));
                    }),
                })),
                1,
            );
            const wrong: string[] = [];
            OPERATIONS.forEach((operation, k) => {
                const words = results[k] as Uint32Array;
                const right = wanted.get(operation.name) as (bigint | undefined)[];
                for (let i = 0; i < SAMPLES; i += 1) {
                    const got = (BigInt(words[2 * i + 1] as number) << 32n) | BigInt(words[2 * i] as number);
                    const value = right[i];
                    if (value !== undefined && !same(operation.to, got, value)) {
                        const hex = operandsOf(operation, k, i).map((bits) => bits.toString(16));
                        wrong.push(
                            `${operation.name} ${hex.join(" ")}: ${got.toString(16)}, not ${value.toString(16)}`,
                        );
                        break;
                    }
                }
            });
            expect(wrong).toEqual([]);
        },
        120_000,
    );
});
