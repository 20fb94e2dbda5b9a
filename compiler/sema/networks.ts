// Models and networks among a module's items: what they are checked with, and the source that networks become, which is
// checked as any other.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { badValue, unknownPart } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import { type Around, checkModel } from "../network/check-model.js";
import { checkNetwork } from "../network/check-network.js";
import type { Typed } from "../network/formulas.js";
import { type Generated, generateNetwork } from "../network/generate.js";
import type { Model } from "../network/model.js";
import type { Network } from "../network/network.js";
import { PLAIN } from "../network/units.js";
import type * as ast from "../syntax/ast.js";
import type { Target } from "../targets/targets.js";
import type { GlobalSymbol, ModuleScope, Report } from "./context.js";
import { PRELUDE } from "./prelude.js";

/** The library's module of models. */
const MODELS = "std.neuro";

/** A network's kernels and manifest, in the module that declares it. */
export interface NetworkOfModule {
    readonly manifest: NetworkManifest;
    /** As networks that it is part of see it. */
    readonly checked: Network;
    /** The module of its kernels. */
    readonly scope: ModuleScope;
}

/** What names outside of models and networks are in them. */
function around(symbols: ReadonlyMap<string, GlobalSymbol>, report: Report): Around {
    return { constant: (name) => constantOf(symbols.get(name)), report };
}

function constantOf(symbol: GlobalSymbol | undefined): Typed | undefined {
    if (symbol?.kind === "broken") return { formula: 0, type: PLAIN };
    if (symbol?.kind !== "constant") return undefined;
    const { value } = symbol.constant;
    if (typeof value === "boolean") return { formula: value, type: "bool" };
    return { formula: Number(value), type: PLAIN };
}

export function resolveModel(
    item: ast.ModelItem,
    symbols: ReadonlyMap<string, GlobalSymbol>,
    report: Report,
): GlobalSymbol {
    const model = item.broken ? null : checkModel(item, around(symbols, report));
    return model === null ? { kind: "broken" } : { kind: "model", model, isPublic: item.isPublic };
}

/**
 * @param library what a module of the standard library declares
 * @param demand a network of this module, checked if it wasn't yet; undefined where it contains the one that asks
 */
export function resolveNetwork(
    item: ast.NetworkItem,
    symbols: ReadonlyMap<string, GlobalSymbol>,
    library: (module: string, name: string) => GlobalSymbol | undefined,
    demand: (name: string) => GlobalSymbol | undefined,
    target: Target,
    report: Report,
): (Generated & { readonly checked: Network }) | null {
    if (item.broken) return null;
    const model = (name: ast.Name, kind: Model["kind"]): Model | null => {
        const module = PRELUDE.get(name.text);
        const symbol = symbols.get(name.text) ?? (module === undefined ? undefined : library(module, name.text));
        if (symbol?.kind === "broken") return null;
        if (symbol?.kind === "model" && symbol.model.kind === kind) return symbol.model;
        const known = [...symbols].flatMap(([each, found]) =>
            found.kind === "model" && found.model.kind === kind ? [each] : [],
        );
        const what = { neuron: "neuron model", synapse: "synapse model", plasticity: "plasticity rule" }[kind];
        const offered = symbol === undefined ? library(MODELS, name.text) : undefined;
        const help =
            offered?.kind === "model" && offered.model.kind === kind
                ? `import it: \`import ${MODELS} { ${name.text} }\``
                : undefined;
        report(
            diagnose(unknownPart, name.span, {
                name: name.text,
                what,
                similar: nearest(name.text, known),
                known,
                help,
            }),
        );
        return null;
    };
    const subnetwork = (name: ast.Name): Network | null => {
        const symbol = symbols.has(name.text) ? demand(name.text) : symbols.get(name.text);
        if (symbol?.kind === "network") return symbol.network.checked;
        if (symbol?.kind === "broken") return null;
        const networks = [...symbols].flatMap(([each, { kind: what }]) => (what === "network" ? [each] : []));
        const isCircle = symbols.has(name.text) && symbol === undefined;
        if (isCircle) {
            const what = `\`${name.text}\` would contain itself`;
            report(diagnose(badValue, name.span, { what, help: "move what both have into a network of its own" }));
        } else {
            const similar = nearest(name.text, networks);
            report(diagnose(unknownPart, name.span, { name: name.text, what: "network", similar, known: networks }));
        }
        return null;
    };
    const checked = checkNetwork(item, { ...around(symbols, report), model, network: subnetwork });
    const generated = checked && generateNetwork(checked, target, report);
    return checked && generated && { ...generated, checked };
}
