// The syntax of models and networks: their members, units, derivatives, and words that are names elsewhere.

import { describe, expect, test } from "vitest";
import { parse } from "../../compiler/syntax/parse.js";
import { UNITS } from "../../compiler/syntax/units.js";
import { messagesOf, statementsOf, treeOf } from "./trees.js";

function itemsOf(text: string) {
    const { module, diagnostics } = parse({ path: "test.soma", text });
    expect(diagnostics).toEqual([]);
    return module.items;
}

function membersOf(kind: "neuron" | "synapse" | "plasticity" | "network", body: string) {
    const [item] = itemsOf(`${kind} x {\n${body}\n}\n`);
    if (item === undefined || !("members" in item) || item.kind === "enum") throw new Error("no members");
    return item.members;
}

describe("models", () => {
    test("have parameters with units", () => {
        const [item] = itemsOf("pub neuron lif(tau: time = 20 ms, gain: f32) {}\n");
        expect(item).toMatchObject({
            kind: "neuron",
            isPublic: true,
            params: [
                { name: { text: "tau" }, type: { name: { text: "time" } }, value: { unit: { text: "ms" } } },
                { value: null },
            ],
        });
        expect(itemsOf("synapse s {}\nplasticity p() {}\n")).toMatchObject([
            { kind: "synapse", params: [] },
            { kind: "plasticity", params: [] },
        ]);
    });

    test("have members of all kinds", () => {
        const text = `
            #method(exponential_euler)
            port input: voltage; state v: voltage = -65 mV
            param i_ext: current = 0 pA
            let drive = input * 2.0
            v' = (drive - v) / tau
            trace x(tau: 20 ms) on pre
            trace y(tau: 20 ms)
            spike when rises(v, 0 mV) { v = 0 mV; refractory 2 ms }
            on spike { g += weight }
            bound w in 0.0 .. 1.0
            clamp v in -100 mV .. 40 mV
            substeps 2
            pairing nearest
            output -g`;
        const members = membersOf("neuron", text);
        expect(members.map(({ kind }) => kind)).toEqual(
            "attribute port state param declare derivative trace trace spike on bound clamp substeps pairing output".split(
                " ",
            ),
        );
        expect(members).toMatchObject({
            0: { attribute: { name: { text: "method" }, args: [{ value: { text: "exponential_euler" } }] } },
            5: { state: { text: "v" }, value: { kind: "binary", op: "/" } },
            6: { event: { text: "pre" }, args: [{ label: { text: "tau" } }] },
            7: { event: null },
            8: { body: { statements: [{ kind: "assign" }, { kind: "refractory" }] } },
            14: { value: { kind: "unary" } },
        });
    });

    test("may call a state by a word of theirs", () => {
        expect(membersOf("neuron", "state output: voltage\noutput' = -output / tau")).toMatchObject([
            { kind: "state", field: { name: { text: "output" } } },
            { kind: "derivative", state: { text: "output" } },
        ]);
    });
});

describe("networks", () => {
    test("have members of all kinds", () => {
        const members = membersOf(
            "network",
            `population exc(3200, neuron: coba(tau: 5 ms))
            layer hidden(choose(64, 128, 256), activation: relu)
            stimulus noise(100, poisson(rate: 20 Hz))
            connect exc -> exc.g_exc, inh.g_exc (probability: 0.02, synapse: exponential(tau: 5 ms))
            connect noise ->
                exc.g_exc
            plasticity stdp(a_plus: 0.005) on exc -> exc.g_exc
            plasticity hebbian
            record spikes of exc, inh
            record v of exc (every: 1 ms)
            let n = 3
            pairing nearest
            step { deliver; integrate
                spike; learn }`,
        );
        expect(members).toMatchObject([
            { kind: "population", name: { text: "exc" }, args: [{ label: null }, { label: { text: "neuron" } }] },
            { kind: "layer", args: [{ value: { kind: "call", args: [{}, {}, {}] } }, {}] },
            { kind: "stimulus" },
            {
                kind: "connect",
                from: { names: [{ text: "exc" }] },
                to: [{ names: [{ text: "exc" }, { text: "g_exc" }] }, {}],
                args: [{ value: { value: 0.02 } }, { label: { text: "synapse" } }],
            },
            { kind: "connect", args: [] },
            { kind: "plasticity", rule: { text: "stdp" }, on: { from: { names: [{ text: "exc" }] } } },
            { kind: "plasticity", args: [], on: null },
            { kind: "record", what: { text: "spikes" }, of: [{}, {}] },
            { kind: "record", args: [{ label: { text: "every" } }] },
            { kind: "declare" },
            { kind: "pairing", scheme: { text: "nearest" } },
            { kind: "step", phases: ["deliver", "integrate", "spike", "learn"].map((text) => ({ text })) },
        ]);
    });
});

describe("units", () => {
    test("belong to the number before them", () => {
        expect(treeOf("-65 mV + 2 * 3.5 nS")).toBe("(+ (- (mV 65)) (* 2 (nS 3.5)))");
    });

    test.each(Object.values(UNITS).flat())("%s is a unit, and a name", (unit) => {
        expect(treeOf(`1 ${unit}`)).toBe(`(${unit} 1)`);
        expect(statementsOf(`let ${unit} = 1\n${unit} = 2`)).toEqual([`(let ${unit} 1)`, `(= ${unit} 2)`]);
    });

    test("stand on the number's line", () => {
        expect(statementsOf("let a = 1\ns = 2")).toEqual(["(let a 1)", "(= s 2)"]);
        expect(statementsOf("a = 1; s = 2")).toEqual(["(= a 1)", "(= s 2)"]);
        expect(messagesOf("fn f() {\n    g(1\n    s)\n}\n")).toEqual(["expected `)`, found `s`"]);
    });

    test("stand apart from the number", () => {
        expect(messagesOf("fn f() { g(20ms) }\n")).toEqual(["`20ms` is no number"]);
    });
});

describe("`'`", () => {
    test("stands behind the name whose derivative is given", () => {
        expect(membersOf("neuron", "v'=1\ng' = 2")).toHaveLength(2);
    });

    test.each(["let c = 'a'", "let c = 'a' == b", "x ' = 1", "f('=')"])("not in %s", (text) => {
        expect(messagesOf(`fn f() {\n    ${text}\n}\n`)).toHaveLength(1);
    });
});

describe("words", () => {
    const words =
        "matrix tile neuron synapse plasticity network port state param trace spike when on refractory bound clamp output substeps pairing population layer stimulus connect record of step none".split(
            " ",
        );
    test.each(words)("%s is a name elsewhere", (word) => {
        const text = `fn ${word}(${word}: f32[n]) -> f32 {\n    var ${word} = ${word}[0]\n    ${word} += ${word}(1)\n    ${word}\n}\n`;
        expect(itemsOf(text)).toMatchObject([{ kind: "function", name: { text: word } }]);
    });
});

describe("recovery", () => {
    test("an error in a member leaves the others", () => {
        const { module, diagnostics } = parse({
            path: "t",
            text: "neuron a {\n    state v voltage\n    port p: voltage\n    v' = \n}\nnetwork b {\n    layer (3)\n    layer x(3)\n}\nfn g() {}\n",
        });
        expect(diagnostics).toHaveLength(3);
        expect(module.items).toMatchObject([
            { name: { text: "a" }, broken: true, members: [{ kind: "port" }] },
            { name: { text: "b" }, members: [{ kind: "layer", name: { text: "x" } }] },
            { kind: "function", broken: false },
        ]);
    });

    test("what begins no member is one error", () => {
        expect(messagesOf("neuron a {\n    v = 3\n}\n")).toHaveLength(1);
        expect(messagesOf("network a {\n    v = 3\n    while x {}\n}\n")).toHaveLength(2);
    });

    test("an unclosed bracket doesn't swallow the next model", () => {
        const { module, diagnostics } = parse({
            path: "t",
            text: "network a {\n    layer b(3\n\nneuron c {\n    state v: voltage\n}\n",
        });
        expect(diagnostics).toHaveLength(1);
        expect(module.items.map(({ name }) => name.text)).toEqual(["a", "c"]);
    });
});
