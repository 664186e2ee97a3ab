"""How roughly a learner's function rounds: how much of it is computed in float32 although its output is float64.

The contract allows statistics, a softmax, an activation or a loss to be computed in float32 and cast back. Such an
output is off by as much as float32 rounds there; nothing else is. So if a float64 value is off by more than float64
explains, but by no more than float32 could, the question is asked again with inputs that are moved a little, by a few
units in the last place of float32. A function that is computed in float64 answers along a straight line, up to 1e-12 or
so. In float32, each answer is rounded in its own way, and the line is as crooked as one answer is off. That is
measured, and a difference of that size is accepted.

This is decided on the trusted side, from plain answers, and it gives a program with a mistake nothing: with the wrong
eps, it answers along a straight line in float64, and in float32 no more crookedly than with the right one.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

import msgspec
import numpy as np
import torch

from grader.port import Port
from grader.wire.plain import Plain, Ref, copy_plain
from grader.wire.requests import Answer, AnyRequest, Backward, Call, Put

UNIT = 2.0**-23
"""The distance between neighboring float32 numbers around 1."""
DIRECTIONS = 8
BACK = -0.6
"""How far back an input moves for each step forward; if both were the same, rounding could cancel."""
SAFETY = 4.0
"""How many times the roughness measured a value may be off: a maximum over few numbers can be small by chance."""
SMOOTH = 1e-9
"""Functions computed in float64 are less rough than this, and those computed in float32 rougher."""

_ASKED: contextvars.ContextVar[Port | None] = contextvars.ContextVar("_ASKED", default=None)


@contextlib.contextmanager
def measured_through(port: Port) -> Iterator[None]:
    """In this block, values that are compared come from a learner's code behind this port."""
    token = _ASKED.set(port)
    try:
        yield
    finally:
        _ASKED.reset(token)


def roughness() -> float:
    """Return how roughly the learner's latest answer is rounded; 0 if it isn't, or if that can't be measured.

    It can't if no input is a floating-point number, or if the same question gets another answer the second time, as
    with dropout.
    """
    port = _ASKED.get()
    latest = _latest(port) if port is not None else None
    if port is None or latest is None:
        return 0.0
    request, answer, kept = latest
    moved = [_moved(request, kept, direction, size) for direction in range(DIRECTIONS) for size in (1.0, BACK)]
    # The original comes last, so that an object that remembers its last call remembers the right one.
    answers = port.aside([*moved, request])
    if answers is None:
        return 0.0
    values, middle = [_numbers(each) for each in answers], _numbers(answer)
    if any(each.shape != middle.shape for each in values) or not torch.equal(values[-1], middle):
        return 0.0
    pairs = zip(values[0:-1:2], values[1:-1:2], strict=True)
    rough = max(float(((ahead - middle) - (back - middle) / BACK).abs().max()) for ahead, back in pairs)
    return rough if rough > SMOOTH else 0.0


def _latest(port: Port) -> tuple[Call | Backward, Plain, dict[int, Plain]] | None:
    """Return the latest question with numbers in it, its answer, and the values kept on the far side."""
    kept = {request.keep: request.value for request in port.transcript if isinstance(request, Put)}
    for exchange in reversed(port.exchanges):
        for request, reply in reversed(list(zip(exchange.requests, exchange.replies, strict=False))):
            if isinstance(request, Call) and (request.keep or request.printed):
                continue
            if isinstance(request, Call | Backward) and isinstance(reply, Answer) and _numbers(reply.value).numel():
                given = [kept.get(value.number) if isinstance(value, Ref) else value for value in request.args]
                return (request, reply.value, kept) if any(_is_numbers(value) for value in given) else None
    return None


def _moved(request: Call | Backward, kept: dict[int, Plain], direction: int, size: float) -> AnyRequest:
    """Return a question whose numbers are moved along a direction, each by one to four units in its last place."""
    generator = torch.Generator().manual_seed(direction)

    def move(value: Plain) -> Plain:
        given = kept.get(value.number) if isinstance(value, Ref) else value
        if not _is_numbers(given):
            return value
        numbers = torch.as_tensor(copy_plain(given))
        steps = 1 + 3 * torch.rand(numbers.shape, generator=generator, dtype=torch.float64)
        steps *= 1 - 2 * torch.randint(2, numbers.shape, generator=generator)
        moved = (numbers * (1 + size * UNIT * steps)).to(numbers.dtype)
        return moved if isinstance(given, torch.Tensor) else moved.numpy()

    moved = msgspec.structs.replace(request, args=tuple(move(value) for value in request.args))
    # Gradients follow the upstream gradient in a straight line.
    return msgspec.structs.replace(moved, upstream=move(request.upstream)) if isinstance(request, Backward) else moved


def _is_numbers(value: Plain) -> bool:
    return (isinstance(value, torch.Tensor) and value.dtype == torch.float64 and bool(value.numel())) or (
        isinstance(value, np.ndarray) and value.dtype == np.float64 and bool(value.size)
    )


def _numbers(value: Plain) -> torch.Tensor:
    """Return all float64 numbers in an answer, one after the other."""
    if isinstance(value, list | tuple | dict):
        parts = [_numbers(part) for part in (value.values() if isinstance(value, dict) else value)]
        return torch.cat([torch.zeros(0, dtype=torch.float64), *parts])
    if not _is_numbers(value):
        return torch.zeros(0, dtype=torch.float64)
    return torch.as_tensor(copy_plain(value)).reshape(-1)
