"""One page per submission for whoever marks it: code, failed checks and marks, next to each other.

It shows hidden checks in full, so it is for instructors only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from jinja2 import Environment

from grader.course import Course, Exercise
from grader.failures.as_text import message
from grader.failures.repeats import SaidBefore
from grader.failures.visible_to_student import visible_to_student
from grader.grading.results import CheckResult, ExerciseResult, SubmissionResult
from grader.html import environment
from grader.reports.feedback import WORDS, count_text, file_name
from grader.reports.marking.code import Code, code_of
from grader.reports.questions import AskedAbout, questions_of
from grader.reports.roster import Roster
from grader.reports.score_in_words import exercise_notes, in_points, items_in_words, sentences

MARKING_FOLDER = "marking"


@dataclass(frozen=True)
class Place:
    """A line of the code that a failure is about: its anchor on the page, and how it is called."""

    anchor: str
    label: str


@dataclass(frozen=True)
class Failed:
    """A check that didn't pass: its status in a word, what there is to read about it, and the lines it is about."""

    check: CheckResult
    status: str
    lines: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Answer:
    """An exercise of a submission: its result, its code if there is any, and what failed."""

    exercise: Exercise
    result: ExerciseResult
    code: Code | None
    notes: tuple[str, ...]
    failed: tuple[Failed, ...]
    questions: tuple[AskedAbout, ...]
    hits: frozenset[int]


@dataclass(frozen=True)
class Neighbors:
    """The submissions before and after one in the order of marking, its position from 1, and how many there are."""

    previous: str
    next: str
    position: int
    count: int

    @classmethod
    def of(cls, ids: Sequence[str], position: int) -> Neighbors:
        """Return the neighbors of the submission at a position, counted from 0."""
        before, after = ids[position - 1 : position], ids[position + 1 : position + 2]
        return cls("".join(before), "".join(after), position + 1, len(ids))


def marking_page(
    course: Course, submission: SubmissionResult, modules: Mapping[str, bytes], roster: Roster, neighbors: Neighbors
) -> str:
    """Write the page.

    Args:
        course: the course.
        submission: the submission's result.
        modules: its modules, by exercise.
        roster: the people behind the submissions' ids.
        neighbors: the submissions before and after it.
    """
    answers = [_answer(course, submission, exercise, modules) for exercise in course.exercises]
    return (
        _environment()
        .get_template("marking.html.j2")
        .render(
            course=course,
            submission=submission,
            who=roster.label(submission.id),
            about=sentences(course, submission),
            items=items_in_words(course, submission),
            answers=[answer for answer in answers if answer.code is not None or answer.failed or answer.questions],
            without=[answer.exercise.id for answer in answers if answer.code is None],
            neighbors=neighbors,
            addresses={name: marking_address(name) for name in (neighbors.previous, neighbors.next) if name},
        )
    )


def marking_address(submission: str) -> str:
    """Return a page's address in its folder."""
    return quote(file_name(submission, ".html"), safe="")


def _answer(course: Course, submission: SubmissionResult, exercise: Exercise, modules: Mapping[str, bytes]) -> Answer:
    result = submission.exercises[exercise.id]
    source = modules.get(exercise.id)
    code = code_of(source) if source is not None and result.status != "not_started" else None
    lines = len(code.lines) if code is not None else 0
    said_before = SaidBefore()
    failed = [
        _failed(check, exercise.id, lines, said_before)
        for check in result.checks
        if check.status not in ("passed", "not_started", "skipped")
    ]
    hits = {
        place.line
        for check in result.checks
        for row in check.rows
        for place in row.places
        if place.module == exercise.id and not place.cell
    }
    about = [asked for asked in questions_of(course, submission) if asked.question.exercise == exercise.id]
    return Answer(exercise, result, code, tuple(exercise_notes(result)), tuple(failed), tuple(about), frozenset(hits))


def _failed(check: CheckResult, exercise: str, lines: int, said_before: SaidBefore) -> Failed:
    shown = said_before.shortened(visible_to_student(check, check, "case"))
    places: dict[Place, None] = {}
    for row in check.rows:
        for place in row.places:
            where = f"{place.cell}, " if place.cell else "" if place.module == exercise else f"{place.module}.py, "
            is_here = place.module == exercise and not place.cell and 1 <= place.line <= lines
            anchor = f"{exercise}-{place.line}" if is_here else ""
            places[Place(anchor, f"{where}line {place.line}")] = None
    return Failed(check, WORDS[check.status], tuple(message(shown)), tuple(places))


@cache
def _environment() -> Environment:
    jinja = environment("grader.reports")
    filters: Mapping[str, object] = {"points": in_points, "count_text": count_text}
    jinja.filters.update(filters)
    jinja.globals.update(words=WORDS)
    return jinja
