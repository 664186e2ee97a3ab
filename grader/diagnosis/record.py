"""Records how right answers and known mistakes answer cases, without what depends on chance or is left open."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set

import msgspec
import numpy as np

from grader.course import Course
from grader.course.mistakes import right_answers
from grader.diagnosis.answers import Answers, agree, differing, form, without_constants
from grader.diagnosis.cases import NO_ANSWER, Case, ask, ask_often, case_to_json
from grader.diagnosis.leaves import SpreadLeaf
from grader.diagnosis.variants import Variants
from grader.port import InProcess
from grader.port.port import SEED
from grader.wire.requests import Parameters, SetParameters

SECONDS = 10.0
RIGHT_SECONDS = 60.0
"""Enough for a right answer, which always returns but may import modules at its first call."""
RANDOM_REQUESTS, MOST_RANDOM_REQUESTS = 16, 30
"""Random cases of a check are tried until they have so many requests together; only the best of them is kept. One with
more requests than the second number isn't tried: every mistake answers it many times, and it would take an hour."""
MAX_STOPS = 3
"""The number of unanswered cases after which a mistake is not asked again."""


class ReplyRecorder:
    """Records how right answers and known mistakes answer cases.

    Args:
        course: the course.
        exercise: the exercise's id.
        variants: the exercise's solution and mistakes.
    """

    def __init__(self, course: Course, exercise: str, variants: Variants) -> None:
        self._variants = variants
        # `variants` already has the solution.
        others = [path for path in right_answers(course, exercise) if path.parent != course.solutions]
        self._right: list[InProcess] = [
            variants.add(path.read_text(encoding="utf-8"), f"right_{number}") for number, path in enumerate(others)
        ]
        self._stops: dict[str, int] = defaultdict(int)
        self._random: dict[str, int] = defaultdict(int)
        self._by_own_seed: set[str] = set()

    def record(self, case: Case) -> Case | None:
        """Record all answers to a case; None if a right answer doesn't return, or enough random cases are recorded."""
        first, second = (ask(self._variants.open(), case, RIGHT_SECONDS, seed) for seed in (SEED, SEED + 1))
        if first is None or second is None:
            return None
        varying = differing(first, second)
        # Right answers may initialize parameters differently, so results differ until the check sets the parameters.
        loose = {path for path in varying if _is_initial(case, path)}
        if not _requests(case, SetParameters):
            loose = varying
        is_random = bool(varying - loose)
        requests = sum(map(len, case.batches))
        if is_random and (self._random[case.check] >= RANDOM_REQUESTS or requests > MOST_RANDOM_REQUESTS):
            return None
        recorded = self._record(dataclasses.replace(case, random=is_random, loose=frozenset(loose)))
        if recorded is not None and recorded.random:
            self._random[case.check] += requests
        return recorded

    def promote(self, offered: Sequence[Case], chosen: Sequence[Case]) -> list[Case]:
        """For each mistake that shows in no case and answers some at random, record one of those as a random case."""
        more: list[Case] = []
        for name in self._variants.misconceptions:
            if name in self._by_own_seed or any(name in shown_mistakes(case) for case in [*chosen, *more]):
                continue
            varying = [
                case
                for case in offered
                if case.by[name] is None and not case.random and sum(map(len, case.batches)) <= MOST_RANDOM_REQUESTS
            ]
            if varying:
                shortest = min(varying, key=size_of)
                case = self._record(dataclasses.replace(shortest, random=True, answers=[], by={}))
                if case is not None:
                    more.append(case)
        return more

    def _record(self, case: Case) -> Case | None:
        right = ask_often(self._variants.open(), case, RIGHT_SECONDS)
        if right is None:
            return None
        loose, free = set(case.loose), set(case.free)
        for transport in self._right:
            other = ask_often(transport, case, RIGHT_SECONDS)
            if other is None:
                return None
            other = without_constants(other, right)
            for path in differing(right, other, loose):
                if _differ_in_dtype(path, right, other):
                    # A diagnosis compares once more as if everything were in float32.
                    continue
                if isinstance(right.get(path), SpreadLeaf) and not isinstance(other.get(path), SpreadLeaf):
                    # It draws from its own source of randomness, which the seeds don't change, so there is one draw.
                    continue
                same_form = path in right and path in other and form(right[path]) == form(other[path])
                (loose if same_form else free).add(path)
        case = dataclasses.replace(case, loose=frozenset(loose), free=frozenset(free), answers=[right], by={})
        for name in self._variants.misconceptions:
            case.by[name] = self._number(case, name)
        return case

    def _number(self, case: Case, name: str) -> int | None:
        """Return the position of a mistake's answer among the recorded ones; add the answer if it is new."""
        if self._stops[name] >= MAX_STOPS:
            return NO_ANSWER
        transport = self._variants.open(name)
        answer = ask_often(transport, case, SECONDS)
        if answer is None:
            self._stops[name] += 1
            return NO_ANSWER
        answer = without_constants(answer, case.answers[0])
        position = _find(case, answer)
        if position is None:
            if not case.random and not self._is_certain(case, name, answer):
                return None
            case.answers.append({path: leaf for path, leaf in answer.items() if path not in case.free})
            position = len(case.answers) - 1
        return position

    def _is_certain(self, case: Case, name: str, answer: Answers) -> bool:
        """Say whether a mistake's answer doesn't depend on chance, or on what the contract leaves open.

        The start of a parameter that right answers don't have doesn't count: that there is one is the answer.
        """
        transport = self._variants.open(name)
        with _seeded_otherwise():
            again = without_constants(ask(transport, case, SECONDS, SEED + 1) or {}, case.answers[0])
        varying = differing(again, answer, case.loose, case.free)
        if _starts_of_extra_parameters(case, answer, again, varying):
            case.loose |= varying
            return True
        once_more = without_constants(ask(transport, case, SECONDS, SEED + 1) or {}, case.answers[0])
        if agree(once_more, answer, case.loose, case.free):
            self._by_own_seed.add(name)
        return False


def _find(case: Case, answer: Answers) -> int | None:
    for position, known in enumerate(case.answers):
        if agree(answer, known, case.loose, case.free):
            return position
    return None


def _differ_in_dtype(path: str, right: Answers, other: Answers) -> bool:
    """Say whether two answers are alike at a path, apart from one being in float32 and the other in float64."""
    if path not in right or path not in other or form(right[path]) == form(other[path]):
        return False
    return agree({path: right[path]}, {path: other[path]}, roughly=True)


def _is_initial(case: Case, path: str) -> bool:
    """Say whether a path belongs to a list of a module's parameters."""
    return path.partition("[")[0] in {f"{number}.{position}" for number, position in _requests(case, Parameters)}


def _starts_of_extra_parameters(case: Case, answer: Answers, again: Answers, varying: Set[str]) -> bool:
    """Say whether two answers of a mistake differ only in the starts of parameters that a right answer doesn't have."""
    return all(
        _is_initial(case, path)
        and path not in case.answers[0]
        and path in answer
        and path in again
        and form(answer[path]) == form(again[path])
        for path in varying
    )


@contextlib.contextmanager
def _seeded_otherwise() -> Iterator[None]:
    """Let NumPy's generators draw other numbers from the same seed, because it's open how an answer uses its seed."""
    default_rng, random_state = np.random.default_rng, np.random.RandomState

    class OtherRandomState(np.random.RandomState):
        def __init__(self, seed: int | None = None) -> None:
            super().__init__(_other(seed))

    def other_default_rng(seed: int | None = None) -> np.random.Generator:
        return default_rng(_other(seed))

    np.random.default_rng, np.random.RandomState = other_default_rng, OtherRandomState  # type: ignore
    try:
        yield
    finally:
        np.random.default_rng, np.random.RandomState = default_rng, random_state  # type: ignore


def _other(seed: int | None) -> int | None:
    return None if seed is None else seed + 1


def _requests(case: Case, kind: type[msgspec.Struct]) -> list[tuple[int, int]]:
    return [
        (number, position)
        for number, batch in enumerate(case.batches)
        for position, request in enumerate(batch)
        if isinstance(request, kind)
    ]


def shown_mistakes(case: Case) -> set[object]:
    """List the mistakes whose answers to a case are wrong for certain."""
    return {name for name, position in case.by.items() if position not in (0, None, NO_ANSWER)}


def size_of(case: Case) -> int:
    """Return the size of a case's questions in a file."""
    return len(json.dumps(case_to_json(dataclasses.replace(case, answers=[], by={}))))
