// What connections of layers learn of an activity.

import type { Formula } from "../../codeobject/network/formula.js";
import { activity, GROUP, NEURONS } from "./generate-layers.js";
import { bound, CONSTANTS, type Generation, ruleNames, sizeOf, weightsOf } from "./generation.js";
import type { Connection, RuleUse } from "./network.js";
import { localsOf, printActions } from "./print-actions.js";
import type { Draft, KernelParameter } from "./source.js";
import { ownName, Printer, viewOf } from "./text.js";
import { windowNames, windowParameters } from "./window-code.js";

/** `on update`, sample by sample in order, with the activities that a forward pass left. */
export function learnKernel(generation: Generation, connection: Connection, rule: RuleUse): Draft {
    const { from, to } = connection;
    const { model } = rule;
    const actions = model.reactions.get("update") ?? [];
    const states = model.states.map(({ name }) => name);
    const locals: Record<string, string> = { w: "w", pre: "pre", post: "post", target: "wanted" };
    for (const name of [...states, ...localsOf(actions)]) locals[name] = ownName(name);
    const printer = new Printer(generation.constants, ruleNames(rule, locals));
    const codeOf = (name: string) => locals[name] as string;
    const update = printActions(actions, printer, codeOf, () => "", "        ");
    const bounds = model.bounds.map(
        ({ name, low, high }) =>
            `        ${codeOf(name)} = clamp(${codeOf(name)}, ${printer.print(low)}, ${printer.print(high)})`,
    );
    const elements = (name: string, buffer: string): KernelParameter => ({
        name,
        type: "mut f32[b, n1, n]",
        binding: bound(buffer),
    });
    const isWindow = connection.connectivity.window !== null;
    const parameters: KernelParameter[] = [
        ...(printer.usesConstants ? [CONSTANTS] : []),
        { name: "x", type: isWindow ? "f32[b, m, e]" : "f32[b, m, n1]", binding: bound(activity(from)) },
        { name: "y", type: isWindow ? "f32[b, m, o]" : "f32[b, m, n]", binding: bound(activity(to)) },
        ...(connection.connectivity.window ? windowParameters(connection.connectivity.window, "0") : []),
        ...(model.usesTarget
            ? [
                  {
                      name: "target",
                      type: isWindow ? "f32[b, m, o]" : "f32[b, m, n]",
                      binding: bound(`${to.name}.target`),
                  },
              ]
            : []),
        elements("weights", weightsOf(connection)),
        ...states.map((state) => elements(viewOf(codeOf(state)), `${connection.name}.${state}`)),
    ];
    if (model.usesTarget) {
        const extents: Formula[] = ["batch", "samples", sizeOf(to)];
        generation.buffer({
            name: `${to.name}.target`,
            element: "f32",
            extents,
            initial: { kind: "zero" },
            isState: false,
        });
    }
    const mentions = (name: string) => [...update, ...bounds].some((line) => new RegExp(`\\b${name}\\b`).test(line));
    const { window } = connection.connectivity;
    // Every sample, and of a filter every place that it comes to.
    const samples = [
        ...(mentions("post") ? [`        let post = y[r, s, ${window === null ? "j" : "behind"}]`] : []),
        ...(model.usesTarget ? [`        let wanted = target[r, s, ${window === null ? "j" : "behind"}]`] : []),
        ...update,
        ...bounds,
    ];
    const loop =
        window === null
            ? [
                  "    for s in 0 .. m {",
                  ...(mentions("pre") ? ["        let pre = x[r, s, i]"] : []),
                  ...samples,
                  "    }",
              ]
            : [
                  "    for s in 0 .. m {",
                  "    for place in 0 .. high_0 * wide_0 {",
                  "        let row = place / wide_0 * stride_0 + (i / kernel_0) % kernel_0 - padding_0",
                  "        let column = place % wide_0 * stride_0 + i % kernel_0 - padding_0",
                  "        if row >= 0 && row < rows_0 && column >= 0 && column < columns_0 {",
                  ...(mentions("pre")
                      ? ["        let pre = x[r, s, (i / (kernel_0 * kernel_0) * rows_0 + row) * columns_0 + column]"]
                      : []),
                  ...(mentions("post") || model.usesTarget ? ["        let behind = j * high_0 * wide_0 + place"] : []),
                  ...samples,
                  "        }",
                  "    }",
                  "    }",
              ];
    const body = [
        "let r = group_id(0)",
        "let i = group_id(1)",
        `let j = group_id(2) * ${GROUP} + local_id(2)`,
        ...printer.loads(""),
        ...(window === null ? [] : windowNames("0")),
        "if j < n {",
        "    var w = weights[r, i, j]",
        ...states.map((state) => `    var ${codeOf(state)} = ${viewOf(codeOf(state))}[r, i, j]`),
        ...loop,
        "    weights[r, i, j] = w",
        ...states.map((state) => `    ${viewOf(codeOf(state))}[r, i, j] = ${codeOf(state)}`),
        "}",
    ];
    const name = generation.kernelName(connection.name, "learn");
    const doc = `What ${connection.name} learns of an activity by ${rule.name}.`;
    return { name, doc, parameters, groups: ["b", "n1", NEURONS], workgroup: [1, 1, GROUP], body };
}
