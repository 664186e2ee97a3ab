"""The leaves of an answer: single values that are compared by themselves, and their form in the recorded cases.

A number or a small tensor is a leaf as it is. Everything else becomes one of the classes below. In a file, such a leaf
is a tuple that starts with a tag, as in `("raised", "ValueError")`. A value that a learner's code returned is never
written as a tuple, so it can't pose as one of these leaves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

from grader.wire.as_json import from_json, to_json


@dataclass(frozen=True)
class ExceptionLeaf:
    """The code raised an exception.

    Attributes:
        kind: the name of its class; `refusal` for the exceptions with which code may refuse its arguments.
    """

    kind: str


@dataclass(frozen=True)
class MissingLeaf:
    """The code has no such module, or the module has no such name.

    Attributes:
        module: the module that was asked for.
        name: the name that was asked for; empty if the module itself is missing.
    """

    module: str
    name: str


@dataclass(frozen=True)
class StoppedLeaf:
    """The code didn't return in time."""


@dataclass(frozen=True)
class TooLongLeaf:
    """The reply has more items than are worth comparing."""


@dataclass(frozen=True)
class VariesLeaf:
    """The values under several seeds have no common form, so they can't be summarized."""


@dataclass(frozen=True)
class SequenceLeaf:
    """The start of a list or tuple; its items are leaves at longer paths.

    Attributes:
        kind: `list` or `tuple`.
        length: the number of items.
    """

    kind: str
    length: int


@dataclass(frozen=True)
class DictLeaf:
    """The start of a dictionary; its values are leaves at longer paths.

    Attributes:
        keys: the keys, sorted, each as Python writes it.
    """

    keys: tuple[str, ...]


@dataclass(frozen=True)
class ArrayLeaf:
    """The start of a NumPy array; its numbers are a tensor at a longer path."""


@dataclass(frozen=True)
class OpaqueLeaf:
    """A value that is not plain data.

    Attributes:
        type_name: the name of its type.
    """

    type_name: str


@dataclass(frozen=True)
class TextLeaf:
    """A value that is equal to another or not, with no tolerance, such as a text or a list of whole numbers.

    Attributes:
        kind: the name of its type.
        text: the value as Python writes it.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class HashLeaf:
    """A value as in `TextLeaf`, but too long to be kept.

    Attributes:
        kind: the name of its type.
        digest: a hash of the value as Python writes it.
    """

    kind: str
    digest: str


@dataclass(frozen=True)
class SumsLeaf:
    """A tensor with too many numbers to be kept, as a few weighted sums of its finite numbers.

    Attributes:
        dtype: its dtype, such as `torch.float32`.
        shape: its shape.
        sums: the sums, one-dimensional, in float64.
        largest: the largest absolute value among its finite numbers; 0 if there are none.
        not_finite: three sums of positions, counted from 1 in the flattened tensor: those of `nan`, `inf` and `-inf`.
    """

    dtype: str
    shape: tuple[int, ...]
    sums: torch.Tensor
    largest: float
    not_finite: tuple[int, ...]


@dataclass(frozen=True)
class SpreadLeaf:
    """A tensor that is different under each seed, as the distribution of some of its numbers.

    Attributes:
        dtype: its dtype, such as `torch.float32`.
        shape: its shape.
        mean: the mean of each number in the sample, one-dimensional.
        deviation: the standard deviation of each number in the sample, in the same order.
        zeros: how often each number in the sample was 0, as a share of the draws, in the same order.
        joint: how draws depend on each other: first the standard deviation of the count of zeros, then the mean
            correlations of zeros with their neighbors along each dimension, and with those half a row away.
        draws: the number of seeds.
    """

    dtype: str
    shape: tuple[int, ...]
    mean: torch.Tensor
    deviation: torch.Tensor
    zeros: torch.Tensor
    joint: tuple[float, ...]
    draws: int


Marker: TypeAlias = (
    ExceptionLeaf
    | MissingLeaf
    | StoppedLeaf
    | TooLongLeaf
    | VariesLeaf
    | SequenceLeaf
    | DictLeaf
    | ArrayLeaf
    | OpaqueLeaf
    | TextLeaf
    | HashLeaf
    | SumsLeaf
    | SpreadLeaf
)
Leaf: TypeAlias = torch.Tensor | bool | int | float | bytes | Marker

_BY_TAG: dict[str, type[Marker]] = {
    "raised": ExceptionLeaf,
    "missing": MissingLeaf,
    "stopped": StoppedLeaf,
    "too long": TooLongLeaf,
    "varies": VariesLeaf,
    "dict": DictLeaf,
    "array": ArrayLeaf,
    "opaque": OpaqueLeaf,
    "plain": TextLeaf,
    "hash": HashLeaf,
    "sums": SumsLeaf,
    "spread": SpreadLeaf,
}
_TAGS = {kind: tag for tag, kind in _BY_TAG.items()}


def leaf_to_json(leaf: Leaf) -> Any:
    """Turn a leaf into the value that stands for it in a file of cases."""
    if isinstance(leaf, SequenceLeaf):
        return to_json((leaf.kind, leaf.length))
    if isinstance(leaf, torch.Tensor | bool | int | float | bytes):
        return to_json(leaf)
    values = [getattr(leaf, field.name) for field in dataclasses.fields(leaf)]
    return to_json((_TAGS[type(leaf)], *(list(value) if isinstance(value, tuple) else value for value in values)))


def leaf_from_json(value: Any) -> Leaf:
    """Turn the result of `leaf_to_json` back into a leaf.

    Raises:
        ValueError: no leaf is written like this.
    """
    plain = from_json(value)
    if isinstance(plain, torch.Tensor | bool | int | float | bytes):
        return plain
    tag, *values = plain if isinstance(plain, tuple) and plain else (None,)
    if tag in ("list", "tuple") and len(values) == 1:
        return SequenceLeaf(tag, values[0])
    leaf_type = _BY_TAG.get(tag)
    if leaf_type is not None and len(values) == len(dataclasses.fields(leaf_type)):
        make: Callable[..., Leaf] = leaf_type
        return make(*(tuple(value) if isinstance(value, list) else value for value in values))
    raise ValueError(f"not a leaf of an answer: {value!r:.100}")
