"""Uses the generated module as a Python program does; prints what comes back."""

import ctypes
import typing

import scale


class Plain:
    """What a NumPy array is to the module, where there is no NumPy."""

    def __init__(self, typestr, shape, data, readonly=False, strides=None):
        self.data = data
        self.__array_interface__ = {"version": 3, "typestr": typestr, "shape": shape, "strides": strides,
                                    "data": (ctypes.addressof(data), readonly)}

    def tolist(self):
        return list(self.data)


def floats(values, shape, **more):
    try:
        import numpy

        array = numpy.array(values, "f4").reshape(shape)
        array.flags.writeable = not more.get("readonly", False)
        return array
    except ImportError:
        return Plain("<f4", shape, (ctypes.c_float * len(values))(*values), **more)


def flat(array):
    return [f"{value:g}" for value in (array.ravel().tolist() if hasattr(array, "ravel") else array.tolist())]


def expect_error(call):
    try:
        call()
        print("no error")
    except scale.KernelFault as fault:
        print(f"fault at {fault.file}:{fault.line}, {fault.count}: {fault}")
    except (scale.ShapeError, TypeError) as error:
        print(f"{type(error).__name__}: {error}")


x, weights = floats([1, 2, 3, 4, 5, 6], (3, 2)), floats([1, 10], (2,), readonly=True)
scale.scale(float=2, v=[0.5, 0, 0], x=x, weights=weights, count=1)
print(*flat(x))
expect_error(lambda: scale.scale(float=2, v=[0, 0, 0], x=floats([1] * 4, (2, 2)), weights=weights, count=1))
expect_error(lambda: scale.scale(float=2, v=[0, 0, 0], x=x, weights=floats([1] * 4, (2, 2)), count=1))
expect_error(lambda: scale.scale(float=2, v=[0, 0], x=x, weights=weights, count=1))
expect_error(lambda: scale.scale(float=2, v=[0, 0, 0], x=x, weights=weights, count=256))
expect_error(lambda: scale.scale(float="2", v=[0, 0, 0], x=x, weights=weights, count=1))
expect_error(lambda: scale.scale(float=2, v=[0, 0, 0], x=[1, 2], weights=weights, count=1))
expect_error(lambda: scale.told(x=Plain("<f8", (1,), (ctypes.c_double * 1)(1)), limit=1))
expect_error(lambda: scale.told(x=weights, limit=1))
expect_error(lambda: scale.told(x=x))
expect_error(lambda: scale.told(x=floats([1, 60, 2, 80], (4,)), limit=30))
expect_error(lambda: scale.told(x=Plain("<f4", (2,), (ctypes.c_float * 4)(), strides=(8,)), limit=1))


class Body(ctypes.Structure):
    _fields_ = [("pos", ctypes.c_float * 3), ("mass", ctypes.c_float), ("a", ctypes.c_uint8), ("b", ctypes.c_double)]


bodies = (Body * 2)()
bodies[1].b = 4
by = {"pos": [0, 0, 7], "mass": 3, "inner": {"a": 1, "b": 0.0}}
scale.move(bodies=Plain("|V32", (2,), bodies), by=by)
print(f"{bodies[1].pos[2]:g} {bodies[1].mass:g} {bodies[1].b:g}")
expect_error(lambda: scale.move(bodies=Plain("|V32", (2,), bodies), by={**by, "inner": {"a": 1}}))

# Device memory of the program's own: the transpose of [[1, 2], [10, 20]], as a strided view.
hip = ctypes.CDLL(scale._hip.open()._name)
memory = ctypes.c_void_p()
assert hip.hipMalloc(ctypes.byref(memory), ctypes.c_size_t(16)) == 0
square = (ctypes.c_float * 4)(1, 2, 10, 20)
assert hip.hipMemcpy(memory, square, ctypes.c_size_t(16), 1) == 0
y, vs = floats([0] * 4, (2, 2)), floats([1, 2, 3, 4, 5, 6], (2, 3))
scale.columns(x=scale.DeviceArray(memory.value, (2, 2), (1, 2)), y=y, vs=vs)
print(*flat(y), *flat(vs))


class OfDevice:
    __cuda_array_interface__ = {"version": 3, "typestr": "<f4", "shape": (4,), "strides": None, "data": (memory.value, False)}


reversed_ = floats([0] * 4, (4,))
scale.reversed(x=OfDevice(), y=reversed_, g=1)
print(*flat(reversed_))
expect_error(lambda: scale.reversed(x=OfDevice(), y=OfDevice(), g=1))
expect_error(lambda: scale.reversed(x=reversed_, y=floats([0] * 4, (4,)), g=-1))
print(sorted(typing.get_type_hints(scale.told)), typing.get_type_hints(scale.told)["limit"].__name__)
print(scale.scale.__doc__.splitlines()[0])
