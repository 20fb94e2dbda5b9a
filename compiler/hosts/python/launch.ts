// The part of the Python module that launches by the manifest: Python text, the same for every module. What it checks is what
// runtime/dims.ts and runtime/grid.ts check.

export const PYTHON_LAUNCH = `def _truncated(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": _truncated,
               "%": lambda a, b: a - b * _truncated(a, b)}


def _evaluate(dim: Any, dims: Mapping[str, int], what: str) -> int:
    """As the kernel evaluates it: signed 64 bits, division truncates."""
    if isinstance(dim, str):
        return dims[dim]
    if not isinstance(dim, list):
        return dim
    left, right = _evaluate(dim[1], dims, what), _evaluate(dim[2], dims, what)
    if right == 0 and dim[0] in "/%":
        raise ShapeError(f"{what}: {_dim_text(dim)} divides by zero")
    value = _OPERATIONS[dim[0]](left, right)
    if not -(2**63) <= value < 2**63:
        raise ShapeError(f"{what}: {_dim_text(dim)} is {value}, which overflows 64 bits")
    return value


def _bind(kernel: Mapping[str, Any], views: Sequence[_View], given: Dict[str, int]) -> Dict[str, int]:
    """The dimensions' values by the views' shapes, which must agree."""
    name, dims = kernel["name"], dict(given)
    binders: Dict[str, _View] = {}
    for view in views:
        declared = view.parameter["dims"]
        if len(view.shape) != len(declared):
            raise ShapeError(f"{name}: {view.name} is {_view_text(view.parameter)} and takes {len(declared)} dimensions, "
                             f"not the shape {list(view.shape)}")
        for dim, extent in zip(declared, view.shape):
            if not isinstance(dim, str):
                continue
            if dims.setdefault(dim, extent) != extent:
                where = f" in {binders[dim].describe()}" if dim in binders and binders[dim] is not view else ""
                raise ShapeError(f"{name}: {dim} is {dims[dim]}{where} but {extent} in {view.describe()}")
            binders.setdefault(dim, view)
    for view in views:
        for axis, (dim, extent) in enumerate(zip(view.parameter["dims"], view.shape)):
            wanted = _evaluate(dim, dims, f"{name}: in {view.describe()}")
            if wanted != extent:
                text = _dim_text(dim) if isinstance(dim, int) else f"{_dim_text(dim)} = {wanted}"
                raise ShapeError(f"{name}: {view.describe()} must have {text} elements along axis {axis}, not {extent}")
    return dims


def _require_disjoint(kernel: Mapping[str, Any], views: Sequence[_View]) -> None:
    """What is written overlaps nothing else; of strided views, which may lie between each other, the caller must see to it."""
    for at, a in enumerate(views):
        for b in views[:at]:
            free = any(view.parameter.get("alias") or view.parameter.get("strided") for view in (a, b))
            if free or not (a.parameter["mutable"] or b.parameter["mutable"]) or (a.host is None) != (b.host is None):
                continue
            first, second = (view.address if view.host is None else view.host for view in (a, b))
            if first < second + b.bytes and second < first + a.bytes:
                raise TypeError(f"{kernel['name']}: {a.name} overlaps {b.name}, and one of them is written")


def _grid(kernel: Mapping[str, Any], dims: Mapping[str, int]) -> Tuple[List[int], List[int]]:
    launch = kernel["launch"]
    block = (list(launch["workgroup"]) + [1, 1, 1])[:3]
    sizes = launch["extents"] if launch["kind"] == "over" else launch["groups"]
    grid = []
    for axis, size in enumerate(sizes):
        value = _evaluate(size, dims, kernel["name"])
        groups = -(-value // block[axis]) if launch["kind"] == "over" else value
        if value < 0 or groups * block[axis] >= 2**32:
            raise ShapeError(f"{kernel['name']}: {_dim_text(size)} is {value}, which can't be launched")
        elements = launch.get("elements", 1) if axis == 0 else 1
        grid.append(-(-groups // elements))
    return (grid + [1, 1, 1])[:3], block


def _shared_bytes(kernel: Mapping[str, Any], dims: Mapping[str, int]) -> int:
    total = 0
    for array in kernel.get("shared", []):
        extents = [_evaluate(dim, dims, kernel["name"]) for dim in array["dims"]]
        if any(extent < 0 for extent in extents):
            raise ShapeError(f"{kernel['name']}: the extents {extents} of its shared array {array['name']} are negative")
        total = -(-total // 16) * 16 + _product(extents) * _size_of(array["element"])
    if total >= 2**32:
        raise ShapeError(f"{kernel['name']}: its shared arrays take {total} bytes")
    return total


def _encode(kind: Any, value: Any, what: str) -> bytes:
    """A value as it lies in memory. A float of 8 bits is given by its bits, a structure as a mapping or an object."""
    if isinstance(kind, str):
        scalar, lanes = _lanes(kind)
        if lanes > 1:
            values = list(value) if hasattr(value, "__iter__") else [value]
            if len(values) != lanes:
                raise TypeError(f"{what} is {kind} and takes {lanes} values, not {len(values)}")
            return b"".join(_encode(scalar, each, what) for each in values)
        try:
            if scalar == "bf16":
                bits = struct.unpack("<I", struct.pack("<f", value))[0]
                special = value != value
                return struct.pack("<H", 0x7FC0 if special else (bits + 0x7FFF + (bits >> 16 & 1)) >> 16 & 0xFFFF)
            if scalar in _FORMATS and _FORMATS[scalar] not in "efd":
                value = bool(value) if scalar == "bool" else operator.index(value)
            return struct.pack("<" + _FORMATS.get(scalar, "B"), value)
        except (struct.error, OverflowError, TypeError) as error:
            raise TypeError(f"{what} is {kind}, which {value!r} doesn't fit") from error
    if "array" in kind:
        values = [each for each in value]
        count = _product(kind["extents"])
        if len(values) != count:
            raise TypeError(f"{what} is {_type_text(kind)} and takes {count} values, not {len(values)}")
        return b"".join(_encode(kind["array"], each, f"{what}[{at}]") for at, each in enumerate(values))
    data = bytearray(kind["size"])
    for field in kind["fields"]:
        name = field["name"]
        try:
            part = value[name] if isinstance(value, Mapping) else getattr(value, name)
        except (KeyError, AttributeError) as error:
            raise TypeError(f"{what} is {kind['struct']} and lacks the field {name}") from error
        encoded = _encode(field["type"], part, f"{what}.{name}")
        data[field["offset"]:field["offset"] + len(encoded)] = encoded
    return bytes(data)


def _arguments(kernel: Mapping[str, Any], views: Mapping[str, _View], values: Mapping[str, bytes],
               dims: Mapping[str, int], reports: int) -> bytearray:
    data = bytearray(max(kernel["argumentSize"], 1))
    for piece in kernel["arguments"]:
        name, offset, kind = piece["name"], piece["offset"], piece["kind"]
        if kind == "view":
            struct.pack_into("<Q", data, offset, views[name].address)
        elif kind == "dim":
            struct.pack_into("<q", data, offset, dims[name])
        elif kind == "stride":
            struct.pack_into("<q", data, offset, views[piece["view"]].strides[piece["dimension"]])
        elif kind == "reports":
            struct.pack_into("<Q", data, offset, reports)
        else:
            at, size = piece.get("at", 0), _SIZES[piece["type"]]
            data[offset:offset + size] = values[name][at:at + size]
    return data


def _launch(name: str, given: Mapping[str, Any], stream: int) -> None:
    kernel = _KERNELS[name]
    views: Dict[str, _View] = {}
    values: Dict[str, bytes] = {}
    free = {dim: operator.index(given[dim]) for dim in kernel["dims"] if dim in given}
    for parameter in kernel["parameters"]:
        value = given[parameter["name"]]
        if parameter["kind"] == "view":
            views[parameter["name"]] = _View(name, parameter, value)
        else:
            values[parameter["name"]] = _encode(parameter["type"], value, f"{name}: {parameter['name']}")
    dims = _bind(kernel, list(views.values()), free)
    _require_disjoint(kernel, list(views.values()))
    grid, block = _grid(kernel, dims)
    shared = _shared_bytes(kernel, dims)
    if 0 in grid:
        return
    queue = ctypes.c_void_p(stream)
    function = _hip.function(kernel["symbol"])
    reporting = any(piece["kind"] == "reports" for piece in kernel["arguments"])
    report = ctypes.c_void_p()
    try:
        for view in views.values():
            view.place(queue)
        if reporting:
            _hip.call("hipMalloc", ctypes.byref(report), ctypes.c_size_t(256))
            _hip.call("hipMemsetAsync", report, 0, ctypes.c_size_t(256), queue)
        data = _arguments(kernel, views, values, dims, report.value or 0)
        buffer = (ctypes.c_char * len(data)).from_buffer(data)
        size = ctypes.c_size_t(kernel["argumentSize"])
        extra = (ctypes.c_void_p * 5)(1, ctypes.addressof(buffer), 2, ctypes.addressof(size), 3)
        _hip.call("hipModuleLaunchKernel", function, *map(ctypes.c_uint, (*grid, *block, shared)), queue, None, extra)
        if reporting or any(view.owned is not None for view in views.values()):
            _hip.call("hipStreamSynchronize", queue)
        if reporting:
            _raise_reported(name, report, queue)
        for view in views.values():
            view.copy_back(queue)
    finally:
        if report.value:
            _hip.call("hipFree", report)
        for view in views.values():
            view.free()


def _raise_reported(name: str, report: ctypes.c_void_p, queue: ctypes.c_void_p) -> None:
    head = (ctypes.c_char * 256)()
    _hip.call("hipMemcpyAsync", head, report, ctypes.c_size_t(256), ctypes.c_int(_DEVICE_TO_HOST), queue)
    _hip.call("hipStreamSynchronize", queue)
    (failed,) = struct.unpack_from("<Q", head, 24)
    if failed == 0:
        return
    (number,) = struct.unpack_from("<I", head, 32)
    place = _REPORTS[number - 1]
    what = f"access out of bounds of {place['name']}" if place["kind"] == "bounds" else "assertion failed"
    if place["kind"] != "bounds" and len(place["pieces"]) == 1:
        what += f": {place['pieces'][0]}"
    where = f"{place['file']}:{place['line']}"
    raise KernelFault(f"{name}: {what} ({where}; {failed} work-items failed)", place["file"], place["line"], failed)


if sys.byteorder != "little":
    raise ImportError("the kernels' arguments are little-endian, and this machine is not")
`;
