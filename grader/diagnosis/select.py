"""Which of the many cases that checks ask are written down: a small set that tells the misconceptions apart."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from grader.course import Course, Exercise, Visibility
from grader.course.mistakes import right_answers
from grader.diagnosis.answers import Answers, agree, differing, form
from grader.diagnosis.cases import NO_ANSWER, Case, CaseBook, Said, ask, ask_often, case_to_json
from grader.diagnosis.variants import Variants
from grader.port import InProcess, Plain
from grader.port.port import SEED
from grader.wire.requests import Parameters, SetParameters

SECONDS = 10.0
RIGHT_SECONDS = 60.0
"""A right answer comes back; what it imports at its first call may take a while."""
PER_CHECK = 10
RANDOM_PER_CHECK = 3
"""Cases of a check, and random ones of it, that are tried; of the random ones that is kept which tells most apart."""
MAX_STOPS = 3
ENOUGH = 2
"""Cases on which each misconception is to differ from a right answer, where there are as many."""


def make_books(
    course: Course, exercise: str, candidates: dict[Visibility, Sequence[Case]]
) -> dict[Visibility, CaseBook]:
    """Choose among the cases that an exercise's checks asked, and record what everything on the shelf answers.

    The visible ones are chosen first and by themselves, since a student's copy has no others.
    """
    variants = Variants(course, exercise)
    try:
        said = _said(variants)
        recorder = ReplyRecorder(course, exercise, variants)
        books: dict[Visibility, CaseBook] = {}
        chosen: list[Case] = []
        for visibility in ("visible", "hidden"):
            offered = [case for case in map(recorder.record, _spaced(candidates.get(visibility, ()))) if case]
            offered = _one_random(offered)
            more = _choose(offered, chosen, [one.name for one in said])
            more += recorder.promote(offered, [*chosen, *more])
            chosen += more
            books[visibility] = CaseBook(said, _checks(course.by_id[exercise], visibility), more)
        return books
    finally:
        variants.close()


def is_stale(
    course: Course, exercise: Exercise, books: Mapping[Visibility, CaseBook], every: int = 1, first: int = 0
) -> bool:
    """Say whether recorded cases no longer fit the exercise's checks, its solution or its catalogue.

    Of the cases every so many-th, from a first one on, is put to the solution and to the misconceptions again.
    """
    renewed = with_sentences(course, exercise, books, every, first)
    return renewed is None or dict(books) != renewed


def with_sentences(
    course: Course, exercise: Exercise, books: Mapping[Visibility, CaseBook], every: int = 1, first: int = 0
) -> dict[Visibility, CaseBook] | None:
    """Return recorded cases with the sentences that the catalogue has now; None if the cases have to be recorded again.

    They do if mistakes or checks were added, dropped or moved, or if an answer is no longer the recorded one. Of the
    cases every so many-th, from a first one on, is put to the solution and to the misconceptions again.
    """
    variants = Variants(course, exercise.id)
    said = _said(variants)
    names = [mistake.name for mistake in said]
    try:
        for visibility, book in books.items():
            if [mistake.name for mistake in book.misconceptions] != names:
                return None
            if book.checks != _checks(exercise, visibility):
                return None
            if not all(_still_answers(variants, case) for case in book.cases[first::every]):
                return None
        return {visibility: dataclasses.replace(book, misconceptions=said) for visibility, book in books.items()}
    finally:
        variants.close()


def _said(variants: Variants) -> list[Said]:
    return [Said(m.name, m.did, m.why, m.hint, m.check) for m in variants.misconceptions.values()]


def _checks(exercise: Exercise, visibility: Visibility) -> list[str]:
    return [check.id for check in exercise.checks if check.visibility == visibility]


def _still_answers(variants: Variants, case: Case) -> bool:
    """Say whether the answer and its misconceptions answer a case as recorded; of random cases the answer alone."""
    names: list[tuple[str, ...]] = [()] if case.random else [(), *((name,) for name in case.by)]
    for name in names:
        place = case.by[name[0]] if name else 0
        if place is None or place == NO_ANSWER:
            continue
        answer = ask_often(variants.open(*name), case, RIGHT_SECONDS)
        if answer is None or not agree(answer, case.answers[place], case.loose, case.free):
            return False
    return True


class ReplyRecorder:
    """Puts cases to right answers and to misconceptions.

    Args:
        course: the course.
        exercise: the exercise's id.
        variants: its misconceptions.
    """

    def __init__(self, course: Course, exercise: str, variants: Variants) -> None:
        self._variants = variants
        # The solution is on the shelf already.
        others = [path for path in right_answers(course, exercise) if path.parent != course.solutions]
        self._right: list[InProcess] = [
            variants.add(path.read_text(encoding="utf-8"), f"right_{number}") for number, path in enumerate(others)
        ]
        self._stops: dict[str, int] = defaultdict(int)
        self._random: dict[str, int] = defaultdict(int)

    def record(self, case: Case) -> Case | None:
        """Record all answers to a case; None where right answers do not answer, or enough random ones are recorded."""
        first, second = (ask(self._variants.open(), case, RIGHT_SECONDS, seed) for seed in (SEED, SEED + 1))
        if first is None or second is None:
            return None
        varying = differing(first, second)
        # The initial values of parameters are free, and so is what comes out while nobody has set them.
        initial = {f"{number}.{place}" for number, place in _requests(case, Parameters)}
        loose = {path for path in varying if path.partition("[")[0] in initial}
        if not _requests(case, SetParameters):
            loose = varying
        if varying - loose and self._random[case.check] == RANDOM_PER_CHECK:
            return None
        made = self._record(dataclasses.replace(case, random=bool(varying - loose), loose=frozenset(loose)))
        self._random[case.check] += made is not None and made.random
        return made

    def promote(self, offered: Sequence[Case], chosen: Sequence[Case]) -> list[Case]:
        """Record as random a case for each misconception that no case shows and that answers some at random."""
        more: list[Case] = []
        for name in self._variants.misconceptions:
            if any(name in _shown(case) for case in [*chosen, *more]):
                continue
            varying = [case for case in offered if case.by[name] is None and not case.random]
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
            for path in differing(right, other, loose):
                if _is_spread(right.get(path)) and not _is_spread(other.get(path)):
                    # It draws from a source of its own, and shows no more of it than one draw.
                    continue
                same_form = path in right and path in other and form(right[path]) == form(other[path])
                (loose if same_form else free).add(path)
        case = dataclasses.replace(case, loose=frozenset(loose), free=frozenset(free), answers=[right], by={})
        for name in self._variants.misconceptions:
            case.by[name] = self._number(case, name)
        return case

    def _number(self, case: Case, name: str) -> int | None:
        """Return the number of a misconception's answer among those recorded; a new answer is added."""
        if self._stops[name] >= MAX_STOPS:
            return NO_ANSWER
        transport = self._variants.open(name)
        answer = ask_often(transport, case, SECONDS)
        if answer is None:
            self._stops[name] += 1
            return NO_ANSWER
        place = _find(case, answer)
        if place is None:
            again = ask(transport, case, SECONDS, SEED + 1)
            if not case.random and (again is None or not agree(again, answer, case.loose, case.free)):
                return None
            case.answers.append({path: leaf for path, leaf in answer.items() if path not in case.free})
            place = len(case.answers) - 1
        return place


def _is_spread(leaf: Plain) -> bool:
    return isinstance(leaf, tuple) and leaf[:1] == ("spread",)


def _one_random(offered: Sequence[Case]) -> list[Case]:
    """Keep of each check's random cases the one with most different answers: their many draws take time."""
    best: dict[str, Case] = {}
    for case in offered:
        if case.random and (case.check not in best or len(case.answers) > len(best[case.check].answers)):
            best[case.check] = case
    return [case for case in offered if not case.random or case is best[case.check]]


def _find(case: Case, answer: Answers) -> int | None:
    for place, known in enumerate(case.answers):
        if agree(answer, known, case.loose, case.free):
            return place
    return None


def _choose(offered: Sequence[Case], chosen: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Choose cases: for each check those that show what its cases can show, then what tells misconceptions apart."""
    more: list[Case] = []
    by_check: dict[str, list[Case]] = defaultdict(list)
    for case in offered:
        by_check[case.check].append(case)
    for own in by_check.values():
        _cover(own, more, {case_place: _shown(case) for case_place, case in enumerate(own)}, set())
    apart = {place: _apart(case, names) for place, case in enumerate(offered)}
    known = set().union(*(_apart(case, names) for case in [*chosen, *more])) if [*chosen, *more] else set()
    _cover(offered, more, apart, known)
    for name in names:
        showing = [case for case in offered if name in _shown(case)]
        have = sum(name in _shown(case) for case in [*chosen, *more])
        spare = sorted((case for case in showing if not any(case is one for one in more)), key=_size)
        more += spare[: max(0, ENOUGH - have)]
    return sorted(more, key=lambda case: [id(one) for one in offered].index(id(case)))


def _cover(offered: Sequence[Case], more: list[Case], gains: dict[int, set[object]], known: set[object]) -> None:
    """Take, as long as there is something to gain, the case that gains most for its size."""
    while True:
        worth = {place: len(gains[place] - known) / _size(offered[place]) ** 0.5 for place in gains}
        best = max(worth, key=lambda place: worth[place], default=None)
        if best is None or not worth[best]:
            return
        known |= gains[best]
        if not any(offered[best] is case for case in more):
            more.append(offered[best])


def _shown(case: Case) -> set[object]:
    return {name for name, place in case.by.items() if place not in (0, None, NO_ANSWER)}


def _apart(case: Case, names: Sequence[str]) -> set[object]:
    """List the pairs that a case tells apart; a right answer is one of those to be told apart."""
    places: list[tuple[str, int | None]] = [("", 0), *((name, case.by[name]) for name in names)]
    return {
        (one, other)
        for index, (one, place) in enumerate(places)
        for other, other_place in places[index + 1 :]
        if place != other_place and not {place, other_place} & {None, NO_ANSWER}
    }


def _spaced(cases: Sequence[Case]) -> list[Case]:
    """Keep a few cases of each check, from its first to its last, all different."""
    by_check: dict[str, dict[bytes, Case]] = defaultdict(dict)
    for case in cases:
        by_check[case.check].setdefault(json.dumps(case_to_json(case)).encode(), case)
    kept = []
    for own in by_check.values():
        found = list(own.values())
        count = min(PER_CHECK, len(found))
        kept += [found[round(number * (len(found) - 1) / max(1, count - 1))] for number in range(count)]
    return kept


def _requests(case: Case, kind: type[msgspec.Struct]) -> list[tuple[int, int]]:
    return [
        (number, place)
        for number, batch in enumerate(case.batches)
        for place, request in enumerate(batch)
        if isinstance(request, kind)
    ]


def _size(case: Case) -> int:
    return len(json.dumps(case_to_json(dataclasses.replace(case, answers=[], by={}))))
