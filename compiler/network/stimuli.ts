// Stimuli: populations that emit spikes by themselves. Each is a neuron model of the compiler's own.

import type { Formula } from "../../codeobject/network/formula.js";
import type * as ast from "../syntax/ast.js";
import type { Arguments } from "./arguments.js";
import type { Model, Variable } from "./model.js";
import { DIMENSIONS, type Dimension, TIME } from "./units.js";

const RATE: Dimension = [-1, 0, 0, 0];

interface Stimulus {
    readonly model: Model;
    readonly args: readonly ast.Argument[];
    /** The names that its arguments may have. */
    readonly labels: readonly string[];
}

/** The time, in formulas of these: a name that no model can have. */
export const NOW = "time:now";

const NOWHERE = { file: { path: "", text: "" }, start: 0, end: 0 };

function variable(name: string, dimension: Dimension, value: Variable["value"]): Variable {
    return { name, dimension, value, span: NOWHERE };
}

function model(name: string, parts: Partial<Model>): Model {
    return {
        kind: "neuron",
        name,
        span: NOWHERE,
        params: [],
        elements: [],
        ports: [],
        states: [],
        derivatives: new Map(),
        spikes: [],
        traces: [],
        reactions: new Map(),
        every: null,
        bounds: [],
        output: null,
        substeps: 1,
        pairing: "all",
        method: null,
        weight: null,
        usesTarget: false,
        ...parts,
    };
}

/** Each neuron fires in a step with the probability rate·dt, whatever it did before. */
const POISSON = model("poisson", {
    elements: [variable("rate", RATE, null)],
    spikes: [{ condition: ["<", ["uniform"], ["*", "rate", "dt"]], actions: [] }],
});

/** Fires at `phase`, and again after each period 1 / rate: where the number of periods so far becomes greater. */
const REGULAR = model("regular", {
    elements: [variable("rate", RATE, null), variable("phase", TIME, 0)],
    spikes: [
        {
            condition: [
                "&&",
                [">=", ["+", NOW, ["*", 0.5, "dt"]], "phase"],
                [
                    "!=",
                    ["floor", ["*", "rate", ["-", ["+", NOW, ["*", 0.5, "dt"]], "phase"]]],
                    ["floor", ["*", "rate", ["-", ["-", NOW, ["*", 0.5, "dt"]], "phase"]]],
                ],
            ],
            actions: [],
        },
    ],
});

/** What the program says, step by step: 1 in `emits` is a spike in the next step. */
const REPLAY = model("replay", {
    elements: [variable("emits", [0, 0, 0, 0], 0)],
    spikes: [{ condition: [">", "emits", 0], actions: [] }],
});

/** No spikes, but a current for each neuron, which goes on until the program writes another. */
const CURRENT = model("current", {
    elements: [variable("current", DIMENSIONS.current as Dimension, null)],
});

/** Whether it gives a current in place of spikes. */
export function isCurrent(given: Model): boolean {
    return given === CURRENT;
}

/** Whether it fires by a rate. */
export function isRated(given: Model): boolean {
    return given === POISSON || given === REGULAR;
}

/** The rate whose product with dt a spike's condition takes for the probability of a spike in a step, or for periods that end in it. */
export function rateIn(model: Model, condition: Formula): string | null {
    if (model === REGULAR) return "rate";
    const [less, drawn, product] = condition as readonly Formula[];
    const [times, ...factors] = typeof product === "object" ? product : [];
    if (less !== "<" || String(drawn) !== "uniform" || times !== "*" || !factors.includes("dt")) return null;
    const rate = factors.find((each) => each !== "dt");
    return typeof rate === "string" ? rate : null;
}

/** Null where the arguments name none of them. */
export function stimulusModel(args: Arguments): Stimulus | null {
    const rate = (label: string): ast.Argument[] => {
        const arg = args.labelled.get(label);
        return arg?.label ? [{ label: { ...arg.label, text: "rate" }, value: arg.value }] : [];
    };
    const own = (label: string) => [args.labelled.get(label)].filter((each) => each !== undefined);
    if (args.labelled.has("poisson")) return { model: POISSON, args: rate("poisson"), labels: ["poisson"] };
    if (args.labelled.has("regular")) {
        return { model: REGULAR, args: [...rate("regular"), ...own("phase")], labels: ["regular", "phase"] };
    }
    if (args.labelled.has("current")) return { model: CURRENT, args: own("current"), labels: ["current"] };
    const spikes = args.labelled.get("spikes")?.value;
    if (spikes?.kind === "name" && spikes.text === "data") return { model: REPLAY, args: [], labels: ["spikes"] };
    return null;
}
