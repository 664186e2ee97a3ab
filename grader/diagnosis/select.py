"""Choosing which of the many cases that checks ask are recorded: a small set that tells the known mistakes apart."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

import msgspec
import numpy as np

from grader.course import Course, Exercise, Visibility
from grader.course.mistakes import right_answers
from grader.diagnosis.answers import Answers, agree, differing, form, without_constants
from grader.diagnosis.cases import NO_ANSWER, Case, CaseBook, KnownMistake, ask, ask_often, case_to_json
from grader.diagnosis.leaves import SpreadLeaf
from grader.diagnosis.variants import Variants
from grader.port import InProcess
from grader.port.port import SEED
from grader.wire.requests import Parameters, SetParameters

SECONDS = 10.0
RIGHT_SECONDS = 60.0
"""Enough for a right answer, which always returns but may import modules at its first call."""
PER_CHECK = 10
"""The most cases of a check that are tried."""
RANDOM_REQUESTS, MOST_RANDOM_REQUESTS = 16, 30
"""Random cases of a check are tried until they have so many requests together; only the best of them is kept. One with
more requests than the second number isn't tried: every mistake answers it many times, and it would take an hour."""
MAX_STOPS = 3
"""The number of unanswered cases after which a mistake is not asked again."""
ENOUGH = 2
"""The number of cases in which each mistake should differ from a right answer, if there are that many."""


def make_books(
    course: Course, exercise: str, candidates: dict[Visibility, Sequence[Case]]
) -> dict[Visibility, CaseBook]:
    """Choose among the cases that an exercise's checks asked, and record the answers of the solution and all mistakes.

    Visible cases are chosen first and by themselves, because a student's copy has only those.
    """
    variants = Variants(course, exercise)
    try:
        mistakes = _known_mistakes(variants)
        recorder = ReplyRecorder(course, exercise, variants)
        books: dict[Visibility, CaseBook] = {}
        chosen: list[Case] = []
        for visibility in ("visible", "hidden"):
            offered = [case for case in map(recorder.record, _spaced(candidates.get(visibility, ()))) if case]
            offered = _one_random(offered)
            more = _choose(offered, chosen, mistakes)
            more += recorder.promote(offered, [*chosen, *more])
            chosen += more
            books[visibility] = CaseBook(mistakes, _checks(course.by_id[exercise], visibility), more)
        return books
    finally:
        variants.close()


def is_stale(
    course: Course, exercise: Exercise, books: Mapping[Visibility, CaseBook], every: int = 1, first: int = 0
) -> bool:
    """Say whether recorded cases no longer fit the exercise's checks, its solution or its catalog.

    The solution and the mistakes answer every `every`-th case again, starting with case number `first`.
    """
    renewed = with_sentences(course, exercise, books, every, first)
    return renewed is None or dict(books) != renewed


def with_sentences(
    course: Course, exercise: Exercise, books: Mapping[Visibility, CaseBook], every: int = 1, first: int = 0
) -> dict[Visibility, CaseBook] | None:
    """Return recorded cases with the catalog's current sentences; None if the cases must be recorded again.

    They must if mistakes or checks were added, removed or moved, or if an answer has changed. To find out, the solution
    and the mistakes answer every `every`-th case again, starting with case number `first`.
    """
    variants = Variants(course, exercise.id)
    mistakes = _known_mistakes(variants)
    keys = [mistake.key for mistake in mistakes]
    try:
        for visibility, book in books.items():
            if [mistake.key for mistake in book.misconceptions] != keys:
                return None
            if book.checks != _checks(exercise, visibility):
                return None
            if not all(_still_answers(variants, case) for case in book.cases[first::every]):
                return None
        return {visibility: dataclasses.replace(book, misconceptions=mistakes) for visibility, book in books.items()}
    finally:
        variants.close()


def _known_mistakes(variants: Variants) -> list[KnownMistake]:
    return [
        KnownMistake(m.name, m.did, m.why, m.hint, m.check, "" if key == m.name else m.value)
        for key, m in variants.misconceptions.items()
    ]


def _checks(exercise: Exercise, visibility: Visibility) -> list[str]:
    return [check.id for check in exercise.checks if check.visibility == visibility]


def _still_answers(variants: Variants, case: Case) -> bool:
    """Say whether the solution and the mistakes answer a case as recorded; for a random case, only ask the solution."""
    names: list[tuple[str, ...]] = [()] if case.random else [(), *((name,) for name in case.by)]
    for name in names:
        position = case.by[name[0]] if name else 0
        if position is None or position == NO_ANSWER:
            continue
        answer = ask_often(variants.open(*name), case, RIGHT_SECONDS)
        if answer is None or not agree(answer, case.answers[position], case.loose, case.free):
            return False
    return True


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
            if any(name in _shown(case) for case in [*chosen, *more]):
                continue
            varying = [
                case
                for case in offered
                if case.by[name] is None and not case.random and sum(map(len, case.batches)) <= MOST_RANDOM_REQUESTS
            ]
            if varying:
                shortest = min(varying, key=_size)
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
            # A right answer may be in float32: a diagnosis compares once more with its bounds.
            for path in differing(right, other, loose, roughly=True):
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
        position = _find(case, answer)
        if position is None:
            if not case.random:
                with _seeded_otherwise():
                    again = ask(transport, case, SECONDS, SEED + 1)
                varying = differing(again or {}, answer, case.loose, case.free)
                if again is None or not _starts_of_extra_parameters(case, answer, again, varying):
                    return None
                # That there is such a parameter is the answer; where it starts doesn't count.
                case.loose |= varying
            case.answers.append({path: leaf for path, leaf in answer.items() if path not in case.free})
            position = len(case.answers) - 1
        return position


def _one_random(offered: Sequence[Case]) -> list[Case]:
    """Keep only the random case with the most different answers for each check, because many draws take time."""
    best: dict[str, Case] = {}
    for case in offered:
        if case.random and (case.check not in best or len(case.answers) > len(best[case.check].answers)):
            best[case.check] = case
    return [case for case in offered if not case.random or case is best[case.check]]


def _find(case: Case, answer: Answers) -> int | None:
    for position, known in enumerate(case.answers):
        if agree(answer, known, case.loose, case.free):
            return position
    return None


def _choose(offered: Sequence[Case], chosen: Sequence[Case], mistakes: Sequence[KnownMistake]) -> list[Case]:
    """Choose cases: for each check, enough to show every mistake that its cases can show; then, to tell all apart."""
    more: list[Case] = []
    by_check: dict[str, list[Case]] = defaultdict(list)
    for case in offered:
        by_check[case.check].append(case)
    for cases in by_check.values():
        _cover(cases, more, {position: _shown(case) for position, case in enumerate(cases)}, set())
    apart = {position: _apart(case, mistakes) for position, case in enumerate(offered)}
    known = set().union(*(_apart(case, mistakes) for case in [*chosen, *more])) if [*chosen, *more] else set()
    _cover(offered, more, apart, known)
    for name in (mistake.key for mistake in mistakes):
        showing = [case for case in offered if name in _shown(case)]
        have = sum(name in _shown(case) for case in [*chosen, *more])
        spare = sorted((case for case in showing if not any(case is taken for taken in more)), key=_size)
        more += spare[: max(0, ENOUGH - have)]
    return sorted(more, key=lambda case: [id(offer) for offer in offered].index(id(case)))


def _cover(offered: Sequence[Case], more: list[Case], gains: dict[int, set[object]], known: set[object]) -> None:
    """As long as there is something to gain, add the case that gains most for its size."""
    while True:
        worth = {position: len(gains[position] - known) / _size(offered[position]) ** 0.5 for position in gains}
        best = max(worth, key=lambda position: worth[position], default=None)
        if best is None or not worth[best]:
            return
        known |= gains[best]
        if not any(offered[best] is case for case in more):
            more.append(offered[best])


def _shown(case: Case) -> set[object]:
    return {name for name, position in case.by.items() if position not in (0, None, NO_ANSWER)}


def _apart(case: Case, mistakes: Sequence[KnownMistake]) -> set[object]:
    """List the pairs of mistakes to which a case gets different answers; "" stands for no mistake.

    One mistake with different values has one name, and need not be told apart.
    """
    right = ("", "", 0)
    answers: list[tuple[str, str, int | None]] = [right, *((m.key, m.name, case.by[m.key]) for m in mistakes)]
    return {
        (first, second)
        for index, (first, name, answer) in enumerate(answers)
        for second, second_name, second_answer in answers[index + 1 :]
        if name != second_name and answer != second_answer and not {answer, second_answer} & {None, NO_ANSWER}
    }


def _spaced(cases: Sequence[Case]) -> list[Case]:
    """Keep a few cases of each check, all different and evenly spaced from its first to its last."""
    by_check: dict[str, dict[bytes, Case]] = defaultdict(dict)
    for case in cases:
        by_check[case.check].setdefault(json.dumps(case_to_json(case)).encode(), case)
    kept = []
    for by_text in by_check.values():
        different = list(by_text.values())
        count = min(PER_CHECK, len(different))
        kept += [different[round(number * (len(different) - 1) / max(1, count - 1))] for number in range(count)]
    return kept


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
    kept = {name: getattr(np.random, name) for name in ("default_rng", "RandomState")}

    def otherwise(make: Callable[[int | None], object]) -> Callable[[int | None], object]:
        def made(seed: int | None = None) -> object:
            return make(None if seed is None else seed + 1)

        return made

    for name, make in kept.items():
        setattr(np.random, name, otherwise(make))
    try:
        yield
    finally:
        for name, make in kept.items():
            setattr(np.random, name, make)


def _requests(case: Case, kind: type[msgspec.Struct]) -> list[tuple[int, int]]:
    return [
        (number, position)
        for number, batch in enumerate(case.batches)
        for position, request in enumerate(batch)
        if isinstance(request, kind)
    ]


def _size(case: Case) -> int:
    return len(json.dumps(case_to_json(dataclasses.replace(case, answers=[], by={}))))
