"""Choosing which of the many cases that checks ask are recorded: a small set that tells the known mistakes apart."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from grader.course import Course, Exercise, Visibility
from grader.diagnosis.answers import agree, without_constants
from grader.diagnosis.cases import NO_ANSWER, Case, CaseBook, KnownMistake, ask_often, case_to_json
from grader.diagnosis.record import RIGHT_SECONDS, ReplyRecorder, shown_mistakes, size_of
from grader.diagnosis.variants import Variants

PER_CHECK = 10
"""The most cases of a check that are tried."""
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
        if answer is None:
            return False
        answer = without_constants(answer, case.answers[0])
        if not agree(answer, case.answers[position], case.loose, case.free):
            return False
    return True


def _one_random(offered: Sequence[Case]) -> list[Case]:
    """Keep only the random case with the most different answers for each check, because many draws take time."""
    best: dict[str, Case] = {}
    for case in offered:
        if case.random and (case.check not in best or len(case.answers) > len(best[case.check].answers)):
            best[case.check] = case
    return [case for case in offered if not case.random or case is best[case.check]]


def _choose(offered: Sequence[Case], chosen: Sequence[Case], mistakes: Sequence[KnownMistake]) -> list[Case]:
    """Choose cases: for each check, enough to show every mistake that its cases can show; then, to tell all apart."""
    more: list[Case] = []
    by_check: dict[str, list[Case]] = defaultdict(list)
    for case in offered:
        by_check[case.check].append(case)
    for cases in by_check.values():
        _cover(cases, more, {position: shown_mistakes(case) for position, case in enumerate(cases)}, set())
    apart = {position: _apart(case, mistakes) for position, case in enumerate(offered)}
    known = set().union(*(_apart(case, mistakes) for case in [*chosen, *more])) if [*chosen, *more] else set()
    _cover(offered, more, apart, known)
    for name in (mistake.key for mistake in mistakes):
        showing = [case for case in offered if name in shown_mistakes(case)]
        have = sum(name in shown_mistakes(case) for case in [*chosen, *more])
        spare = sorted((case for case in showing if not any(case is taken for taken in more)), key=size_of)
        more += spare[: max(0, ENOUGH - have)]
    return sorted(more, key=lambda case: [id(offer) for offer in offered].index(id(case)))


def _cover(offered: Sequence[Case], more: list[Case], gains: dict[int, set[object]], known: set[object]) -> None:
    """As long as there is something to gain, add the case that gains most for its size."""
    while True:
        worth = {position: len(gains[position] - known) / size_of(offered[position]) ** 0.5 for position in gains}
        best = max(worth, key=lambda position: worth[position], default=None)
        if best is None or not worth[best]:
            return
        known |= gains[best]
        if not any(offered[best] is case for case in more):
            more.append(offered[best])


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
