"""Compares the submissions of a class with each other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from grader.course import Course, Exercise
from grader.extras import is_installed, not_installed
from grader.grading.notebook import as_written
from grader.grading.results import Results
from grader.reports.likeness.boilerplate import boilerplate, unread_folders
from grader.reports.likeness.common import many
from grader.reports.likeness.fingerprints import Program, hashes_of, overlap, program
from grader.reports.likeness.groups import MOST_LINES, Alike, Likeness, Line, grouped
from grader.reports.likeness.wrong_answers import WrongAnswers
from grader.text import listed

ALIKE, LEAST = 0.7, 20
"""Two programs are listed if at least this share of the own code of one is also in the other, and at least this number
of symbols (about two lines). `benchmarks/likeness.py` measures both."""
ALIKE_IF_WRONG, LEAST_IF_WRONG = 0.5, 5
"""The same for two programs with the same wrong results that no known mistake explains and hardly anyone else has."""
LONGEST = 60_000
"""Bytes. No real answer is longer, and longer files take long to compare."""
MOST_NAMED = 8


def compare(
    course: Course,
    sources: Mapping[str, Mapping[str, bytes]],
    results: Results | None = None,
    material: Callable[[Course, Exercise], Iterable[str]] = boilerplate,
) -> Likeness:
    """Compare the submissions of a class with each other, exercise by exercise.

    Code that the course itself contains doesn't count, because everybody may follow the book, nor does what at least a
    tenth of the class shares (see `common.many`).

    Args:
        course: the course.
        sources: the modules of each submission, by submission and exercise id.
        results: the results of the class, to compare wrong answers; None compares only the code.
        material: lists the course's own code for an exercise.
    """
    if not is_installed("copydetect"):
        return Likeness(
            remarks=(not_installed("Comparing submissions needs", "copydetect", "reports"),), compared=False
        )
    pairs: list[Alike] = []
    too_long: list[str] = []
    remarks = unread_folders(course)
    for exercise in course.exercises:
        given = {name: source for name, modules in sources.items() if (source := modules.get(exercise.id))}
        too_long += [f"{exercise.id} of {name}" for name, source in given.items() if len(source) > LONGEST]
        texts = {name: as_written(_text(source)) for name, source in given.items() if len(source) <= LONGEST}
        if len(texts) > 1:
            programs = _own_code(material(course, exercise), texts)
            remarks += _same_for_many(exercise, programs)
            pairs += _pairs(exercise, _without_common(programs), WrongAnswers(results, exercise.id))
    if too_long:
        remarks.append(f"Too long to compare: {listed(too_long, MOST_NAMED)}.")
    return Likeness(grouped(pairs, list(sources)), tuple(remarks))


def _text(source: bytes) -> str:
    # Python, too, ends a line at each of these.
    return source.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _own_code(material: Iterable[str], texts: Mapping[str, str]) -> dict[str, Program]:
    """Return the programs without the course's own code."""
    given = {mark for text in material for mark in hashes_of(text)}
    return {name: program(text).without(given) for name, text in texts.items()}


def _without_common(programs: Mapping[str, Program]) -> dict[str, Program]:
    """Leave out what many students share."""
    counts = Counter(mark for handed_in in programs.values() for mark in handed_in.runs)
    common = {mark for mark, count in counts.items() if count >= many(len(programs))}
    return {name: handed_in.without(common) for name, handed_in in programs.items()}


def _same_for_many(exercise: Exercise, programs: Mapping[str, Program]) -> list[str]:
    """Name the students whose code is the same, but too many to be listed: they may share a source, or the answer."""
    same: dict[str, list[str]] = {}
    for name, handed_in in programs.items():
        if handed_in.length >= LEAST:
            same.setdefault(handed_in.symbols.text, []).append(name)
    return [
        f"The code of {len(names)} submissions for `{exercise.id}` is the same except for names and layout "
        f"({listed(names, MOST_NAMED)}). So many may share a source, so it doesn't count. Read one of them to find out."
        for names in same.values()
        if len(names) >= many(len(programs))
    ]


def _pairs(exercise: Exercise, programs: Mapping[str, Program], wrong_answers: WrongAnswers) -> Iterator[Alike]:
    for first, second in itertools.combinations(programs, 2):
        shared = overlap(programs[first], programs[second])
        if shared is None or shared.symbols < LEAST_IF_WRONG or shared.share < ALIKE_IF_WRONG:
            continue
        wrong, is_unexplained = wrong_answers.same(first, second)
        if is_unexplained or (shared.symbols >= LEAST and shared.share >= ALIKE):
            first_lines = _lines(programs[first].text, shared.first_lines)
            second_lines = _lines(programs[second].text, shared.second_lines)
            yield Alike(exercise.id, first, second, shared.share, wrong, first_lines, second_lines)


def _lines(text: str, shared: Set[int]) -> tuple[Line, ...]:
    lines = text.rstrip().split("\n")
    return tuple(Line(line, number in shared) for number, line in enumerate(lines[:MOST_LINES], 1))
