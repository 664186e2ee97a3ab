"""Plain data as JSON, for recorded values and cases in files."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from grader.wire.plain import ARRAY_DTYPES, DTYPES, Plain

DIGITS = 12


def to_json(value: Plain) -> Any:
    """Turn plain data into values that `json` can write; floats keep twelve significant digits."""
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
    """Turn the result of `to_json` back into plain data."""
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
