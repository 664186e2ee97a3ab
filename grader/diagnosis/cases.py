"""Cases: questions that checks ask, recorded with the answers of the solution and of each known mistake.

A file contains numbers and no code. The file of an exercise, `tests/visible/cases/<id>.json` or
`tests/hidden/cases/<id>.json`, also has the names and sentences of the mistakes. So a student's copy can name a mistake
although it has neither solutions nor a catalog.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import torch

from grader.diagnosis.answers import OURS, Answers, answers_of, condensed, differing, numbers_of, spread
from grader.diagnosis.leaves import SpreadLeaf, StoppedLeaf, leaf_from_json, leaf_to_json
from grader.port.port import SEED, Exchange
from grader.port.transport import Transport
from grader.wire.as_json import from_json, to_json
from grader.wire.connection import FarSideGone
from grader.wire.plain import Opaque, Ref
from grader.wire.requests import AnyRequest, Reset

DRAWS = 64
"""The number of seeds under which a case is asked if its answers are random."""

MAX_NUMBERS = 2**16
"""The most numbers in the tensors of an answer; right ones have a few hundred. Many answers are kept at once."""

NO_ANSWER = -1
"""Stands for the position of an answer that never came."""

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in AnyRequest.__args__}


@dataclass(frozen=True)
class KnownMistake:
    """The sentences of a known mistake, and the check that it belongs to.

    Attributes:
        name, did, why, hint, check: as in the mistake.
        value: the mistake's value; empty if it has none, or the first of several.
    """

    name: str
    did: str
    why: str
    hint: str
    check: str
    value: str = ""

    @property
    def key(self) -> str:
        """The name under which the mistake's answers are recorded."""
        return f"{self.name}={self.value}" if self.value else self.name


@dataclass
class Case:
    """A case.

    Attributes:
        check: the check that asked it.
        batches: the requests, grouped as they were sent.
        random: whether right answers to it are random, so that it is asked under many seeds.
        loose: paths at which right answers agree only in form.
        free: paths at which right answers don't agree at all.
        answers: the recorded answers, all different; the first is right.
        by: for the key of each mistake, the position of its answer in `answers`; None if its answer is random and a
            right one is not, and `NO_ANSWER` if it didn't return.
    """

    check: str
    batches: tuple[tuple[AnyRequest, ...], ...]
    random: bool = False
    loose: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    answers: list[Answers] = field(default_factory=list)
    by: dict[str, int | None] = field(default_factory=dict)
    _numbers: dict[int, torch.Tensor] = field(init=False, default_factory=dict, compare=False, repr=False)

    def numbers(self, position: int) -> torch.Tensor:
        """Return the numbers of a recorded answer that count, in one row; read once for a class."""
        if position not in self._numbers:
            self._numbers[position] = numbers_of(self.answers[position], self.loose | self.free)
        return self._numbers[position]


@dataclass
class CaseBook:
    """The cases of an exercise that come from one folder of checks.

    Attributes:
        misconceptions: the known mistakes whose answers are recorded.
        checks: the ids of the checks whose cases these were chosen from.
        cases: the cases.
    """

    misconceptions: list[KnownMistake]
    checks: list[str]
    cases: list[Case]


def case_of(check: str, exchanges: Sequence[Exchange]) -> Case:
    """Make a case of the questions that a check asked."""
    batches = [tuple(r for r in exchange.requests if not isinstance(r, OURS)) for exchange in exchanges]
    return Case(check, tuple(batch for batch in batches if batch))


def ask(transport: Transport, case: Case, seconds: float, seed: int = SEED) -> Answers | None:
    """Ask a learner's modules a case; they are imported again, so that no case depends on earlier ones.

    Returns:
        Their answer; None if they didn't return within `seconds` for a batch, ended their process, or gave an answer
        that is too long.
    """
    answers = _ask(transport, case, seconds, seed, reload=True)
    return None if answers is None else condensed(answers)


def ask_again(transport: Transport, case: Case, seconds: float, seed: int = SEED) -> Answers | None:
    """Ask a learner's modules a case twice; return the second answer, which may depend on the first call.

    Returns:
        Their answer; None as for `ask`, which applies to each of the two.
    """
    if _ask(transport, case, seconds, seed, reload=True) is None:
        return None
    answers = _ask(transport, case, seconds, seed, reload=False)
    return None if answers is None else condensed(answers)


def _ask(transport: Transport, case: Case, seconds: float, seed: int, reload: bool) -> Answers | None:
    exchanges = []
    for number, batch in enumerate(case.batches):
        requests = [Reset(seed, reload), *batch] if number == 0 else list(batch)
        try:
            with _quiet():
                replies = transport.ask(requests, seconds)
        except FarSideGone:
            return None
        exchanges.append(Exchange(tuple(requests), tuple(replies)))
    answers = answers_of(exchanges)
    numbers = sum(leaf.numel() for leaf in answers.values() if isinstance(leaf, torch.Tensor))
    stopped = any(isinstance(leaf, StoppedLeaf) for leaf in answers.values())
    return None if stopped or numbers > MAX_NUMBERS else answers


def ask_often(transport: Transport, case: Case, seconds: float) -> Answers | None:
    """Ask a learner's modules a case: under many seeds if it is random, and otherwise once.

    Returns:
        Their answer; None as for `ask`. All draws together may take `seconds`.
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
    """Suppress prints, warnings and breakpoints of code in this process: a learner's has shown them in the check."""
    hook, sys.breakpointhook = sys.breakpointhook, lambda *args, **kwargs: None
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(action="ignore"),
        ):
            yield
    finally:
        sys.breakpointhook = hook


def save(book: CaseBook, path: Path) -> None:
    """Write a case book as JSON, one line for each case."""
    mistakes = [json.dumps(_mistake_to_json(mistake), ensure_ascii=True) for mistake in book.misconceptions]
    cases = [json.dumps(case_to_json(case), ensure_ascii=True) for case in book.cases]
    path.parent.mkdir(parents=True, exist_ok=True)
    checks = json.dumps(book.checks)
    text = f'{{"misconceptions": [\n{_lines(mistakes)}\n],\n"checks": {checks},\n"cases": [\n{_lines(cases)}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def load(path: Path) -> CaseBook:
    """Read a case book; return an empty one if there is no file."""
    if not path.is_file():
        return CaseBook([], [], [])
    content = json.loads(path.read_text(encoding="utf-8"))
    mistakes = [KnownMistake(**mistake) for mistake in content["misconceptions"]]
    return CaseBook(mistakes, content["checks"], [case_from_json(case) for case in content["cases"]])


def _mistake_to_json(mistake: KnownMistake) -> dict[str, str]:
    return {field: text for field, text in msgspec.to_builtins(mistake).items() if field != "value" or text}


def _lines(items: Sequence[str]) -> str:
    return ",\n".join(items)


def case_to_json(case: Case) -> dict[str, Any]:
    """Turn a case into values that `json` can write."""
    return {
        "check": case.check,
        "random": case.random,
        "loose": sorted(case.loose),
        "free": sorted(case.free),
        "asked": [[_request_to_json(request) for request in batch] for batch in case.batches],
        "answers": [_difference_to_json(case, answer) for answer in case.answers],
        "by": case.by,
    }


def case_from_json(row: dict[str, Any]) -> Case:
    """Turn the result of `case_to_json` back into a case."""
    return Case(
        row["check"],
        tuple(tuple(_request_from_json(request) for request in batch) for batch in row["asked"]),
        row["random"],
        frozenset(row["loose"]),
        frozenset(row["free"]),
        _answers_from_json(row["answers"]),
        row["by"],
    )


def _difference_to_json(case: Case, answer: Answers) -> dict[str, Any]:
    """Write the first answer completely, and of the others only their differences from it.

    A distribution is always written: two of them may both be close enough to a learner's, but not to each other.
    """
    if answer is case.answers[0]:
        return {path: leaf_to_json(leaf) for path, leaf in answer.items()}
    right = case.answers[0]
    differences = differing(answer, right, case.loose, case.free) | (_distributions(answer) - case.loose - case.free)
    paths = sorted(path for path in differences if path in answer)
    gone = sorted(right.keys() - answer.keys() - case.free)
    return {path: leaf_to_json(answer[path]) for path in paths} | ({"gone": gone} if gone else {})


def _distributions(answer: Answers) -> set[str]:
    return {path for path, leaf in answer.items() if isinstance(leaf, SpreadLeaf)}


def _answers_from_json(rows: list[dict[str, Any]]) -> list[Answers]:
    right = {path: leaf_from_json(leaf) for path, leaf in rows[0].items()} if rows else {}
    answers = [right]
    for difference in rows[1:]:
        gone = difference.get("gone", ())
        answer = {path: leaf for path, leaf in right.items() if path not in gone}
        answers.append(answer | {path: leaf_from_json(leaf) for path, leaf in difference.items() if path != "gone"})
    return answers


def _request_to_json(request: AnyRequest) -> dict[str, Any]:
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    return {"ask": type(request).__name__} | {name: to_json(_with_refs(value)) for name, value in fields.items()}


def _request_from_json(row: dict[str, Any]) -> AnyRequest:
    kind: Callable[..., AnyRequest] = _KINDS[row["ask"]]
    return kind(**{name: _without_refs(from_json(value)) for name, value in row.items() if name != "ask"})


def _with_refs(value: Any) -> Any:
    """Replace references and opaque values with dictionaries that no check sends."""
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
    """Put references back."""
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
