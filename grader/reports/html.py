"""Pages in HTML, each a file that needs nothing beside it: what a student reads, and what a class's results say.

All text that comes from submissions is escaped by the templates, and the pages forbid scripts to be run in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from jinja2 import Environment

from grader.course import Course
from grader.grading.results import ExerciseResult, Results, SubmissionResult
from grader.html import environment
from grader.reports import statistics
from grader.reports.feedback import REPORTS_FOLDER, WORDS, count_text, file_name, told_exercise
from grader.reports.likeness import Likeness
from grader.reports.roster import Person, Roster
from grader.reports.score_in_words import in_points, sentences

MOST_MISTAKES, MOST_PAIRS = 15, 30
STEPS = 5
"""Shades of the heat map; the darkest is for full marks alone."""
BAR_WIDTH, BAR_HEIGHT = 48, 150
"""In the units of the picture."""


def student_page(course: Course, submission: SubmissionResult, roster: Roster) -> str:
    """Write what `report.feedback` tells as a page."""
    exercises = [
        (
            exercise,
            result,
            told_exercise(exercise, result, course.feedback_level(exercise.id, extensions=submission.extensions)),
        )
        for exercise in course.exercises
        for result in [submission.exercises[exercise.id]]
    ]
    page = _environment().get_template("student.html.j2")
    who = _named(roster.person(submission.id))
    about = sentences(course, submission)
    return page.render(course=course, submission=submission, who=who, exercises=exercises, about=about)


def class_page(course: Course, results: Results, roster: Roster, likeness: Likeness) -> str:
    """Write the page for those who teach.

    Args:
        course: the course.
        results: what came of grading.
        roster: who is who.
        likeness: which submissions are alike.
    """
    items = statistics.items(course, results)
    mistakes = statistics.common_mistakes(course, results)
    return (
        _environment()
        .get_template("class.html.j2")
        .render(
            course=course,
            submissions=results.submissions,
            names={one.id: _named(roster.person(one.id)) for one in results.submissions},
            pages={one.id: _address(one.id) for one in results.submissions},
            titles={exercise.id: exercise.title for exercise in course.exercises},
            faulty=[one.id for one in results.submissions if one.fault],
            unwalled=any(not one.sandboxed for one in results.submissions),
            counted=len(statistics.graded(results)),
            median=statistics.median(results),
            max_score=max((one.max_score for one in results.submissions), default=0.0),
            bars=_bars(statistics.histogram(results)),
            mistakes=mistakes[:MOST_MISTAKES],
            more_mistakes=len(mistakes[MOST_MISTAKES:]),
            items=items,
            hardest=statistics.hardest(items),
            weak=statistics.weak(items),
            correlated=sum(item.discrimination is not None for item in items),
            all_passed=sum(item.passed == item.tried for item in items),
            none_passed=[item for item in items if not item.passed],
            enough=statistics.ENOUGH,
            pairs=likeness.pairs[:MOST_PAIRS],
            more_pairs=len(likeness.pairs[MOST_PAIRS:]),
            likeness_remark=likeness.remark,
        )
    )


@dataclass(frozen=True)
class Bar:
    """One bar of the picture of scores: how many submissions have which part of the points, and where it stands."""

    label: str
    count: int
    x: int
    height: int


def _bars(counts: list[int]) -> list[Bar]:
    most = max(counts) or 1
    width = 100 // len(counts)
    return [
        Bar(
            f"{place * width}-{100 if place == len(counts) - 1 else place * width + width - 1}",
            count,
            place * BAR_WIDTH,
            round(BAR_HEIGHT * count / most),
        )
        for place, count in enumerate(counts)
    ]


def _named(person: Person) -> str:
    return f"{person.name} ({person.submission})" if person.name else person.submission


def _address(submission: str) -> str:
    return f"{REPORTS_FOLDER}/{quote(file_name(submission, '.html'), safe='')}"


def _shade(result: ExerciseResult) -> str:
    """Return the class of a cell of the heat map."""
    if result.status == "not_started":
        return "none"
    return f"shade{int(STEPS * statistics.share(result.score, result.max_score))}"


@cache
def _environment() -> Environment:
    made = environment(__name__.rpartition(".")[0])
    filters: Mapping[str, object] = {"points": in_points, "count_text": count_text, "shade": _shade}
    made.filters.update(filters)
    made.globals.update(words=WORDS, bar_width=BAR_WIDTH, bar_height=BAR_HEIGHT)
    return made
