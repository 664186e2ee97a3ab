"""Makes small cases with simple numbers of the recorded ones, so that a head or a pencil can answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

import msgspec
import numpy as np
import torch

from grader.diagnosis.cases import Case
from grader.wire.plain import Opaque, Ref
from grader.wire.requests import AnyRequest, Build, Call, Configure, Get, Parameters, Probe, Put, SetParameters

MOST_REQUESTS = 10
"""The most requests of a simple case; with more objects, nobody keeps them in mind."""


def simple_cases(case: Case) -> Iterator[Case]:
    """Yield small cases, each of which asks for a single answer of a recorded one, the simplest numbers first."""
    requests = [request for batch in case.batches for request in batch]
    probes = {request.keep for request in requests if isinstance(request, Probe)}
    for position, request in enumerate(requests):
        if not _is_asked(request, probes) or _kept(request):
            continue
        # Without the calls in between, the same question is a shorter one, unless these calls are what it is about.
        for calls in (False, True):
            needed = _needed_for(requests, position, calls)
            if needed is None or len(needed) > MOST_REQUESTS:
                continue
            for simplify in SIMPLIFICATIONS:
                simple = tuple(_with_values(each, simplify) for each in needed)
                yield Case(case.check, (simple,))
                if zeroed := _with_zero_heads(simple):
                    yield Case(case.check, (zeroed,))


def _with_zero_heads(requests: Sequence[AnyRequest]) -> tuple[AnyRequest, ...]:
    """Make all logits of our language models 0, so that a loss is known; empty if there are none."""
    zeroed: list[AnyRequest] = []
    for request in requests:
        zeroed.append(request)
        if isinstance(request, Probe) and {"vocab_size", "emb_dim"} <= set(request.kwargs):
            shape = (request.kwargs["vocab_size"], request.kwargs["emb_dim"])
            zeroed.append(SetParameters(request.keep, {"out_head.weight": torch.zeros(shape)}))
    return tuple(zeroed) if len(zeroed) > len(requests) else ()


def _is_asked(request: AnyRequest, probes: Set[int]) -> bool:
    """Say whether a request asks the learner's code, or for the parameters that it has changed."""
    if isinstance(request, Parameters):
        return True
    return isinstance(request, Call | Get) and request.target not in probes


def _needed_for(requests: Sequence[AnyRequest], position: int, calls: bool) -> list[AnyRequest] | None:
    """List the requests that make and set up the objects of a request, and the request itself; None if one is missing.

    All numbers are in torch's default dtype, so a module isn't set to another one.

    Args:
        requests: all requests of a case.
        position: that of the request.
        calls: whether earlier calls count, too, and everything that has to do with these objects.
    """
    needed = _objects(requests[position])
    kept: set[int] = {position}
    while True:
        more = {
            earlier
            for earlier, request in enumerate(requests[:position])
            if earlier not in kept
            and (
                _kept(request) in needed
                or _sets_up(request, needed)
                or (calls and isinstance(request, Build | Call) and _objects(request) & needed)
            )
        }
        if not more:
            break
        kept |= more
        needed |= {
            made for earlier in more for made in {*_objects(requests[earlier]), _kept(requests[earlier])} if made
        }
    chosen = [requests[number] for number in sorted(kept)]
    return chosen if needed <= {_kept(request) for request in chosen} else None


def _kept(request: AnyRequest) -> int:
    """Return the number under which a request's result is kept; 0 if it isn't."""
    number: int = getattr(request, "keep", 0)
    return number


def _sets_up(request: AnyRequest, objects: Set[int]) -> bool:
    if isinstance(request, Configure):
        return request.target in objects and request.setting not in ("float64", "float32")
    return isinstance(request, SetParameters) and request.target in objects


def _objects(request: AnyRequest) -> set[int]:
    """List the numbers of the objects that a request is about."""
    found: set[int] = set()

    def note(value: Any) -> Any:
        if isinstance(value, Ref):
            found.add(value.number)
        return value

    for name in request.__struct_fields__:
        _mapped(getattr(request, name), note)
    target = getattr(request, "target", 0)
    return found | ({target} if target else set())


def _with_values(request: AnyRequest, simplify: Callable[[Any, bool], Any]) -> AnyRequest:
    """Simplify the numbers in a request."""
    is_parameters = isinstance(request, SetParameters)

    def changed(value: Any) -> Any:
        return simplify(value, is_parameters)

    names = [name for name in ("args", "kwargs", "value", "values") if name in request.__struct_fields__]
    if isinstance(request, Build | Probe | Call | Put | SetParameters):
        return msgspec.structs.replace(request, **{name: _mapped(getattr(request, name), changed) for name in names})
    return request


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    changed = change(value) if isinstance(value, Mapping) else value
    if changed is not value:
        return changed
    match value:
        case list():
            return [_mapped(item, change) for item in value]
        case tuple():
            return tuple(_mapped(item, change) for item in value)
        case Mapping():
            return {key: _mapped(item, change) for key, item in value.items()}
        case Opaque():
            return value
    return change(value)


def _rounded(factor: float) -> Callable[[Any, bool], Any]:
    """Multiply floating-point numbers by a factor and round them to whole ones, none larger than 3."""

    def simplify(value: Any, is_parameters: bool) -> Any:
        if isinstance(value, torch.Tensor) and value.is_floating_point():
            return (value.float() * factor).round().clamp(-3, 3) + 0.0
        if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
            return np.clip(np.round(value * factor), -3, 3) + 0.0
        return value

    return simplify


def _plain_weights(value: Any, is_parameters: bool) -> Any:
    """Give parameters plain values, and round everything else."""
    if is_parameters and isinstance(value, Mapping):
        return {name: plain_value(name, tensor) for name, tensor in value.items()}
    return _rounded(1.0)(value, is_parameters)


def plain_value(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return a plain value for a parameter: a unit matrix, a scale of ones, or a shift of zeros."""
    if tensor.dim() == 2:
        return torch.eye(*tensor.shape)
    is_scale = name.endswith("scale") or (name.endswith("weight") and tensor.dim() == 1)
    return torch.ones(tensor.shape) if is_scale else torch.zeros(tensor.shape)


def _first_only(simplify: Callable[[Any, bool], Any]) -> Callable[[Any, bool], Any]:
    """Also keep only the first element of each batch: of tensors and arrays with more than one dimension."""

    def simplified(value: Any, is_parameters: bool) -> Any:
        value = simplify(value, is_parameters)
        several = isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 1 and value.shape[0] > 1
        return value[:1] if several and not is_parameters else value

    return simplified


def _as_it_is(value: Any, is_parameters: bool) -> Any:
    return value


SIMPLIFICATIONS: tuple[Callable[[Any, bool], Any], ...] = (
    _first_only(_plain_weights),
    _first_only(_rounded(1.0)),
    _plain_weights,
    _rounded(1.0),
    _rounded(2.0),
    _as_it_is,
)
"""The ways to simplify the numbers of a request, the simplest first."""
