"""Cases: what checks ask, written down with what the answer and each misconception said to it; numbers, no code.

The file of an exercise, `tests/visible/cases/<id>.json` or `tests/hidden/cases/<id>.json`, holds the misconceptions'
names and sentences too, so that a student's copy, which has neither solutions nor catalogue, can name a mistake.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch

from grader.diagnosis.answers import OURS, Answers, answers_of, condensed, differing, spread
from grader.port.port import SEED, Exchange
from grader.port.transport import Transport
from grader.wire.as_json import from_json, to_json
from grader.wire.connection import FarSideGone
from grader.wire.plain import Opaque, Ref
from grader.wire.requests import AnyRequest, Reset

DRAWS = 64
"""Seeds under which a case is asked whose answers are random."""

MAX_NUMBERS = 2**16
"""Numbers in the tensors of an answer, of which many are kept at a time; right ones have some hundred."""

NO_ANSWER = -1

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in AnyRequest.__args__}


@dataclass(frozen=True)
class Said:
    """The sentences of a misconception, and its own check."""

    name: str
    did: str
    why: str
    hint: str
    check: str


@dataclass
class Case:
    """One case.

    Attributes:
        check: the check that asked it.
        batches: the requests, as they went together.
        random: right answers to it are random; it is asked under many seeds.
        loose: paths at which right answers agree in form only.
        free: paths at which right answers agree in nothing.
        answers: the answers that were recorded, all different; the first is right.
        by: for each misconception the place of its answer; None where that is random and a right one is not, and
            `NO_ANSWER` where it did not come back.
    """

    check: str
    batches: tuple[tuple[AnyRequest, ...], ...]
    random: bool = False
    loose: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    answers: list[Answers] = field(default_factory=list)
    by: dict[str, int | None] = field(default_factory=dict)


@dataclass
class CaseBook:
    """The cases of an exercise that come from one folder of checks.

    Attributes:
        misconceptions: those that the cases were put to.
        checks: the ids of the checks among whose cases these were chosen.
        cases: the cases.
    """

    misconceptions: list[Said]
    checks: list[str]
    cases: list[Case]


def case_of(check: str, exchanges: Sequence[Exchange]) -> Case:
    """Make a case of what a check asked."""
    batches = [tuple(r for r in exchange.requests if not isinstance(r, OURS)) for exchange in exchanges]
    return Case(check, tuple(batch for batch in batches if batch))


def ask(transport: Transport, case: Case, seconds: float, seed: int = SEED) -> Answers | None:
    """Put a case to a learner's modules, imported afresh, so that no case depends on those before it.

    None where they did not come back, took their process with them, or answered at great length.
    """
    found = _ask(transport, case, seconds, seed, reload=True)
    return None if found is None else condensed(found)


def _ask(transport: Transport, case: Case, seconds: float, seed: int, reload: bool) -> Answers | None:
    exchanges = []
    for place, batch in enumerate(case.batches):
        requests = [Reset(seed, reload), *batch] if place == 0 else list(batch)
        try:
            with _quiet():
                replies = transport.ask(requests, seconds)
        except FarSideGone:
            return None
        exchanges.append(Exchange(tuple(requests), tuple(replies)))
    found = answers_of(exchanges)
    numbers = sum(leaf.numel() for leaf in found.values() if isinstance(leaf, torch.Tensor))
    stopped = ("stopped",) in [leaf for leaf in found.values() if isinstance(leaf, tuple)]
    return None if stopped or numbers > MAX_NUMBERS else found


def ask_often(transport: Transport, case: Case, seconds: float) -> Answers | None:
    """Put a case to a learner's modules under many seeds where it is random, once where it is not.

    The seconds are for all draws together.
    """
    if not case.random:
        return ask(transport, case, seconds)
    draws: list[Answers] = []
    end = time.monotonic() + seconds
    for number in range(DRAWS):
        left = end - time.monotonic()
        answer = _ask(transport, case, left, SEED + number, reload=number == 0) if left > 0 else None
        if answer is None:
            return None
        draws.append(answer)
    return condensed(spread(draws))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the learner's code of this process from printing and stopping: it did both when the check ran."""
    hook, sys.breakpointhook = sys.breakpointhook, lambda *args, **kwargs: None
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        sys.breakpointhook = hook


def save(book: CaseBook, path: Path) -> None:
    """Write a case book, a line for each case."""
    said = [json.dumps(msgspec.to_builtins(said), ensure_ascii=True) for said in book.misconceptions]
    cases = [json.dumps(case_to_json(case), ensure_ascii=True) for case in book.cases]
    path.parent.mkdir(parents=True, exist_ok=True)
    checks = json.dumps(book.checks)
    text = f'{{"misconceptions": [\n{_lines(said)}\n],\n"checks": {checks},\n"cases": [\n{_lines(cases)}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def load(path: Path) -> CaseBook:
    """Read a case book; an empty one where there is no file."""
    if not path.is_file():
        return CaseBook([], [], [])
    found = json.loads(path.read_text(encoding="utf-8"))
    said = [Said(**said) for said in found["misconceptions"]]
    return CaseBook(said, found["checks"], [case_from_json(case) for case in found["cases"]])


def _lines(items: Sequence[str]) -> str:
    return ",\n".join(items)


def case_to_json(case: Case) -> dict[str, Any]:
    return {
        "check": case.check,
        "random": case.random,
        "loose": sorted(case.loose),
        "free": sorted(case.free),
        "asked": [[_request_to_json(request) for request in batch] for batch in case.batches],
        "answers": [_difference_to_json(case, answer) for answer in case.answers],
        "by": case.by,
    }


def case_from_json(found: dict[str, Any]) -> Case:
    return Case(
        found["check"],
        tuple(tuple(_request_from_json(request) for request in batch) for batch in found["asked"]),
        found["random"],
        frozenset(found["loose"]),
        frozenset(found["free"]),
        _answers_from_json(found["answers"]),
        found["by"],
    )


def _difference_to_json(case: Case, answer: Answers) -> dict[str, Any]:
    """Write the first answer as it is, and of the others only what differs from it."""
    if answer is case.answers[0]:
        return {path: to_json(leaf) for path, leaf in answer.items()}
    right = case.answers[0]
    other = {path: to_json(answer[path]) for path in differing(answer, right, case.loose, case.free) if path in answer}
    gone = sorted(right.keys() - answer.keys() - case.free)
    return dict(sorted(other.items())) | ({"gone": gone} if gone else {})


def _answers_from_json(found: list[dict[str, Any]]) -> list[Answers]:
    right = {path: from_json(leaf) for path, leaf in found[0].items()} if found else {}
    answers = [right]
    for difference in found[1:]:
        gone = difference.get("gone", ())
        answer = {path: leaf for path, leaf in right.items() if path not in gone}
        answers.append(answer | {path: from_json(leaf) for path, leaf in difference.items() if path != "gone"})
    return answers


def _request_to_json(request: AnyRequest) -> dict[str, Any]:
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    return {"ask": type(request).__name__} | {name: to_json(_with_refs(value)) for name, value in fields.items()}


def _request_from_json(found: dict[str, Any]) -> AnyRequest:
    kind: Callable[..., AnyRequest] = _KINDS[found["ask"]]
    return kind(**{name: _without_refs(from_json(value)) for name, value in found.items() if name != "ask"})


def _with_refs(value: Any) -> Any:
    """Write references and opaque values as dictionaries that a check has no use for."""
    match value:
        case Ref(number):
            return {"ref": number}
        case Opaque(type_name):
            return {"opaque": type_name}
        case list():
            return [_with_refs(item) for item in value]
        case tuple():
            return tuple(_with_refs(item) for item in value)
        case dict():
            return {key: _with_refs(item) for key, item in value.items()}
    return value


def _without_refs(value: Any) -> Any:
    match value:
        case {"ref": number} if len(value) == 1:
            return Ref(number)
        case list():
            return [_without_refs(item) for item in value]
        case tuple():
            return tuple(_without_refs(item) for item in value)
        case dict():
            return {key: _without_refs(item) for key, item in value.items()}
    return value
