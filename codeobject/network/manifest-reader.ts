// Reading a network's manifest: it may be damaged or made by hand. Here is checked that it has the form of its type, so
// that its reader finds no surprises; that its names fit together is checked where they are looked up.

import type { Field } from "../field.js";
import { type Formula, OPERATIONS } from "./formula.js";
import {
    type Binding,
    CONNECTIVITIES,
    type ConnectionManifest,
    type Connectivity,
    NETWORK_ELEMENTS,
    type NetworkBuffer,
    type NetworkLaunch,
    type NetworkManifest,
    type PartManifest,
    SIGNS,
    STORAGES,
    SYNAPSE_ROLES,
    WINDOWS,
} from "./manifest.js";

const MAX_DEPTH = 500;
const MAX = Number.MAX_SAFE_INTEGER;

export function readNetwork(field: Field): NetworkManifest {
    const list = <T>(name: string, read: (each: Field) => T, at = field): T[] => at.get(name).array().map(read);
    const schedules = field.get("schedules");
    return {
        name: field.get("name").string(),
        doc: field.get("doc").string(),
        dt: nullable(field.get("dt"), readFormula),
        parameters: list("parameters", (each) => ({
            name: each.get("name").string(),
            value: nullable(each.get("value"), readFormula),
            quantity: each.get("quantity").string(),
            sign: each.get("sign").oneOf(SIGNS),
            domain: nullable(each.get("domain"), readDomain),
        })),
        constants: list("constants", (each) => readFormula(each)),
        parts: list("parts", readPart),
        connections: list("connections", readConnection),
        buffers: list("buffers", readBuffer),
        schedules: {
            forward: list("forward", readLaunch, schedules),
            learn: list("learn", readLaunch, schedules),
            step: list("step", readLaunch, schedules),
        },
        records: list("records", (each) => ({
            what: each.get("what").string(),
            of: each.get("of").string(),
            every: readFormula(each.get("every")),
            ring: nullable(each.get("ring"), (ring) => ring.string()),
        })),
        findings: list("findings", (each) => ({ text: each.get("text").string(), part: each.get("part").string() })),
        notes: list("notes", (each) => each.string()),
    };
}

function nullable<T>(field: Field, read: (field: Field) => T): T | null {
    return field.isNull() ? null : read(field);
}

function readFormula(field: Field, depth = 0): Formula {
    if (depth > MAX_DEPTH) throw field.error(`must be nested at most ${MAX_DEPTH} deep`);
    const shape = field.shape();
    if (shape === "string") return field.string();
    if (shape === "number") return field.number();
    if (shape !== "array") return field.boolean();
    const [operation, ...operands] = field.array();
    const name = operation?.string() ?? "";
    if (operation === undefined || !OPERATIONS.has(name)) throw field.error("must begin with an operation");
    return [name, ...operands.map((each) => readFormula(each, depth + 1))] as unknown as Formula;
}

function readDomain(field: Field) {
    const kind = field.get("kind").oneOf(["choose", "between"]);
    const values = list(field, "values");
    if (values.length < (kind === "between" ? 2 : 1)) throw field.error("has too few values");
    return { kind, values };
}

function list(field: Field, name: string): readonly Formula[] {
    return field
        .get(name)
        .array()
        .map((each) => readFormula(each));
}

function readPart(field: Field): PartManifest {
    const [name, size] = [field.get("name").string(), readFormula(field.get("size"))];
    return field.get("kind").oneOf(["layer", "population"]) === "layer"
        ? {
              kind: "layer",
              name,
              size,
              isInput: field.get("isInput").boolean(),
              isOutput: field.get("isOutput").boolean(),
          }
        : { kind: "population", name, size, emits: field.get("emits").boolean(), model: field.get("model").string() };
}

function readConnection(field: Field): ConnectionManifest {
    const buffers = field.get("buffers");
    const given = SYNAPSE_ROLES.flatMap((role) => {
        const name = buffers.get(role).optional((each) => each.string());
        return name === undefined ? [] : [[role, name] as const];
    });
    return {
        name: field.get("name").string(),
        from: field.get("from").string(),
        to: field.get("to").string(),
        isRate: field.get("isRate").boolean(),
        connectivity: readConnectivity(field.get("connectivity")),
        weight: readFormula(field.get("weight")),
        synapse: nullable(field.get("synapse"), (each) => each.string()),
        delay: nullable(field.get("delay"), readFormula),
        leastDelay: field.get("leastDelay").integer(0, 1),
        stream: field.get("stream").integer(0, MAX),
        storage: field.get("storage").oneOf(STORAGES),
        buffers: Object.fromEntries(given),
        hasDelays: field.get("hasDelays").boolean(),
        bound: nullable(field.get("bound"), readFormula),
        isScaled: field.get("isScaled").boolean(),
        rewires: field.get("rewires").boolean(),
    };
}

function readConnectivity(field: Field): Connectivity {
    return {
        kind: field.get("kind").oneOf(CONNECTIVITIES),
        value: nullable(field.get("value"), readFormula),
        autapses: field.get("autapses").boolean(),
        multapses: field.get("multapses").boolean(),
        window: nullable(field.get("window"), (window) => ({
            kind: window.get("kind").oneOf(WINDOWS),
            kernel: readFormula(window.get("kernel")),
            stride: readFormula(window.get("stride")),
            padding: readFormula(window.get("padding")),
            pre: readShape(window.get("pre")),
            post: readShape(window.get("post")),
        })),
    };
}

/** Channels, rows and columns. */
function readShape(field: Field): readonly Formula[] {
    const shape = field.array().map((each) => readFormula(each));
    if (shape.length !== 3) throw field.error("must have three extents");
    return shape;
}

function readBuffer(field: Field): NetworkBuffer {
    const initial = field.get("initial");
    const kind = initial.get("kind").oneOf(["zero", "ones", "filled", "formula", "members"]);
    return {
        name: field.get("name").string(),
        element: field.get("element").oneOf(NETWORK_ELEMENTS),
        extents: field
            .get("extents")
            .array()
            .map((each) => readFormula(each)),
        initial:
            kind === "formula"
                ? { kind, value: readFormula(initial.get("value")), stream: initial.get("stream").integer(0, MAX) }
                : kind === "members"
                  ? readMembers(initial)
                  : { kind },
        isState: field.get("isState").boolean(),
        pool: nullable(field.get("pool"), (each) => each.string()),
    };
}

function readMembers(field: Field) {
    const groups = list(field, "groups");
    const rows = field
        .get("rows")
        .array()
        .map((row) => row.array().map((each) => readFormula(each)));
    if (rows.length !== groups.length || rows.some((row) => row.length !== rows[0]?.length))
        throw field.error("must have rows of one length, one for each member");
    return { kind: "members", groups, rows } as const;
}

function readLaunch(field: Field): NetworkLaunch {
    const args = field.get("arguments");
    return {
        kernel: field.get("kernel").string(),
        every: nullable(field.get("every"), readFormula),
        when: field.get("when").optional((each) => nullable(each, readFormula)) ?? null,
        arguments: Object.fromEntries(args.keys().map((name) => [name, readBinding(args.get(name))])),
    };
}

function readBinding(field: Field): Binding {
    const buffer = field.get("buffer").optional((each) => each.string());
    if (buffer !== undefined) return { buffer };
    const value = field.get("value").oneOf(["ahead", "seed", "formula"]);
    return value === "formula" ? { value, formula: readFormula(field.get("formula")) } : { value };
}
