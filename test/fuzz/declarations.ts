// The structures and enums of generated programs.

import type { Choices } from "./choices.js";
import {
    anyType,
    type Declared,
    type EnumPlan,
    type FieldPlan,
    INTEGERS,
    integerSamples,
    type StructPlan,
    scalar,
} from "./types.js";

/** Up to two enums, and up to two structures of which the second may have the first as a field. */
export function declare(choices: Choices, prefix: string): { readonly declared: Declared; readonly lines: string[] } {
    let declared: Declared = { structs: [], enums: [] };
    const lines: string[] = [];
    for (let left = choices.below(3); left > 0; left--) {
        const plan = makeEnum(choices, `${prefix}_E${left}`, lines);
        declared = { ...declared, enums: [...declared.enums, plan] };
    }
    for (let left = choices.below(3); left > 0; left--) {
        const plan = makeStruct(choices, `${prefix}_S${left}`, declared);
        declared = { ...declared, structs: [...declared.structs, plan] };
        const fields = plan.fields.map(({ name, type, extent }) => `${name}: ${type}${extent ? `[${extent}]` : ""}`);
        lines.push(`struct ${plan.name} { ${fields.join(", ")} }`);
    }
    return { declared, lines };
}

function makeEnum(choices: Choices, name: string, lines: string[]): EnumPlan {
    const base = choices.pick(INTEGERS.filter((type) => type !== "index"));
    const values = integerSamples(base);
    const start = choices.below(values.length);
    const members = ["a", "b", "c"].slice(0, 1 + choices.below(3));
    // Samples one behind the other are all different.
    const list = members.map((member, at) => `${member} = ${values[(start + at) % values.length]}`);
    lines.push(`enum ${name}: ${base} { ${list.join(", ")} }`);
    return { name, base, members };
}

function makeStruct(choices: Choices, name: string, declared: Declared): StructPlan {
    const fields = Array.from({ length: 1 + choices.below(4) }, (_, at): FieldPlan => {
        if (choices.once(4)) return { name: `f${at}`, type: scalar(choices), extent: 2 + choices.below(3) };
        return { name: `f${at}`, type: anyType(choices, declared), extent: null };
    });
    return { name, fields };
}
