// NIR's neurons, as the models of std.neuro that they are.

export interface NirNeuron {
    readonly model: string;
    /** Fields of nodes, by the names of std.neuro's parameters, with what a second is in theirs. */
    readonly fields: Readonly<Record<string, number>>;
    /** What NIR gives on from it is a voltage, which networks send nowhere: it leads to outputs only. */
    readonly isSilent?: true;
}

export const NEURONS: Readonly<Record<string, NirNeuron>> = {
    LIF: { model: "nir_lif", fields: { tau: 1000, r: 1, v_leak: 1, v_threshold: 1, v_reset: 1 } },
    IF: { model: "nir_if", fields: { r: 1, v_threshold: 1, v_reset: 1 } },
    I: { model: "nir_i", fields: { r: 1 }, isSilent: true },
    LI: { model: "nir_li", fields: { tau: 1000, r: 1, v_leak: 1 }, isSilent: true },
    Threshold: { model: "nir_threshold", fields: { threshold: 1 } },
    CubaLI: {
        model: "nir_cuba_li",
        fields: { tau_syn: 1000, tau_mem: 1000, r: 1, v_leak: 1, w_in: 1 },
        isSilent: true,
    },
    CubaLIF: {
        model: "nir_cuba_lif",
        fields: { tau_syn: 1000, tau_mem: 1000, r: 1, v_leak: 1, v_threshold: 1, v_reset: 1, w_in: 1 },
    },
};
