"""The CUBA network of samples/neuromorphic/cuba.soma in Brian2, for bench:neuro: prints set-up time, run time and mean rate as JSON."""

import json
import sys
import time

from brian2 import NeuronGroup, SpikeMonitor, Synapses, defaultclock, mV, ms, prefs, run, second, seed

n, milliseconds = int(sys.argv[1]), float(sys.argv[2])
prefs.codegen.target = sys.argv[3] if len(sys.argv) > 3 else "cython"
defaultclock.dt = 0.1 * ms
seed(1)
begun = time.perf_counter()
taum, taue, taui, Vt, Vr, El = 20 * ms, 5 * ms, 10 * ms, -50 * mV, -60 * mV, -49 * mV
cells = NeuronGroup(
    n,
    """dv/dt = (ge + gi - (v - El)) / taum : volt (unless refractory)
       dge/dt = -ge / taue : volt
       dgi/dt = -gi / taui : volt""",
    threshold="v > Vt",
    reset="v = Vr",
    refractory=5 * ms,
    method="exact",
)
cells.v = "Vr + rand() * (Vt - Vr)"
excitatory = n * 4 // 5
p = min(80 / n, 1.0)
out = Synapses(cells, cells, on_pre="ge += 1.62 * mV")
out.connect("i < excitatory", p=p)
inn = Synapses(cells, cells, on_pre="gi -= 9 * mV")
inn.connect("i >= excitatory", p=p)
spikes = SpikeMonitor(cells)
# The first step compiles what runs.
run(0.1 * ms)
made = time.perf_counter()
run(milliseconds * ms)
done = time.perf_counter()
print(
    json.dumps(
        {
            "setup": made - begun,
            "run": done - made,
            "rate": spikes.num_spikes / n / (milliseconds / 1000),
            "synapses": len(out) + len(inn),
        }
    )
)
