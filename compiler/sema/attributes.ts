// Attributes: one table of what there is, where it stands and what it takes.

import {
    attributeArgument,
    attributeOfAmd,
    attributePlace,
    repeatedAttribute,
    unknownAttribute,
    waveSizeOfTarget,
} from "../diagnostics/catalogue/attributes.js";
import { beyondLimit } from "../diagnostics/catalogue/codegen.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { targetsThat } from "../targets/having.js";
import type { BodyContext } from "./context.js";
import { constantInteger } from "./declarations.js";
import type { CodeOptions, LoopOptions } from "./program.js";

export type AttributePlace = "a kernel" | "a function" | "a loop";

interface AttributeSpec {
    readonly before: readonly AttributePlace[];
    /** What its argument is, in words; null for none. */
    readonly takes: string | null;
    /** Whether the argument may be left out. */
    readonly optional?: true;
    /** What may stand before it, as in `stages: 2`. */
    readonly label?: string;
    readonly allows?: (value: bigint) => boolean;
    readonly doc: string;
}

export const ATTRIBUTES: Readonly<Record<string, AttributeSpec>> = {
    wave: {
        before: ["a kernel"],
        takes: "32 or 64",
        allows: (value) => value === 32n || value === 64n,
        doc: "The lanes of the kernel's waves, which the target must have: from gfx10 on both, before only 64.",
    },
    waves_per_eu: {
        before: ["a kernel"],
        takes: "a number from 1 to 20",
        allows: (value) => value >= 1n && value <= 20n,
        doc: "So many of its waves are to fit on an execution unit (a SIMD) at once, as far as registers can be saved for it.",
    },
    persistent: {
        before: ["a kernel"],
        takes: null,
        doc: "Of a matrix kernel: as many workgroups are launched as the GPU holds at once, and each goes from block to block.",
    },
    inline: {
        before: ["a function"],
        takes: null,
        doc: "Every call is replaced by the body, however large it is. Functions of ordinary size always are.",
    },
    fast: {
        before: ["a kernel", "a function"],
        takes: null,
        doc: "The body's floating-point arithmetic may be done in other ways that are equal for real numbers.",
    },
    unroll: {
        before: ["a loop"],
        takes: "nothing, or how many rounds become one, from 1 to 1024",
        optional: true,
        allows: (value) => value >= 1n && value <= 1024n,
        doc: "So many rounds become one; without a number all of them, where the compiler knows how many there are.",
    },
    pipeline: {
        before: ["a loop"],
        takes: "how many rounds are under way at once, from 1 to 4: `stages: 2`",
        label: "stages",
        allows: (value) => value >= 1n && value <= 4n,
        doc: "Of a matrix kernel's `for`: loads of so many rounds less one are begun before the round that computes.",
    },
    direct: {
        before: ["a loop"],
        takes: null,
        doc: "Of a matrix kernel's `for` on CDNA: its tiles go from global memory straight to LDS, and take no registers.",
    },
};

/** The attributes' values by their names, null where there is none to say; mistakes are reported and left out. */
function read(
    ctx: BodyContext,
    attributes: readonly ast.Attribute[],
    place: AttributePlace,
): ReadonlyMap<string, bigint | null> {
    const found = new Map<string, bigint | null>();
    for (const { span, name, args } of attributes) {
        const { text } = name;
        const spec = specOf(text);
        if (spec === undefined) {
            ctx.report(reportUnknown(span, name));
            continue;
        }
        if (!spec.before.includes(place)) {
            ctx.report(diagnose(attributePlace, span, { name: text, where: spec.before.join(" or ") }));
            continue;
        }
        if (found.has(text)) ctx.report(diagnose(repeatedAttribute, span, { name: text }));
        const value = argumentOf(ctx, span, text, spec, args);
        if (value !== undefined) found.set(text, value);
    }
    return found;
}

/** Undefined where it was reported. */
function argumentOf(
    ctx: BodyContext,
    span: ast.Attribute["span"],
    name: string,
    { takes, optional, label, allows }: AttributeSpec,
    args: readonly ast.Argument[],
): bigint | null | undefined {
    const refuse = () => {
        ctx.report(diagnose(attributeArgument, span, { name, wants: takes ?? "no argument" }));
        return undefined;
    };
    const [first, ...more] = args;
    if (first === undefined) return takes === null || optional ? null : refuse();
    if (takes === null || more.length > 0) return refuse();
    if (first.label !== null && first.label.text !== label) return refuse();
    const value = constantInteger(ctx, first.value, `the argument of \`#${name}\``);
    if (value === null) return undefined;
    return allows?.(value) === false ? refuse() : value;
}

export function codeOptions(
    ctx: BodyContext,
    attributes: readonly ast.Attribute[],
    place: "a kernel" | "a function",
    isMatrix = false,
): CodeOptions {
    const values = read(ctx, attributes, place);
    const persistent = attributes.find(({ name }) => values.has(name.text) && name.text === "persistent");
    if (persistent && !isMatrix)
        ctx.report(diagnose(attributePlace, persistent.span, { name: "persistent", where: "a matrix kernel" }));
    const size = Number(values.get("wave") ?? 0);
    const wave = size === 32 || size === 64 ? size : null;
    const { name, waveSizes } = ctx.target;
    if (wave !== null && !waveSizes.some((size) => size === wave)) {
        const at = attributes.find((attribute) => attribute.name.text === "wave") as ast.Attribute;
        const having = targetsThat((target) => target.waveSizes.some((size) => size === wave));
        ctx.report(diagnose(waveSizeOfTarget, at.span, { target: name, size: wave, sizes: waveSizes, having }));
    }
    const waves = values.get("waves_per_eu");
    const at = attributes.find((attribute) => attribute.name.text === "waves_per_eu");
    if (at && typeof waves === "bigint") requireWaves(ctx, at, waves);
    return {
        ...(wave !== null && { wave }),
        ...(values.has("fast") && { fast: true }),
        ...(values.has("inline") && { inline: true }),
        ...(persistent && { persistent: true }),
        ...(typeof waves === "bigint" && { wavesPerEu: Number(waves) }),
    };
}

function requireWaves(ctx: BodyContext, { span }: ast.Attribute, waves: bigint): void {
    const { target } = ctx;
    if (target.backend !== "amdgpu") {
        const having = targetsThat(({ backend }) => backend === "amdgpu");
        ctx.report(diagnose(attributeOfAmd, span, { name: "waves_per_eu", target: target.name, having }));
        return;
    }
    const most = target.limits.maxWavesPerSimd;
    if (waves <= BigInt(most)) return;
    const what = `\`#waves_per_eu(${waves})\` asks for ${waves} waves`;
    const limit = `an execution unit of ${target.name} holds at most ${most}`;
    const having = targetsThat((each) => each.backend === "amdgpu" && waves <= BigInt(each.limits.maxWavesPerSimd));
    ctx.report(diagnose(beyondLimit, span, { what, limit, remedy: `write at most ${most}`, having }));
}

/** What is said of a loop. */
export function loopOptions(
    ctx: BodyContext,
    attributes: readonly ast.Attribute[],
    loop: "for" | "while",
): LoopOptions {
    const values = read(ctx, attributes, "a loop");
    const unroll = values.get("unroll");
    const stages = values.get("pipeline");
    const ofTiles = attributes.find(({ name }) => values.has(name.text) && name.text !== "unroll");
    if (ofTiles && (ctx.owner.kind !== "matrix" || loop === "while")) {
        const where = "a `for` of a matrix kernel";
        ctx.report(diagnose(attributePlace, ofTiles.span, { name: ofTiles.name.text, where }));
        return {};
    }
    return {
        ...(unroll !== undefined && { unroll: unroll === null ? ("all" as const) : Number(unroll) }),
        ...(typeof stages === "bigint" && { stages: Number(stages) }),
        ...(values.has("direct") && { direct: true as const }),
    };
}

/** Reports attributes before what takes none. */
export function refuseAttributes(ctx: Pick<BodyContext, "report">, attributes: readonly ast.Attribute[]): void {
    for (const { span, name } of attributes) {
        const spec = specOf(name.text);
        if (spec === undefined) ctx.report(reportUnknown(span, name));
        else ctx.report(diagnose(attributePlace, span, { name: name.text, where: spec.before.join(" or ") }));
    }
}

export function isAttribute({ name }: ast.Attribute): boolean {
    return specOf(name.text) !== undefined;
}

function specOf(name: string): AttributeSpec | undefined {
    return Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
}

function reportUnknown(span: ast.Attribute["span"], { text, span: at }: ast.Name): Diagnostic {
    const known = Object.keys(ATTRIBUTES);
    const args = { name: text, known, similar: nearest(text, known) };
    const isComment = at.start > span.start + 1;
    const isPragma = text === "pragma";
    const help = isComment
        ? "a comment begins with `//`"
        : isPragma
          ? "write the attribute alone: `#unroll`"
          : undefined;
    return diagnose(unknownAttribute, at, args, help === undefined ? {} : { help, fixes: [] });
}
