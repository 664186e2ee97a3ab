"""The names that the checks of an exercise use, taken from its recorded cases, so that no author writes them down.

A case has the requests of a check, and what a right answer replied. A student's copy of the course has the cases, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from grader.diagnosis.cases import Case
from grader.diagnosis.leaves import DictLeaf, SumsLeaf
from grader.naming.matching import Shape
from grader.wire.plain import Ref
from grader.wire.requests import Backward, Build, Call, Get, Parameters


@dataclass(frozen=True)
class Sample:
    """A way to build an object of a class, and the parameters that it then has in a right answer."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    parameters: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """What checks ask a module for.

    Attributes:
        arguments: for each class and function, the arguments that checks pass by name.
        by_position: for each class and function, how many arguments come before these by position.
        members: for each class, the methods and attributes that checks use.
        samples: for each class, the sample that says most about it.
    """

    arguments: Mapping[str, tuple[str, ...]]
    by_position: Mapping[str, int]
    members: Mapping[str, tuple[str, ...]]
    samples: Mapping[str, Sample]


def contract_of(exercise: str, cases: Iterable[Case]) -> Contract:
    """Collect the names in an exercise's recorded cases."""
    arguments: dict[str, dict[str, None]] = {}
    by_position: dict[str, int] = {}
    members: dict[str, dict[str, None]] = {}
    samples: dict[str, list[Sample]] = {}

    def note(request: Build | Call | Backward) -> None:
        arguments.setdefault(request.name, {}).update(dict.fromkeys(request.kwargs))
        if request.kwargs or not arguments[request.name]:
            by_position[request.name] = max(by_position.get(request.name, 0), len(request.args))

    for case in cases:
        built: dict[int, Build] = {}
        for number, batch in enumerate(case.batches):
            for position, request in enumerate(batch):
                match request:
                    case Build(module=module) if module == exercise:
                        built[request.keep] = request
                        note(request)
                        samples.setdefault(request.name, []).append(_sample(request, {}))
                    case Call(target=0, module=module) | Backward(target=0, module=module) if module == exercise:
                        note(request)
                    case Call(target=target, name=name) | Get(target=target, name=name) if target in built and name:
                        if name != "__call__":
                            members.setdefault(built[target].name, {})[name] = None
                    case Parameters(target=target) if target in built:
                        shapes = _shapes(case, f"{number}.{position}")
                        samples[built[target].name].append(_sample(built[target], shapes))
    plain = {name: [sample for sample in of_class if _is_plain(sample)] for name, of_class in samples.items()}
    return Contract(
        {name: tuple(names) for name, names in arguments.items()},
        by_position,
        {name: tuple(names) for name, names in members.items()},
        {name: max(of_class, key=_worth) for name, of_class in plain.items() if of_class},
    )


def _sample(request: Build, parameters: Mapping[str, Shape]) -> Sample:
    return Sample(tuple(request.args), dict(request.kwargs), parameters)


def _shapes(case: Case, path: str) -> dict[str, Shape]:
    """Read names and shapes in the right reply to a request for parameters."""
    answers = case.answers[0]
    reply = answers.get(path)
    shapes = {}
    for key in reply.keys if isinstance(reply, DictLeaf) else ():
        value = answers.get(f"{path}[{key}][1]")
        if isinstance(value, torch.Tensor | SumsLeaf):
            shapes[ast.literal_eval(key)] = tuple(value.shape)
    return shapes


def _worth(sample: Sample) -> tuple[int, int, int]:
    """Prefer samples with many parameters, then those in which they differ, then those with many arguments."""
    return len(sample.parameters), len(set(sample.parameters.values())), len(sample.kwargs)


def _is_plain(sample: Sample) -> bool:
    """Say whether a sample needs no other object."""
    waiting: list[Any] = [*sample.args, *sample.kwargs.values()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Ref):
            return False
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            waiting += value
    return True
