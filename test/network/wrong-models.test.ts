// Models, and modules of them, as they are got wrong: each is an error with a place and a message that names what is wrong.

import { test } from "vitest";
import { type Case, refused } from "./refused.js";

const MODULES: readonly Case[] = [
    [
        `neuron x { state v: voltage = 3 pA
v' = -v / 5 ms
spike when v > 1 mV {} }`,
        "E1201",
        "the value of `v` is a current, and a voltage is wanted here",
    ],
    [
        `neuron x(e: current = 1 pA) { state v: voltage = 3 mV
v' = (e - v) / 5 ms
spike when v > 1 mV {} }`,
        "E1201",
        "the right side of `-` is a voltage, and a current is wanted here",
    ],
    [
        `neuron x(tau: time = 20
ms) { state v: f32 = 1.0
v' = -v/tau
spike when v > 1.0 {} }`,
        "E0104",
        "expected `)`, found `ms`",
    ],
    [
        `neuron x { state v: voltage = 3 mV
u' = -u / 5 ms
spike when v > 1 mV {} }`,
        "E1202",
        "`u` is no state of this model, so it has no derivative",
    ],
    [
        `neuron x { param p: f32 = 1.0
state v: f32 = 1.0
p' = -p / 5 ms
spike when v > 1.0 {} }`,
        "E1202",
        "`p` is no state of this model, so it has no derivative",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
v' = -v / 6 ms
spike when v > 1.0 {} }`,
        "E0204",
        "`v'` is already given in this model",
    ],
    [
        `neuron x { state v: f32 = 1.0
v'' = -v / 5 ms
spike when v > 1.0 {} }`,
        "E0101",
        "`'` has no meaning here",
    ],
    [
        `neuron x { state v: f32 = 1.0
dv/dt = -v / 5 ms
spike when v > 1.0 {} }`,
        "E0104",
        "expected `'`, found `/`",
    ],
    [
        `neuron x { state v: f32 = 1.0
v = v + 1.0
spike when v > 1.0 {} }`,
        "E0104",
        "expected `'`, found `=`",
    ],
    [
        `network n(dt: time = 1 ms) { population a(3, neuron: lif())
connect a -> a.input (weight: 1 mV, delay: 0.1 ms) }`,
        "E1206",
        "the delay of 0.1 ms is shorter than the step of 1 ms",
    ],
    [
        `network n(dt: time = 1 ms) { population a(3, neuron: lif())
connect a -> a.input (weight: 1 mV, delay: -1 ms) }`,
        "E1206",
        "the delay of -1 ms is shorter than the step of 1 ms",
    ],
    [
        `network n { population a(3, neuron: lif()) }
network n { population a(3, neuron: lif()) }`,
        "E0204",
        "`n` is already declared or imported in this module",
    ],
    [
        `neuron x { state v: f32 = 1.0
state v: f32 = 2.0
v' = -v / 5 ms
spike when v > 1.0 {} }`,
        "E0204",
        "`v` is already a name of this neuron",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
spike when { v = 0.0 } }`,
        "E0104",
        "expected `{`, found `}`",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
spike when v { v = 0.0 } }`,
        "E1201",
        "a spike's condition is a plain number, and a condition is wanted here",
    ],
    [
        `neuron x(p: f32 = 1.0) { state v: f32 = 1.0
v' = -v / 5 ms
spike when v > 2.0 { p = 0.0 } }`,
        "E1208",
        "an assignment to this can't be part of a model or network",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
spike when v > 2.0 { v = 0.0; refractory 2 } }`,
        "E1201",
        "a refractory period is a plain number, and a time is wanted here",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
spike when v > 0.0 { v = 0.0; refractory -2 ms } }
network n { population a(3, neuron: x()) }`,
        "E1208",
        "this statement can't be part of a model or network",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms }
network n { population a(3, neuron: x())
record spikes of a }`,
        "E1209",
        "`x` says nowhere when `a` spikes",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms }
network n { population a(3, neuron: x())
population b(3, neuron: lif())
connect a -> b.input (weight: 1 mV) }`,
        "E1205",
        "`a` has no spikes: `x` says nowhere when",
    ],
    [
        `neuron x { state v: f32 = 1.0
#method(rk5)
v' = -v / 5 ms
spike when v > 2.0 {} }
network n { population a(3, neuron: x()) }`,
        "E1209",
        "there is no such method",
    ],
    [
        `neuron x { state v: f32 = 1.0
#method(exact)
v' = -v * v / 5 ms
spike when v > 2.0 {} }
network n { population a(3, neuron: x()) }`,
        "E1209",
        "`#method` of `x`: the equation of `v` is not linear, or its factors differ from neuron to neuron",
    ],
    [
        `neuron x { state v: f32 = 1.0
substeps 0
v' = -v / 5 ms
spike when v > 2.0 {} }`,
        "E1209",
        "substeps are a whole number from 1 to 1000",
    ],
    [
        `neuron x { state v: f32 = 1.0
substeps 1.5
v' = -v / 5 ms
spike when v > 2.0 {} }`,
        "E1209",
        "substeps are a whole number from 1 to 1000",
    ],
    [
        `neuron x { state v: f32 = 1.0
clamp u in 0.0 .. 1.0
v' = -v / 5 ms
spike when v > 2.0 {} }`,
        "E0201",
        "there is no `u` here",
    ],
    ["network n(dt: time = 0 ms) { population a(3, neuron: lif()) }", "E1209", "a step of 0 ms is none"],
    ["network n(dt: f32 = 0.1) { population a(3, neuron: lif()) }", "E1209", "`dt`, the length of a step, is a time"],
    ["network n(dt: time = -1 ms) { population a(3, neuron: lif()) }", "E1209", "a step of -1 ms is none"],
    [
        `synapse s { state g: f32 = 0.0
on spike { g += weight } }`,
        "E1209",
        "the synapse `s` has no output",
    ],
    [
        `synapse s { state g: f32 = 0.0
g' = -g / 5 ms
output g }
network n { population a(3, neuron: izhikevich())
connect a -> a.input (weight: 1.0, synapse: s()) }`,
        "E1209",
        "nothing says what a spike does to the synapse `s`",
    ],
    [
        `synapse s { state g: f32 = 0.0
g' = -g / 5 ms
on spike { g += weight * weight }
output g }
network n { population a(3, neuron: izhikevich())
connect a -> a.input (weight: 1.0, synapse: s()) }`,
        "E1201",
        "what `g` gets is weight^2, and a plain number is wanted here",
    ],
    [
        `synapse s { state g: f32 = 0.0
g' = -g * g / 5 ms
on spike { g += weight }
output g }
network n { population a(3, neuron: izhikevich())
connect a -> a.input (weight: 1.0, synapse: s()) }`,
        "E1209",
        "`g'` of `s` is no sum of its states by factors: so synapses of a neuron can be summed",
    ],
    [
        `synapse s { state g: f32 = 0.0
g' = -g / 5 ms
on post { g += weight }
output g }`,
        "E1203",
        "`on post` can't stand in a synapse",
    ],
    [
        `plasticity p { trace x(tau: 5 ms) on spike
on post { w += x } }`,
        "E1203",
        "this trace can't stand in a plasticity rule",
    ],
    [
        `plasticity p { trace x on pre
on post { w += x } }`,
        "E0104",
        "expected `(`, found `on`",
    ],
    [
        `plasticity p { trace x(tau: 5 ms) on pre
on post { w += x }
bound v in 0.0 .. 1.0 }`,
        "E0201",
        "there is no `v` here",
    ],
    ["plasticity p { on fire { w += 1.0 } }", "E1203", "`on fire` can't stand in a plasticity rule"],
    [
        `plasticity p { on every(0 ms) { w += 1.0 } }
network n { population a(3, neuron: lif())
connect a -> a.input (weight: 1 mV)
plasticity p() }`,
        "E1209",
        "the period of `p` is 0 ms, which is shorter than a step of 0.1 ms",
    ],
    [
        `plasticity p { on every(0.01 ms) { w += 1.0 } }
network n(dt: time = 1 ms) { population a(3, neuron: lif())
connect a -> a.input (weight: 1 mV)
plasticity p() }`,
        "E1209",
        "the period of `p` is 0.01 ms, which is shorter than a step of 1 ms",
    ],
    [
        `plasticity p { trace x(tau: 5 ms) on pre
on post { w += x }
pairing closest }`,
        "E1209",
        "there is no pairing `closest`",
    ],
    [
        `network n(dt: time = 1 ms) { population a(3, neuron: lif())
record v of a (every: 0.1 ms) }`,
        "E1209",
        "`every` is 0.1 ms, which is shorter than a step of 1 ms",
    ],
    [
        `network aa { network x = bb() }
network bb { network x = aa() }`,
        "E1209",
        "`aa` would contain itself",
    ],
    [
        "network n(n: voltage = 3) { population a(3, neuron: lif()) }",
        "E1201",
        "the value of `n` is a plain number, and a voltage is wanted here",
    ],
    ["network n(n: i32 = 3) { population a(3, neuron: lif()) }", "E1205", "a network's parameter is no `i32`"],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
spike when v > 2.0 { print("x") } }`,
        "E1208",
        "this statement can't be part of a model or network",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = -v / 5 ms
spike when foo(v) > 2.0 { } }`,
        "E0202",
        "there is no function `foo`",
    ],
    [
        `neuron x { state v: f32 = 1.0
v' = (if v > 0.0 { 1.0 }) / 5 ms
spike when v > 2.0 { } }`,
        "E1208",
        "an `if` without `else` can't be part of a model or network",
    ],
    [
        `neuron x:
    v' = 1`,
        "E0104",
        "expected `{`, found `:`",
    ],
];

test.each(MODULES)("%s", (source, code, message) => {
    refused([source, code, message]);
});
