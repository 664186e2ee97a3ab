"""Golden records: what the reference returns for fixed inputs, as numbers; visible checks need no reference.

A check calls `golden.expect("output", got)`. `grader build` runs the checks once with the solutions in the learner's
place and writes what came to `tests/visible/golden/<exercise>.json`; every other run compares with that file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grader.checks.compare import expect_equal
from grader.errors import StaleFiles
from grader.learner.plain import ARRAY_DTYPES, DTYPES, Plain

DIGITS = 12


class Golden:
    """The recorded values of one check.

    Args:
        path: the exercise's golden file.
        check: the check's id.
        record: write values instead of comparing with them.
    """

    def __init__(self, path: Path, check: str, record: bool = False) -> None:
        self.path, self.check = path, check
        self.record = record

    def expect(self, key: str, got: Plain, what: str = "the result", *, dims: Sequence[str] = ()) -> None:
        """Fail unless a value equals the one recorded under `key`.

        Raises:
            CheckFailure: they differ.
            StaleFiles: nothing is recorded under this key.
        """
        records = json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        if self.record:
            records.setdefault(self.check, {})[key] = to_json(got)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(records, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
            return
        try:
            due = from_json(records[self.check][key])
        except KeyError:
            raise StaleFiles(f"{self.path.name} has no record `{key}` for {self.check}. Run: grader build") from None
        expect_equal(got, due, what, dims=dims)


def to_json(value: Plain) -> Any:
    """Write plain data as JSON; floats keep twelve significant digits."""
    match value:
        case torch.Tensor():
            numbers = [to_json(number) for number in value.reshape(-1).tolist()]
            return {"tensor": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "values": numbers}
        case np.ndarray():
            numbers = [to_json(number) for number in value.reshape(-1).tolist()]
            return {"array": value.dtype.name, "shape": list(value.shape), "values": numbers}
        case bytes():
            return {"bytes": value.hex()}
        case tuple():
            return {"tuple": [to_json(item) for item in value]}
        case dict():
            return {"dict": [[to_json(key), to_json(item)] for key, item in value.items()]}
        case list():
            return [to_json(item) for item in value]
        case float():
            return float(f"{value:.{DIGITS}g}")
    return value


def from_json(value: Any) -> Plain:
    """Read what `to_json` wrote."""
    match value:
        case {"tensor": dtype, "shape": shape, "values": numbers}:
            return torch.tensor(numbers, dtype=DTYPES[dtype]).reshape(shape)
        case {"array": dtype, "shape": shape, "values": numbers}:
            return np.array(numbers, dtype=ARRAY_DTYPES[dtype]).reshape(shape)
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"tuple": items}:
            return tuple(from_json(item) for item in items)
        case {"dict": pairs}:
            return {from_json(key): from_json(item) for key, item in pairs}
        case list():
            return [from_json(item) for item in value]
    return value
