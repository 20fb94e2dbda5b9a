// Which neurons of one part reach which of another, as a connection says it.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Connectivity, Window } from "../../codeobject/network/manifest.js";
import { misfit } from "../../codeobject/network/window.js";
import { badValue, probabilityRange, wrongArgument } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { Arguments } from "./arguments.js";
import { demandFormula } from "./formulas.js";
import type { Layer, Population } from "./network.js";
import { type NetworkScope, PAIRS } from "./network-scope.js";
import { PLAIN } from "./units.js";

/** What says connectivity, of connections of spikes. */
export const CONNECTIVITY_LABELS = [
    "probability",
    "fan_in",
    "fan_out",
    "total",
    "one_to_one",
    "where",
    "synapses",
    "autapses",
    "multapses",
    "window",
    "stride",
    "padding",
    "pool",
] as const;

export const ALL_TO_ALL: Connectivity = { kind: "all", value: null, autapses: true, multapses: false, window: null };

/** Null where a mistake was reported. */
export function connectivityOf(
    scope: NetworkScope,
    args: Arguments,
    from: Population,
    to: Population,
): Connectivity | null {
    const kinds = ["probability", "fan_in", "fan_out", "total", "one_to_one", "where", "synapses"] as const;
    const given = kinds.filter((kind) => args.labelled.has(kind));
    const flag = (label: string, fallback: boolean) => scope.flag(args.labelled.get(label), fallback);
    const autapses = flag("autapses", true);
    const multapses = flag("multapses", true);
    const rest = { autapses, multapses, window: null };
    const kind = given[0];
    if (args.labelled.has("window") && kind === undefined) {
        const window = windowOf(scope, args, from, to, args.labelled.has("pool") ? ["sum"] : null);
        return window && { kind: "window", value: null, ...rest, window };
    }
    if (kind === undefined) return { kind: "all", value: null, ...rest };
    const { value } = args.labelled.get(kind) as ast.Argument;
    if (given.length > 1) {
        scope.report(
            diagnose(wrongArgument, value.span, {
                what: `a connection has one of ${given.map((each) => `\`${each}\``).join(" and ")}`,
            }),
        );
        return null;
    }
    if (kind === "synapses") {
        if (value.kind === "name" && value.text === "data") return { kind: "data", value: null, ...rest };
        scope.report(
            diagnose(wrongArgument, value.span, { what: "synapses come from `data`, which the program gives" }),
        );
        return null;
    }
    if (kind === "one_to_one") {
        if (!scope.flag(args.labelled.get(kind), true)) return { kind: "all", value: null, ...rest };
        const [one, other] = [scope.known(from.size), scope.known(to.size)];
        if (one === undefined || other === undefined || one === other) return { kind, value: null, ...rest };
        const what = `\`${from.name}\` has ${one} neurons and \`${to.name}\` has ${other}: they don't pair`;
        scope.report(diagnose(badValue, value.span, { what }));
        return null;
    }
    if (kind === "where") {
        const condition = demandFormula(scope.context(PAIRS), value, "bool", "`where`");
        return condition === null ? null : { kind, value: condition, ...rest };
    }
    const formula = demandFormula(scope.context(), value, PLAIN, `\`${kind}\``);
    if (formula === null) return null;
    const known = scope.known(formula);
    if (kind === "probability" && known !== undefined && !(known >= 0 && known <= 1)) {
        scope.report(diagnose(probabilityRange, value.span, { value: String(known) }));
        return null;
    }
    if (kind !== "probability" && known !== undefined && !(Number.isSafeInteger(known) && known >= 0)) {
        scope.report(diagnose(badValue, value.span, { what: `\`${kind}\` is a whole number, not ${known}` }));
        return null;
    }
    return { kind, value: formula, ...rest };
}

/**
 * `window: 5, stride: 2, padding: 1`, with `pool: max` a window that stays in its channel.
 * @param pools what `pool` may be; null where there is none
 */
export function windowOf(
    scope: NetworkScope,
    args: Arguments,
    from: Layer | Population,
    to: Layer | Population,
    pools: readonly ("max" | "mean" | "sum")[] | null,
): Window | null {
    const pool = args.labelled.get("pool");
    const kind =
        pools === null ? "convolution" : pools.find((each) => pool?.value.kind === "name" && each === pool.value.text);
    if (kind === undefined) {
        const span = (pool as ast.Argument).value.span;
        scope.report(diagnose(wrongArgument, span, { what: `\`pool\` is ${(pools ?? []).join(" or ")} here` }));
        return null;
    }
    const across = args.labelled.get("window");
    const flat = [from, to].find(({ shape }) => shape.length !== 3);
    if (flat !== undefined || across === undefined) {
        const what = flat
            ? `\`${flat.name}\` has no channels, rows and columns`
            : "nothing says how large the window is";
        const help = flat ? `write them as its sizes: \`${flat.name}(1, 28, 28, …)\`` : "write `window: 2`";
        scope.report(diagnose(wrongArgument, (across ?? (pool as ast.Argument)).value.span, { what, help }));
        return null;
    }
    const number = (label: string, least: number, fallback: Formula): Formula | null => {
        const arg = args.labelled.get(label);
        if (arg === undefined) return fallback;
        const formula = demandFormula(scope.context(), arg.value, PLAIN, `\`${label}\``);
        const value = formula === null ? undefined : scope.known(formula);
        if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return formula;
        const what = `\`${label}\` is a whole number from ${least}, not ${value}`;
        scope.report(diagnose(badValue, arg.value.span, { what }));
        return null;
    };
    const size = number("window", 1, 1);
    const stride = number("stride", 1, kind === "convolution" ? 1 : (size ?? 1));
    const padding = number("padding", 0, 0);
    if (size === null || stride === null || padding === null) return null;
    const window: Window = { kind, kernel: size, stride, padding, pre: from.shape, post: to.shape };
    const wrong = misfit(window, (formula) => scope.known(formula));
    if (wrong === null) return window;
    scope.report(
        diagnose(badValue, across.value.span, {
            what: `${wrong.what} from \`${from.name}\` to \`${to.name}\``,
            help: wrong.help,
        }),
    );
    return null;
}
