"""How values and calls look in a message: short, rounded, and as Python that you can paste into a prompt."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from grader.wire.plain import Opaque, Plain, Ref
from grader.wire.requests import (
    AnyRequest,
    Backward,
    Build,
    Call,
    Configure,
    Get,
    Parameters,
    Probe,
    Put,
    SetParameters,
)

MAX_NUMBERS = 32
MAX_ITEMS = 24
MAX_STRING = 80
MAX_WHOLE = 2000


def show(value: Plain, names: Mapping[int, str] | None = None, whole: bool = False) -> str:
    """Write a value as a short Python literal; describe it if it is too long, unless `whole` is true."""
    items, characters = (MAX_WHOLE, MAX_WHOLE) if whole else (MAX_ITEMS, MAX_STRING)
    match value:
        case torch.Tensor():
            return _show_tensor(value, MAX_WHOLE if whole else MAX_NUMBERS)
        case np.ndarray():
            return _show_array(value, MAX_WHOLE if whole else MAX_NUMBERS)
        case bool() | None:
            return repr(value)
        case float():
            return show_number(value)
        case str() | bytes():
            return repr(value) if len(value) <= characters else f"{value[:characters]!r}… ({len(value)} long)"
        case Ref(number):
            return (names or {}).get(number, f"object_{number}")
        case list() | tuple():
            left, right = "[]" if isinstance(value, list) else "()"
            inner = ", ".join(show(item, names, whole) for item in value[:items])
            more = f", … {len(value)} in all" if len(value) > items else ""
            comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
            return f"{left}{inner}{comma}{more}{right}"
        case dict():
            pairs = list(value.items())
            inner = ", ".join(f"{show(key, names, whole)}: {show(item, names, whole)}" for key, item in pairs[:items])
            more = f", … {len(pairs)} in all" if len(pairs) > items else ""
            return f"{{{inner}{more}}}"
        case Opaque():
            return str(value)
        case _:
            return repr(value)


def show_number(value: float) -> str:
    """Write a number with up to four significant digits, as a Python float."""
    if math.isnan(value) or math.isinf(value):
        return f"float('{value}')"
    text = f"{value:.4g}"
    return text if any(character in text for character in ".e") else f"{text}.0"


def show_program(transcript: Sequence[AnyRequest]) -> list[str]:
    """Write the requests as a program that you can paste into a Python prompt in the course's folder."""
    lines = [line for lines in _show_requests(transcript, whole=True) for line in lines]
    names: dict[str, set[str]] = {}
    for request in transcript:
        if isinstance(request, Build) or (isinstance(request, Call | Backward) and not request.target):
            names.setdefault(request.module, set()).add(request.name)
    used = "\n".join(lines)
    imports = ["import torch"] if "torch." in used else []
    imports += ["from torch import tensor"] if "tensor(" in used else []
    imports += ["import numpy"] if "numpy." in used else []
    imports += ["from numpy import array"] if "array(" in used else []
    imports += ["from grader.learner import probes"] if "probes." in used else []
    imports += [f"from exercises.{module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]
    return [*imports, *lines]


def show_calls(transcript: Sequence[AnyRequest], most: int) -> tuple[list[str], list[int], int]:
    """Write the requests as lines of Python, with a name for each object.

    Args:
        transcript: the requests.
        most: the largest number of lines; the most important ones are kept.

    Returns:
        The lines in order; their numbers, the most important first (the last call of the learner's code, then the
        object that it is called on, then the other objects built, then the rest); and how many lines were dropped.
    """
    lines = [(position, line) for position, group in enumerate(_show_requests(transcript)) for line in group]
    probes = {request.keep for request in transcript if isinstance(request, Probe)}
    calls = [
        position
        for position, request in enumerate(transcript)
        if isinstance(request, Call | Backward) and request.target not in probes
    ]
    last = transcript[calls[-1]] if calls else None
    target = last.target if isinstance(last, Call | Backward) else 0

    def importance(index: int) -> tuple[int, int]:
        position = lines[index][0]
        request = transcript[position]
        if calls and position == calls[-1]:
            return 0, index
        if isinstance(request, Build | Probe):
            return (1 if request.keep == target else 2), index
        return 3, index

    ranked = sorted(range(len(lines)), key=importance)[:most]
    kept = sorted(ranked)
    numbers = {index: number for number, index in enumerate(kept)}
    return [lines[index][1] for index in kept], [numbers[index] for index in ranked], len(lines) - len(kept)


def last_called(transcript: Sequence[AnyRequest]) -> str:
    """Name the learner's function that was called last, an object by its class: `layer_norm`; empty if none was."""
    objects = {request.keep: _base(request.name) for request in transcript if isinstance(request, Build)}
    calls = [
        request
        for request in transcript
        if isinstance(request, Call | Backward) and (not request.target or request.target in objects)
    ]
    return _callee(calls[-1].target, calls[-1].name, objects) if calls else ""


def _show_requests(transcript: Sequence[AnyRequest], whole: bool = False) -> list[list[str]]:
    names: dict[int, str] = {}
    return [_show_request(request, names, whole) for request in transcript]


def _show_request(request: AnyRequest, names: dict[int, str], whole: bool) -> list[str]:
    match request:
        case Build(name=name, args=args, kwargs=kwargs, keep=keep):
            call = f"{name}({_arguments(args, kwargs, names, whole)})"
            return [f"{_name(keep, name, names)} = {call}"]
        case Probe(kind=kind, kwargs=kwargs, keep=keep):
            call = f"probes.{kind}({_arguments((), kwargs, names, whole)})"
            return [f"{_name(keep, kind, names)} = {call}"]
        case Put(value=value, strided=strided, keep=keep):
            return [
                f"{_name(keep, 'x', names)} = {_show_strided(value, whole) if strided else show(value, whole=whole)}"
            ]
        case Get(target=target, name=name):
            return [f"{names[target]}.{name}" if name else names[target]]
        case Call(target=target, name=name, args=args, kwargs=kwargs, keep=keep):
            call = f"{_callee(target, name, names)}({_arguments(args, kwargs, names, whole)})"
            return [f"{_name(keep, 'result', names)} = {call}" if keep else call]
        case Backward(target=target, name=name, args=args, kwargs=kwargs, upstream=upstream):
            call = f"{_callee(target, name, names)}({_arguments(args, kwargs, names, whole)})"
            return [f"{call}.backward({'' if upstream is None else show(upstream, whole=whole)})"]
        case Parameters(target=target):
            return [f"dict({names[target]}.named_parameters())"]
        case SetParameters(target=target, values=values):
            return [
                f"{names[target]}.get_parameter({name!r}).data.copy_({show(value, whole=whole)})"
                for name, value in values.items()
            ]
        case Configure(target=target, setting=setting):
            return [f"{names[target]}.{ {'float64': 'double', 'float32': 'float'}.get(setting, setting) }()"]
    return []


def _show_strided(value: Plain, whole: bool) -> str:
    """Write a tensor or an array that is not contiguous, as the far side makes it."""
    if isinstance(value, np.ndarray):
        return f"{show(value, whole=whole)}{'.T.copy().T' if value.ndim >= 2 else '.repeat(2)[::2]'}"
    if not isinstance(value, torch.Tensor):
        return show(value, whole=whole)
    if value.dim() < 2:
        return f"{show(value, whole=whole)}.repeat_interleave(2)[::2]"
    return f"{show(value, whole=whole)}.mT.contiguous().mT"


def _callee(target: int, name: str, names: Mapping[int, str]) -> str:
    if not target:
        return name
    return names[target] if name == "__call__" else f"{names[target]}.{name}"


def _arguments(args: Plain, kwargs: Plain, names: Mapping[int, str], whole: bool) -> str:
    shown = [show(value, names, whole) for value in args]
    return ", ".join(shown + [f"{key}={show(value, names, whole)}" for key, value in kwargs.items()])


def _name(number: int, kind: str, names: dict[int, str]) -> str:
    base = _base(kind)
    taken = set(names.values())
    name, count = base, 2
    while name in taken:
        name, count = f"{base}_{count}", count + 1
    names[number] = name
    return name


def _base(kind: str) -> str:
    """Return a variable's name for an object of a class: `LayerNorm` becomes `layer_norm`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()


def _show_tensor(tensor: torch.Tensor, most: int) -> str:
    dtype = str(tensor.dtype)
    if tensor.numel() > most:
        return f"a tensor of shape {tuple(tensor.shape)}, {dtype.removeprefix('torch.')}"
    note = f", dtype={dtype}" if tensor.dtype not in (torch.float32, torch.int64, torch.bool) else ""
    if not tensor.numel():
        return f"torch.empty({tuple(tensor.shape)}{note})"
    return f"tensor({_nested(tensor.tolist())}{note})"


def _show_array(array: npt.NDArray[Any], most: int) -> str:
    dtype = array.dtype.name
    if array.size > most:
        return f"an array of shape {array.shape}, {dtype}"
    note = f", dtype='{dtype}'" if dtype not in ("float64", "int64", "bool") else ""
    if not array.size:
        return f"numpy.empty({array.shape}{note})"
    return f"array({_nested(array.tolist())}{note})"


def _nested(value: Plain) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(item) for item in value)}]"
    if isinstance(value, float):
        return show_number(value)
    return repr(value)
