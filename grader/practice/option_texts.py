"""Writes answers as the short texts of options, and says whether two of them are clearly apart."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import torch

from grader.diagnosis.answers import REFUSALS
from grader.wire.plain import Plain
from grader.wire.requests import (
    Answer,
    Raised,
    Reply,
)

MOST_ANSWER_NUMBERS = 12
"""The most numbers in an option."""
LONGEST = 220
"""The most characters in an option."""
APART = 0.04
"""How far apart at least one number of two options is: an absolute distance, and a share of the larger one."""
NEARLY = 1e-3
"""How far a number may be from a whole one that it's rounded to."""
RAISES = "It raises"


@dataclass(frozen=True)
class Part:
    """What is asked about an answer: its value or its shape; of all of it, or of its item at a position."""

    kind: str
    position: int | None = None

    def text_of(self, reply: Reply | None) -> str | None:
        """Write what is asked about a reply as a short text; None if that can't be done."""
        match reply:
            case Raised(types=types):
                return "It raises an exception." if set(types) & set(REFUSALS) else f"It raises {types[0]}."
            case Answer(value=value):
                if self.position is not None:
                    is_long_enough = isinstance(value, list | tuple) and len(value) > self.position
                    return _short(value[self.position]) if is_long_enough else None
                return _shape(value) if self.kind == "shape" else _short(value)
        return None


WHOLE = Part("value")


def clearly_apart(first: str, second: str) -> bool:
    """Say whether two options differ in more than a rounding."""
    pattern = r"-?\d+\.?\d*"
    if re.sub(pattern, "", first) != re.sub(pattern, "", second):
        return True
    numbers = [re.findall(pattern, text) for text in (first, second)]
    if len(numbers[0]) != len(numbers[1]):
        return True
    pairs = zip(*numbers, strict=True)
    return any(abs(float(a) - float(b)) >= max(APART, APART * max(abs(float(a)), abs(float(b)))) for a, b in pairs)


def _shape(value: Plain) -> str | None:
    if not isinstance(value, torch.Tensor):
        return None
    return f"({', '.join(map(str, value.shape))}{',' if value.dim() == 1 else ''})"


def _short(value: Plain) -> str | None:
    text = _value(value)
    numbers = 0 if text is None else len(re.findall(r"\d+\.?\d*", text))
    return text if text is not None and numbers <= MOST_ANSWER_NUMBERS and len(text) <= LONGEST else None


def _value(value: Plain) -> str | None:
    """Write a value as text, with numbers rounded to two decimals."""
    match value:
        case torch.Tensor() | np.ndarray():
            many = value.numel() if isinstance(value, torch.Tensor) else value.size
            return _value(value.tolist()) if many <= MOST_ANSWER_NUMBERS else None
        case float():
            if math.isnan(value) or math.isinf(value):
                return str(value)
            rounded = f"{value:.2f}".rstrip("0").rstrip(".")
            if "." not in rounded and abs(value - float(rounded)) > NEARLY:
                # It would look like a number that something else gives exactly.
                return None
            return "0" if rounded == "-0" else rounded
        case list() | tuple():
            items = [_value(item) for item in value]
            left, right = "[]" if isinstance(value, list) else "()"
            return None if None in items else f"{left}{', '.join(map(str, items))}{right}"
        case dict():
            pairs = [(key, _value(item)) for key, item in value.items()]
            return None if None in dict(pairs).values() else f"{{{', '.join(f'{k!r}: {v}' for k, v in pairs)}}}"
        case bool() | int() | str() | bytes() | None:
            return repr(value)
    return None
