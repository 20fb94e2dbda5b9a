# Writes network.nir as `nir.write` of the package nir does (nir/serialization.py): HDF5 through h5py, arrays compressed by gzip, texts of
# variable length, tuples and integers as they are, a group of metadata, edges as pairs of texts. Run by hand: python3 network.py
# (Debian's python3-h5py); what is in it, nir-h5py.test.ts says.
import h5py
import numpy as np

text = h5py.string_dtype()


def write(group, node):
    for key, value in node.items():
        if isinstance(value, str):
            group.create_dataset(key, data=value, dtype=text)
        elif isinstance(value, np.ndarray):
            group.create_dataset(key, data=value, dtype=value.dtype, compression="gzip")
        elif isinstance(value, dict):
            write(group.create_group(key), value)
        else:
            group.create_dataset(key, data=value)


def full(shape, value):
    return np.full(shape, value, dtype=np.float32)


shape = (2, 4, 3)
graph = {
    "type": "NIRGraph",
    "edges": [
        ("input", "0"), ("0", "1"), ("1", "2"), ("2", "3"), ("3", "rnn"), ("rnn", "5"), ("5", "output"),
    ],
    "metadata": {"tool": "h5py", "dt": 1e-3},
    "nodes": {
        "input": {"type": "Input", "shape": np.array([1, 4, 3])},
        "0": {
            "type": "Conv2d",
            "input_shape": (4, 3),
            "weight": np.arange(18, dtype=np.float32).reshape(2, 1, 3, 3) / 8,
            "stride": (1, 1),
            "padding": "same",
            "dilation": (1, 1),
            "groups": 1,
            "bias": np.array([0.25, -0.25], dtype=np.float32),
        },
        "1": {"type": "IF", "r": full(shape, 250), "v_threshold": full(shape, 1), "v_reset": full(shape, 0)},
        "2": {
            "type": "SumPool2d",
            "kernel_size": np.array([2, 1]),
            "stride": np.array([2, 1]),
            "padding": np.array([0, 0]),
        },
        "3": {"type": "Flatten", "start_dim": np.int64(0), "end_dim": np.int64(-1), "input_type": np.array([2, 2, 3])},
        "rnn": {
            "type": "NIRGraph",
            "edges": [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")],
            "nodes": {
                "input": {"type": "Input", "shape": np.array([12])},
                "lif": {
                    "type": "LIF",
                    "tau": full(12, 0.005),
                    "r": full(12, 1),
                    "v_leak": full(12, 0),
                    "v_threshold": full(12, 0.25),
                    "v_reset": full(12, 0),
                    "metadata": {"surrogate": "atan"},
                },
                "w_rec": {"type": "Linear", "weight": -0.5 * np.eye(12, dtype=np.float64)},
                "output": {"type": "Output", "shape": np.array([12])},
            },
        },
        "5": {"type": "Threshold", "threshold": np.full(12, 0.5)},
        "output": {"type": "Output", "shape": np.array([12])},
    },
}

with h5py.File("network.nir", "w") as file:
    file.create_dataset("version", data="1.0.4", dtype=text)
    write(file.create_group("node"), graph)
