// NIR's neurons, as the models of std.neuro that they are.

/** Fields of nodes of neurons, by the names of std.neuro's parameters, with what a second is in theirs. */
export const NEURONS: Readonly<
    Record<string, { readonly model: string; readonly fields: Readonly<Record<string, number>> }>
> = {
    LIF: { model: "nir_lif", fields: { tau: 1000, r: 1, v_leak: 1, v_threshold: 1, v_reset: 1 } },
    IF: { model: "nir_if", fields: { r: 1, v_threshold: 1, v_reset: 1 } },
    LI: { model: "nir_li", fields: { tau: 1000, r: 1, v_leak: 1 } },
    CubaLIF: {
        model: "nir_cuba_lif",
        fields: { tau_syn: 1000, tau_mem: 1000, r: 1, v_leak: 1, v_threshold: 1, v_reset: 1, w_in: 1 },
    },
};
