// The part of the Python module that finds HIP and calls it: Python text, the same for every module. It needs Python 3.8 and nothing
// but its standard library.

export const PYTHON_HIP = `import base64
import ctypes
import json
import operator
import os
import struct
import sys
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

class HipError(RuntimeError):
    """A HIP call failed; 'code' is the hipError_t."""

    def __init__(self, call: str, code: int, name: str) -> None:
        super().__init__(f"{call} failed with {name} ({code})")
        self.call, self.code, self.name = call, code, name


class ShapeError(ValueError):
    """Shapes that agree neither with each other nor with the kernel's declaration."""


class KernelFault(RuntimeError):
    """A kernel found a failed assertion or an access out of bounds; 'file' and 'line' say where in the source."""

    def __init__(self, message: str, file: str, line: int, count: int) -> None:
        super().__init__(message)
        self.file, self.line, self.count = file, line, count


class DeviceArray(NamedTuple):
    """Device memory that the caller owns: its address, extents, and for a 'strided' view the elements between neighbours."""

    address: int
    shape: Tuple[int, ...]
    strides: Optional[Tuple[int, ...]] = None


#: A NumPy array or whatever else has '__array_interface__' (copied to the device and, where the kernel writes it, back), an
#: array of the device with '__cuda_array_interface__' (PyTorch and CuPy for ROCm have it), or a DeviceArray.
Array = Any

_SIZES = {"bool": 1, "i8": 1, "u8": 1, "i16": 2, "u16": 2, "f16": 2, "bf16": 2, "i32": 4, "u32": 4, "f32": 4,
          "i64": 8, "u64": 8, "index": 8, "f64": 8, "f8e4m3": 1, "f8e5m2": 1, "f8e4m3fnuz": 1, "f8e5m2fnuz": 1,
          "i4x2": 1}
_FORMATS = {"bool": "?", "i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q", "u64": "Q",
            "index": "q", "f16": "e", "f32": "f", "f64": "d"}
_MAX_VIEW, _MAX_LARGE_VIEW = 2**32 - 4096, 2**47
_HOST_TO_DEVICE, _DEVICE_TO_HOST = 1, 2


class _Hip:
    """HIP's library, found when it is first needed, and one module for each device."""

    def __init__(self) -> None:
        self.library: Any = None
        self.functions: Dict[Tuple[int, str], ctypes.c_void_p] = {}
        self.modules: Dict[int, ctypes.c_void_p] = {}

    def open(self) -> Any:
        if self.library is None:
            named = os.environ.get("SOMA_HIP_LIBRARY")
            names = [named] if named else ["libamdhip64.so", "libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5",
                                           "/opt/rocm/lib/libamdhip64.so"]
            for name in names:
                try:
                    self.library = ctypes.CDLL(name)
                    break
                except OSError as error:
                    reason = error
            else:
                raise OSError(f"can't load HIP's library (tried {', '.join(names)}): {reason}; install ROCm, or name one "
                              "by SOMA_HIP_LIBRARY")
            self.library.hipGetErrorName.restype = ctypes.c_char_p
        return self.library

    def call(self, name: str, *arguments: Any) -> None:
        library = self.open()
        code = getattr(library, name)(*arguments)
        if code != 0:
            raise HipError(name, code, library.hipGetErrorName(code).decode())

    def function(self, symbol: str) -> ctypes.c_void_p:
        device = ctypes.c_int()
        self.call("hipGetDevice", ctypes.byref(device))
        found = self.functions.get((device.value, symbol))
        if found is None:
            module = self.modules.get(device.value)
            if module is None:
                module = ctypes.c_void_p()
                self.call("hipModuleLoadData", ctypes.byref(module), _CODE)
                self.modules[device.value] = module
            found = ctypes.c_void_p()
            self.call("hipModuleGetFunction", ctypes.byref(found), module, symbol.encode())
            self.functions[(device.value, symbol)] = found
        return found


_hip = _Hip()
`;
