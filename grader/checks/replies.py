"""Looking at a reply before it is used: each function hands it back in the form that a check can work with.

A learner's function can return anything. `len(reply)` of a generator, or a loop over None, would be the check's own
exception; these say what was expected instead. Tensors and arrays have `expect_tensor` and `expect_array`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import torch

from grader.checks.compare import described, wrong_type
from grader.checks.failure import Cause, CheckFailure
from grader.text import verb_for
from grader.wire.plain import Plain

T = TypeVar("T", int, float, str, bytes, list[Any], dict[Any, Any])

_PLURALS: dict[type, str] = {int: "ints", float: "floats", str: "strings", bytes: "bytes", list: "lists", dict: "dicts"}


def expect_number(got: Plain, what: str = "the result") -> float:
    """Fail unless one number came, be it in a tensor; return it.

    Raises:
        CheckFailure: it is something else.
    """
    if type(got) in (int, float) or (isinstance(got, torch.Tensor) and got.numel() == 1):
        return float(got)
    raise wrong_type(got, "a number", f"{what} {verb_for(what, 'is', 'are')} not a number", what)


def expect_any_tensor(got: Plain, what: str = "the output") -> torch.Tensor:
    """Fail unless a tensor came, whatever its form, which another check looks at; return it.

    Raises:
        CheckFailure: it is something else.
    """
    if isinstance(got, torch.Tensor):
        return got
    raise wrong_type(got, "a tensor", f"{what} {verb_for(what, 'is', 'are')} not a tensor", what)


def expect_items(got: Plain, kind: type[T], what: str = "the result") -> list[T]:
    """Fail unless a list came whose items are all of one kind; return it.

    Raises:
        CheckFailure: it is something else.
    """
    expected = f"a list of {_PLURALS[kind]}"
    if not isinstance(got, list):
        raise wrong_type(got, expected, f"{what} {verb_for(what, 'is', 'are')} not a list", what)
    for index, item in enumerate(got):
        if type(item) is not kind:
            where = f"{what}[{index}] is not {'an' if kind is int else 'a'} {kind.__name__}"
            raise wrong_type(item, expected, where)
    return got


def expect_parts(got: Plain, names: Sequence[str], what: str = "the result") -> Sequence[Plain]:
    """Fail unless a tuple, or list, came with a part for each name; return it.

    Raises:
        CheckFailure: it is something else.
    """
    expected = f"{len(names)} results: ({', '.join(names)})"
    if not isinstance(got, tuple | list):
        raise wrong_type(got, expected, f"{what} came as one value", what)
    if len(got) != len(names):
        raise CheckFailure(Cause("shape", f"{len(got)} results", expected))
    return got


def kind_of(value: Plain) -> str:
    """Name the kind of a value: "a list of ints", "a tuple of a dict and a list", "a float64 tensor"."""
    match value:
        case torch.Tensor():
            return f"a {str(value.dtype).removeprefix('torch.')} tensor"
        case np.ndarray():
            return f"a NumPy array of {value.dtype}"
        case list():
            kinds = {type(item) for item in value}
            (kind,) = kinds if len(kinds) == 1 else (None,)
            return f"a list of {_PLURALS[kind]}" if kind in _PLURALS else "a list"
        case tuple():
            return f"a tuple ({', '.join(kind_of(item) for item in value)})"
        case None:
            return "None"
        case bool() | int() | float() | str() | bytes() | dict():
            name = type(value).__name__
            return f"a{'n' if name == 'int' else ''} {name}"
        case _:
            return str(value)


def what_came(got: Plain) -> str:
    """Name the kind of a reply, for a message; of None it says what the reason usually is."""
    return described(None) if got is None else kind_of(got)
