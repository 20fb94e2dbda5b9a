// Networks as they are got wrong: each is an error with a place and a message that names what is wrong.

import { test } from "vitest";
import { type Case, refused } from "./refused.js";

/** What stands in a network of three neurons, `a`. */
const CONNECTIONS: readonly Case[] = [
    ["connect a -> a.input (weight: 1)", "E1201", "the weight is a plain number, and a voltage is wanted here"],
    [
        "connect a -> a.input (weight: 1 mV, delay: 1)",
        "E1201",
        "the delay is a plain number, and a time is wanted here",
    ],
    ["connect b -> a.input (weight: 1 mV)", "E1204", "there is no layer or population `b`"],
    ["connect a -> aa.input (weight: 1 mV)", "E1204", "there is no layer or population `aa`"],
    ["connect a -> a.inptu (weight: 1 mV)", "E1204", "there is no port of `a` `inptu`"],
    ["connect a -> a.input (weight: 1 mV, probability: 1.5)", "E1207", "a probability is from 0 to 1, and this is 1.5"],
    [
        "connect a -> a.input (weight: 1 mV, probability: -0.1)",
        "E1207",
        "a probability is from 0 to 1, and this is -0.1",
    ],
    ["connect a -> a.input (weight: 1 mV, probability: 20%)", "E0104", "expected an expression, found `)`"],
    [
        "connect a -> a.input (weight: 1 mV, probability: 1 mV)",
        "E1201",
        "`probability` is a voltage, and a plain number is wanted here",
    ],
    ["connect a -> a.input (weight: 1 mV, synapse: lif())", "E1204", "there is no synapse model `lif`"],
    ["connect a -> a.input (weight: 1 mV); plasticity lif()", "E1204", "there is no plasticity rule `lif`"],
    ["population a(4, neuron: lif())", "E0204", "`a` is already a part of this network"],
    ["record spikes of b", "E1204", "there is no layer or population `b`"],
    ["record vv of a", "E1204", "there is no state of `a` `vv`"],
    [
        "connect a -> a.input (weight: 1 mV, probability: 0.5, fan_in: 2)",
        "E1205",
        "a connection has one of `probability` and `fan_in`",
    ],
    ["connect a -> a.input (weight: 1 mV, fan_in: 1.5)", "E1209", "`fan_in` is a whole number, not 1.5"],
    ["connect a -> a.input (weight: 1 mV, fan_in: -1)", "E1209", "`fan_in` is a whole number, not -1"],
    [
        "population b(4, neuron: lif()); connect a -> b.input (weight: 1 mV, one_to_one: true)",
        "E1209",
        "`a` has 3 neurons and `b` has 4: they don't pair",
    ],
    [
        "connect a -> a.input (weight: 1 mV, where: i + j)",
        "E1201",
        "`where` is a plain number, and a condition is wanted here",
    ],
    ["connect a -> a.input (weight: 1 mV, where: x == j)", "E0201", "there is no `x` here"],
    ["connect a -> a.input (weight: 1 mV, where: i = j)", "E0104", "expected `)`, found `=`"],
    ["connect a -> a.input (probability: 0.1)", "E1205", "this connection has no weight"],
    ['connect a -> a.input (weight: "big")', "E1208", "a text can't be part of a model or network"],
    [
        "connect a -> a.input (weight: random(1 mV, 0 mV))",
        "E1209",
        "the ends of `random` are the wrong way round: 1 is above 0",
    ],
    ["connect a -> a.input (weight: normal(1 mV, -1 mV))", "E1209", "the deviation of `normal` is -1"],
    [
        "connect a -> a.input (weight: random(1 mV))",
        "E1208",
        "`random` with 1 argument can't be part of a model or network",
    ],
    [
        "connect a -> a.input (weight: random(1 mV, 1 pA))",
        "E1201",
        "an argument of `random` is a current, and a voltage is wanted here",
    ],
    [
        "connect a -> a.input (weight: 1 mV); plasticity hebbian()",
        "E1209",
        "`hebbian` has `on update`, which is for layers, and `a->a.input` connects populations",
    ],
    [
        "connect a -> a.input (weight: 1 mV, delay: random(1 ms, 2 ms)); plasticity stdp()",
        "E1209",
        "the synapses of `a->a.input` have delays of their own, so `stdp` can't tell when spikes arrive: give them one delay",
    ],
    [
        "connect a -> a.input (weight: 1 mV); plasticity stdp_dopamine()",
        "E1205",
        "`stdp_dopamine` needs `dopamine`, whose spikes its trace counts",
    ],
    [
        "connect a -> a.input (weight: 1 mV); plasticity stdp_dopamine(dopamine: 5)",
        "E1205",
        "this is no population with spikes",
    ],
    ["step { integrate; deliver; spike; learn }", "E1209", "this is no order of a step"],
    ["step { deliver; integrate; spike; foo }", "E1209", "this is no order of a step"],
    ["stimulus s(3, poisson: 5 Hz); connect a -> s.input (weight: 1 mV)", "E1204", "there is no port of `s` `input`"],
    [
        "connect a -> a.v (weight: 1 mV, synapse: exponential())",
        "E1205",
        "a synapse's output goes to a port, and `v` is a state",
    ],
    ["connect a => a.input (weight: 1 mV)", "E0104", "expected `->`, found `=`"],
    ["connect a -> a.input (weight = 1 mV)", "E0104", "expected `)`, found `=`"],
    ["connect a -> a.input weight: 1 mV", "E0104", "expected a new line or `;`, found `weight`"],
    ["connect a -> * (weight: 1 mV)", "E0104", "expected a name, found `*`"],
    ["connect a -> a.input (weight: 1 mV, autapses: 0)", "E1205", "this is `true` or `false`"],
    ["connect a -> a.input (weight: 1 mV, storage: csr)", "E1205", "`storage` is dense, bitmask, sparse, procedural"],
];

/** What stands in a network. */
const PARTS: readonly Case[] = [
    ["population a(3, neuron: lif(tau: 20))", "E1201", "`tau` of `lif` is a plain number, and a time is wanted here"],
    ["stimulus a(3, poisson: 20)", "E1201", "`rate` of `poisson` is a plain number, and a frequency is wanted here"],
    ["population a(3, neuron: lif(tau: 20 mv))", "E0104", "expected `)`, found `mv`"],
    ["population a(3, neuron: lif(tau: 20 sec))", "E0104", "expected `)`, found `sec`"],
    [
        "population a(3, neuron: lif_conductance()); connect a -> a (weight: 1 nS)",
        "E1205",
        "nothing says which port is meant",
    ],
    ["layer a(3); connect a -> a (weight: 1.0)", "E1209", "the layers of this network connect in a circle"],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1.0); connect b -> a (weight: 1.0)",
        "E1209",
        "the layers of this network connect in a circle",
    ],
    ["population a(0, neuron: lif())", "E1209", "the size of `a` is 0"],
    ["population a(-3, neuron: lif())", "E1209", "the size of `a` is -3"],
    ["population a(2.5, neuron: lif())", "E1209", "the size of `a` is 2.5"],
    ["population a(3 mV, neuron: lif())", "E1201", "a size is a voltage, and a plain number is wanted here"],
    ["population a(neuron: lif())", "E1205", "`a` has no size"],
    ["population a(3)", "E1205", "`a` has no neuron model"],
    ["population a(3, neuron: liff())", "E1204", "there is no neuron model `liff`"],
    ["population a(3, neuron: exponential())", "E1204", "there is no neuron model `exponential`"],
    ["population a(3, neuron: lif(tua: 5 ms))", "E1205", "`lif` has no parameter `tua`"],
    ["population a(3, neuron: lif(5 ms))", "E1205", "arguments of `lif` have names"],
    ["population a(3, neuron: lif(tau: 5 ms, tau: 6 ms))", "E1205", "`tau` of `lif` is given twice"],
    ["population a(3, neuron: lif(), neuron: lif())", "E1205", "`a` has `neuron` twice"],
    ["layer a(3); record spikes of a", "E1204", "there is no state of `a` `spikes`"],
    ["layer a(3, activation: rellu)", "E1205", "there is no activation `rellu`"],
    ["layer a(3, activation: leaky_relu)", "E1205", "`leaky_relu` takes 1 argument"],
    ["layer a(3, activation: relu(3.0))", "E1205", "`relu` takes 0 arguments"],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1.0); plasticity heb()",
        "E1204",
        "there is no plasticity rule `heb`",
    ],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1.0); plasticity hebbian() on b -> a",
        "E1204",
        "there is no connection `b -> a`",
    ],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1.0); plasticity stdp()",
        "E1209",
        "`stdp` reacts to spikes, and the layers of `a->b` have none",
    ],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1.0); plasticity hebbian(); plasticity oja()",
        "E1209",
        "`a->b` has two plasticity rules",
    ],
    ["layer a(3); plasticity hebbian()", "E1209", "there is no connection whose weights a rule could change"],
    [
        "layer a(3); layer b(3); layer c(3); connect a -> b (weight: 1.0); connect b -> c (weight: 1.0); plasticity delta()",
        "E1209",
        "`delta` names a target, and `b` is no output layer",
    ],
    ["population a(3, neuron: lif(t_ref: -5 ms))", "E1209", "the period `t_ref` is -5 ms"],
    ["", "E1209", "this network has no layers or populations"],
    ["stimulus a(3)", "E1205", "nothing says what `a` emits"],
    ["stimulus a(3, poisson: 20 Hz, regular: 20 Hz)", "E1205", "`a` takes no `regular` here"],
    ["stimulus s(3, spikes: file)", "E1205", "nothing says what `s` emits"],
    [
        "layer a(3); layer b(3, bias: 1 mV); connect a -> b (weight: 1.0)",
        "E1201",
        "a bias is a voltage, and a plain number is wanted here",
    ],
    [
        "layer a(1, 5, 5); layer b(2, 3, 3); connect a -> b (window: 7, weight: 0.5)",
        "E1209",
        "a window of 7 by steps of 1 with padding 0 makes -1 rows of 5, not 3, from `a` to `b`",
    ],
    [
        "layer a(1, 5, 5); layer b(2, 4, 4); connect a -> b (window: 3, weight: 0.5)",
        "E1209",
        "a window of 3 by steps of 1 with padding 0 makes 3 rows of 5, not 4, from `a` to `b`",
    ],
    [
        "layer a(25); layer b(2, 3, 3); connect a -> b (window: 3, weight: 0.5)",
        "E1205",
        "`a` has no channels, rows and columns",
    ],
    [
        "layer a(1, 5, 5); layer b(2, 3, 3); connect a -> b (window: 3, stride: 0, weight: 0.5)",
        "E1209",
        "`stride` is a whole number from 1, not 0",
    ],
    [
        "layer a(1, 4, 4); layer b(2, 2, 2); connect a -> b (pool: max, window: 2)",
        "E1209",
        "pooling keeps channels, and there are 1 and 2 from `a` to `b`",
    ],
    [
        "layer a(1, 4, 4); layer b(1, 2, 2); connect a -> b (pool: median, window: 2)",
        "E1205",
        "`pool` is max or mean here",
    ],
    [
        "layer a(1, 4, 4); layer b(1, 2, 2); connect a -> b (pool: max, window: 2, weight: 1.0)",
        "E1205",
        "a connection to a layer takes no `weight` here",
    ],
    ["layer a(choose())", "E1205", "`choose` has no values"],
    ["layer a(between(1,2,3))", "E1205", "`between` has not two values"],
    [
        "populaton a(3, neuron: lif())",
        "E0104",
        "expected a part of the network, such as `layer`, `population` or `connect`, found `populaton`",
    ],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1.0, delay: 5 ms)",
        "E1205",
        "a connection to a layer takes no `delay` here",
    ],
    [
        "layer a(3); layer b(3); connect a -> b (weight: 1 mV)",
        "E1201",
        "the weight is a voltage, and a plain number is wanted here",
    ],
    [
        "layer a(3); population b(3, neuron: lif()); connect a -> b.input (weight: 1.0)",
        "E1201",
        "the weight is a plain number, and a voltage is wanted here",
    ],
    ["population a(99999999999999999999, neuron: lif())", "E1209", "the size of `a` is 100000000000000000000"],
    ["population a(3, neuron: lif(v_th: (0.0 / 0.0) * 1 mV))", "E1209", "a formula divides by 0"],
    ["population a(3, neuron: lif(), vv: 1 mV)", "E1205", "`a` takes no `vv` here"],
    ["population a(3, neuron: lif(), v: 1 pA)", "E1201", "the start of `v` is a current, and a voltage is wanted here"],
];

test.each(CONNECTIONS)("network n { population a(3, neuron: lif()); %s }", (source, code, message) => {
    refused([`network n {\n    population a(3, neuron: lif())\n    ${source}\n}`, code, message]);
});

test.each(PARTS)("network n { %s }", (source, code, message) => {
    refused([`network n {\n    ${source}\n}`, code, message]);
});
