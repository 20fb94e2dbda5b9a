// The part of the Python module that takes arrays: Python text, the same for every module. Arrays are known by the protocols
// `__array_interface__` (NumPy's documentation, "The array interface protocol") and `__cuda_array_interface__` (Numba's).

export const PYTHON_VIEWS = `class _View:
    """An argument for a view: where its elements are, and what to copy."""

    def __init__(self, kernel: str, parameter: Mapping[str, Any], value: Any) -> None:
        self.name, self.parameter = parameter["name"], parameter
        self.what = f"{kernel}: {self.name}"
        self.host: Optional[int] = None
        self.owned: Optional[ctypes.c_void_p] = None
        self.keep = value
        element = parameter["element"]
        self.size = _size_of(element)
        interface = getattr(value, "__cuda_array_interface__", None)
        if isinstance(value, DeviceArray):
            self.address, shape, strides = value.address, tuple(value.shape), value.strides
            bad = [each for each in shape if not isinstance(each, int) or each < 0]
            if bad or not isinstance(self.address, int):
                raise TypeError(f"{self.what} takes an address and extents that are integers, not {value}")
        else:
            interface = interface or getattr(value, "__array_interface__", None)
            if interface is None:
                raise TypeError(f"{self.what} takes an array or a DeviceArray, not {type(value).__name__}")
            shape, strides = self._elements(interface, element)
            self.address, readonly = interface["data"] or (0, False)
            if parameter["mutable"] and readonly:
                raise TypeError(f"{self.what} is written by the kernel, and the array is read-only")
            if not hasattr(value, "__cuda_array_interface__"):
                self.host, self.address = self.address, 0
        self.shape, dense = shape, _row_major(shape)
        self.strides = dense if strides is None else tuple(strides)
        regular = all(e == 1 or s == d for e, s, d in zip(shape, self.strides, dense)) or 0 in shape
        if not regular and (self.host is not None or not parameter.get("strided", False)):
            raise TypeError(f"{self.what} takes a row-major array: copy it first, as numpy.ascontiguousarray does")
        if any(stride < 0 for stride in self.strides):
            raise TypeError(f"{self.what} takes an array whose strides are not negative")
        self.bytes = self.size * _product(shape)
        spanned = self.size * _product([max(extent, 1) for extent in shape])
        limit = _MAX_LARGE_VIEW if parameter.get("large", False) else _MAX_VIEW
        if spanned > limit:
            raise ShapeError(f"{self.what} has {spanned} bytes, and a view of its kind at most {limit}")

    def _elements(self, interface: Mapping[str, Any], element: Any) -> Tuple[Tuple[int, ...], Optional[Tuple[int, ...]]]:
        """Extents and strides in elements of the kernel's, of which a vector is several of the array's."""
        shape, kind = tuple(interface["shape"]), interface["typestr"]
        strides = interface.get("strides")
        scalar, lanes = _lanes(element) if isinstance(element, str) else (None, 1)
        if scalar is not None and kind not in _typestrs(scalar):
            raise TypeError(f"{self.what} takes elements of type {element}, not {kind}")
        if scalar is None and int(kind[2:]) != self.size:
            raise TypeError(f"{self.what} takes elements of {self.size} bytes ({element['struct']}), not {kind}")
        names = [entry[0] for entry in interface.get("descr") or [] if entry[0] != ""]
        if scalar is None and names and names != [field["name"] for field in element["fields"]]:
            raise TypeError(f"{self.what} takes elements of the fields of {element['struct']}, not {', '.join(names)}")
        if lanes > 1:
            if not shape or shape[-1] != lanes:
                raise ShapeError(f"{self.what} takes elements of {lanes} values, its last axis, not the shape {shape}")
            if strides is not None:
                if strides[-1] * lanes != self.size:
                    raise TypeError(f"{self.what} takes vectors whose values lie one after the other")
                strides = strides[:-1]
            shape = shape[:-1]
        if strides is None:
            return shape, None
        if any(stride % self.size for stride in strides):
            raise TypeError(f"{self.what} takes an array whose strides are whole elements")
        return shape, tuple(stride // self.size for stride in strides)

    def place(self, stream: ctypes.c_void_p) -> None:
        if self.host is not None and self.bytes > 0:
            self.owned = ctypes.c_void_p()
            _hip.call("hipMalloc", ctypes.byref(self.owned), ctypes.c_size_t(self.bytes))
            self.address = self.owned.value or 0
            self._copy(self.owned, ctypes.c_void_p(self.host), _HOST_TO_DEVICE, stream)

    def copy_back(self, stream: ctypes.c_void_p) -> None:
        if self.owned is not None and self.parameter["mutable"]:
            self._copy(ctypes.c_void_p(self.host), self.owned, _DEVICE_TO_HOST, stream)

    def free(self) -> None:
        if self.owned is not None:
            _hip.call("hipFree", self.owned)
            self.owned = None

    def _copy(self, to: Any, of: Any, kind: int, stream: ctypes.c_void_p) -> None:
        _hip.call("hipMemcpyAsync", to, of, ctypes.c_size_t(self.bytes), ctypes.c_int(kind), stream)
        _hip.call("hipStreamSynchronize", stream)

    def describe(self) -> str:
        return f"{self.name} ({_view_text(self.parameter)}, shape {list(self.shape)})"


def _product(values: Sequence[int]) -> int:
    product = 1
    for value in values:
        product *= value
    return product


def _row_major(shape: Sequence[int]) -> Tuple[int, ...]:
    return tuple(_product(shape[axis + 1:]) for axis in range(len(shape)))


def _lanes(element: str) -> Tuple[str, int]:
    if element in _SIZES:
        return element, 1
    scalar, _, lanes = element.rpartition("x")
    return scalar, int(lanes)


def _size_of(kind: Any) -> int:
    if isinstance(kind, str):
        scalar, lanes = _lanes(kind)
        return _SIZES[scalar] * lanes
    return kind["size"] if "struct" in kind else _size_of(kind["array"]) * _product(kind["extents"])


def _typestrs(scalar: str) -> Sequence[str]:
    size = _SIZES[scalar]
    order = "|" if size == 1 else "<"
    if scalar == "bool":
        return ["|b1"]
    if scalar.startswith(("f8", "bf")):
        return [f"{order}{kind}{size}" for kind in "uiVf"] + [f"<V{size}"]
    return [order + {"f": "f", "u": "u"}.get(scalar[0], "i") + str(size)]


def _type_text(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    return kind["struct"] if "struct" in kind else f"{_type_text(kind['array'])}{kind['extents']}"


def _dim_text(dim: Any) -> str:
    side = lambda part: f"({_dim_text(part)})" if isinstance(part, list) else str(part)  # noqa: E731
    return f"{side(dim[1])} {dim[0]} {side(dim[2])}" if isinstance(dim, list) else str(dim)


def _view_text(parameter: Mapping[str, Any]) -> str:
    words = ["mut" if parameter["mutable"] else "", *(each for each in ("alias", "large", "strided") if parameter.get(each))]
    dims = ", ".join(_dim_text(dim) for dim in parameter["dims"])
    return " ".join([*filter(None, words), f"{_type_text(parameter['element'])}[{dims}]"])
`;
