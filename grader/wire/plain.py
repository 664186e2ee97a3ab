"""Plain data: the only thing that crosses the port, in either direction.

Plain are None, bool, int, float, str, bytes, tensors on the CPU, NumPy's arrays of numbers, and lists, tuples and dicts
of plain data. What is derived from a list, a tuple or a dict counts as one, a named tuple or a Counter for example, and
a deque as a list. A learner's function may return anything at all; what is not plain arrives as an `Opaque`, which
carries no more than the name of its type.
"""

from __future__ import annotations

import collections
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

Plain: TypeAlias = Any
"""None, bool, int, float, str, bytes, Tensor, array, Opaque, Ref, or a list, tuple or dict of these."""

MAX_DEPTH = 40
MAX_DIMS = 32
MAX_BYTES = 32 * 2**20
"""For one array: a small one that only looks large, such as a broadcast number, is not copied at full size."""
MAX_TYPE_NAME = 120

DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
    )
}

_KNOWN = frozenset(DTYPES.values())

ARRAY_DTYPES: dict[str, np.dtype[Any]] = {name: np.dtype(name) for name in DTYPES if name != "bfloat16"}
"""The dtypes of arrays: those of tensors, as far as NumPy has them; never objects, strings or records."""

_NUMBERS = tuple(np.dtype(code).type for code in "?bhilqBefd")
"""NumPy's number types, whatever a platform calls them."""


_NOT_TYPES = ("array with ", "array of ", "tensor with ", "int of ", "str with ", "dict with ", "structure nested ")
"""How an `Opaque` begins that says more than a type's name."""


@dataclass(frozen=True)
class Ref:
    """A reference to an object on the far side, by the number that the near side gave it."""

    number: int


@dataclass(frozen=True)
class Opaque:
    """A value that is not plain data; only the name of its type is known."""

    type_name: str

    def __str__(self) -> str:
        if self.type_name.startswith(_NOT_TYPES):
            return f"a{'n' if self.type_name[0] in 'ai' else ''} {self.type_name}"
        return f"an object of type {self.type_name}"


def type_name(value: object) -> str:
    """Return the name of a value's type without calling anything that the value's class could override."""
    kind = type(value)
    module, name = type.__getattribute__(kind, "__module__"), type.__getattribute__(kind, "__name__")
    if not isinstance(module, str) or module in ("builtins", "torch") or "submission" in module:
        return str(name)[:MAX_TYPE_NAME]
    return f"{module}.{name}"[:MAX_TYPE_NAME]


def to_plain(value: object, depth: int = 0) -> Plain:
    """Turn a value that a learner's code returned into plain data that shares no memory with it.

    NumPy scalars become Python numbers: a mean taken with `np.mean` is a float in every way that matters.
    """
    kind = type(value)
    if value is None or kind in (bool, float, bytes, Ref):
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else Opaque("int of more than 64 bits")  # type: ignore[operator]
    if kind is str:
        return value if _is_text(value) else Opaque("str with lone surrogates")  # type: ignore[arg-type]
    if depth >= MAX_DEPTH:
        return Opaque("structure nested too deeply")
    if kind is torch.Tensor or kind is torch.nn.Parameter:
        return _plain_tensor(value)  # type: ignore[arg-type]
    if kind is np.ndarray:
        return _plain_array(value)  # type: ignore[arg-type]
    structure = _structure(value, depth)
    if structure is not None:
        return structure
    if any(kind is number for number in _NUMBERS):
        return value.item()  # type: ignore[attr-defined]
    return Opaque(type_name(value))


def _structure(value: Any, depth: int) -> Plain:
    """Turn what is, or is derived from, a list, tuple or dict into one; return None for everything else.

    Bases are compared by identity, and their own methods used: what a learner's class or its metaclass says of itself
    is not asked.
    """
    bases = type.__getattribute__(type(value), "__mro__")
    for base in (list, collections.deque):
        if any(base is each for each in bases):
            return [to_plain(item, depth + 1) for item in base.__iter__(value)]
    if any(tuple is each for each in bases):
        return tuple([to_plain(item, depth + 1) for item in tuple.__iter__(value)])
    if any(dict is each for each in bases):
        pairs = [(to_plain(key, depth + 1), to_plain(item, depth + 1)) for key, item in dict.items(value)]
        return dict(pairs) if all(is_key(key) for key, _ in pairs) else Opaque("dict with keys that are not plain data")
    return None


def copy_plain(value: Plain) -> Plain:
    """Copy plain data deeply: tensors and arrays get their own memory, in row-major order."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone(memory_format=torch.contiguous_format)
    if isinstance(value, np.ndarray):
        return np.array(value, order="C")
    if isinstance(value, list):
        return [copy_plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(copy_plain(item) for item in value)
    if isinstance(value, dict):
        return {copy_plain(key): copy_plain(item) for key, item in value.items()}
    return value


def _plain_tensor(tensor: torch.Tensor) -> torch.Tensor | Opaque:
    if tensor.layout is not torch.strided or tensor.device.type != "cpu" or tensor.is_quantized:
        return Opaque(f"tensor with layout {tensor.layout} on {tensor.device.type}")
    if tensor.dtype not in _KNOWN:
        return Opaque(f"tensor with dtype {tensor.dtype}")
    return tensor.detach().clone(memory_format=torch.contiguous_format)


def _plain_array(array: npt.NDArray[Any]) -> npt.NDArray[Any] | Opaque:
    """Copy an array of numbers in this machine's byte order, without calling anything that it contains."""
    dtype = ARRAY_DTYPES.get(array.dtype.name)
    if dtype is None:
        return Opaque(f"array with dtype {array.dtype.name}"[:MAX_TYPE_NAME])
    if array.ndim > MAX_DIMS or array.nbytes > MAX_BYTES:
        return Opaque(f"array of {array.nbytes / 2**20:.0f} MiB in {array.ndim} dimensions")
    return np.array(array, dtype=dtype, order="C")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_key(key: Plain) -> bool:
    """Say whether plain data can be a key: None, a bool, number, str or bytes, or a tuple of these."""
    if isinstance(key, tuple):
        return all(is_key(item) for item in key)
    return key is None or isinstance(key, (bool, int, float, str, bytes))
