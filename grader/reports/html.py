"""HTML pages for each student and about the class, each a single file that needs no other.

The templates escape all text that comes from submissions, and the pages don't allow scripts.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from jinja2 import Environment

from grader.course import Course
from grader.grading.notices import HEADLINES, grouped
from grader.grading.results import ExerciseResult, Results, SubmissionResult
from grader.html import environment
from grader.reports import statistics
from grader.reports.feedback import (
    REPORTS_FOLDER,
    WORDS,
    count_text,
    exercise_feedback,
    file_name,
    how_to_start,
    not_started,
)
from grader.reports.likeness import Alike, Group, Likeness
from grader.reports.questions import NOT_ANSWERED, AskedAbout, questions_of
from grader.reports.roster import Roster
from grader.reports.score_in_words import FAULT, NOT_SANDBOXED, in_points, items_in_words, sentences
from grader.reports.unnamed import MOST_GROUPS as MOST_UNNAMED
from grader.reports.unnamed import unnamed_by_exercise

MOST_MISTAKES, MOST_GROUPS, MOST_QUESTIONS = 15, 30, 40
MOST_SIDE_BY_SIDE, MOST_NAMED = 60, 8
"""Pairs whose programs are printed next to each other; each is about a hundred lines."""
STEPS = 5
"""Shades of the heat map; the darkest is only for full credit."""
BAR_WIDTH, BAR_HEIGHT = 48, 150
"""The size of the tallest bar, in the units of the chart."""


def student_page(course: Course, submission: SubmissionResult, roster: Roster, graded_with: str = "") -> str:
    """Write a student's feedback as a page; `graded_with` names the versions that graded."""
    exercises = [
        (
            exercise,
            result,
            exercise_feedback(exercise, result, course.feedback_level(exercise.id, extensions=submission.extensions)),
        )
        for exercise in course.exercises
        for result in [submission.exercises[exercise.id]]
    ]
    waiting = not_started(course, submission)
    return (
        _environment()
        .get_template("student.html.j2")
        .render(
            course=course,
            submission=submission,
            who=roster.label(submission.id),
            exercises=exercises,
            waiting=waiting,
            how_to_start=how_to_start(waiting) if waiting else "",
            about=sentences(course, submission),
            items=items_in_words(course, submission),
            questions=questions_of(course, submission),
            not_answered=NOT_ANSWERED,
            graded_with=graded_with,
        )
    )


def class_page(
    course: Course, results: Results, roster: Roster, likeness: Likeness, pages: str = REPORTS_FOLDER
) -> str:
    """Write the instructor's page about the class.

    Args:
        course: the course.
        results: the results of grading.
        roster: the people behind the submissions' ids.
        likeness: the submissions that are nearly the same.
        pages: the folder of the pages that submissions are linked to.
    """
    items = statistics.items(course, results)
    mistakes = statistics.common_mistakes(course, results)
    return (
        _environment()
        .get_template("class.html.j2")
        .render(
            course=course,
            submissions=results.submissions,
            names={submission.id: roster.label(submission.id) for submission in results.submissions},
            people={submission.id: roster.names(submission.id) for submission in results.submissions},
            adjusted=any(submission.final_score != submission.score for submission in results.submissions),
            notices=grouped(results.notices),
            questions=_questions(course, results),
            most_questions=MOST_QUESTIONS,
            headlines=HEADLINES,
            pages={submission.id: _address(pages, submission.id) for submission in results.submissions},
            titles={exercise.id: exercise.title for exercise in course.exercises},
            faulty=[submission.id for submission in results.submissions if submission.fault],
            unsandboxed=any(not submission.sandboxed for submission in results.submissions),
            counted=len(statistics.graded(results)),
            median=statistics.median(results),
            max_score=max((submission.max_score for submission in results.submissions), default=0.0),
            bars=_bars(statistics.histogram(results)),
            mistakes=mistakes[:MOST_MISTAKES],
            more_mistakes=len(mistakes[MOST_MISTAKES:]),
            unnamed=unnamed_by_exercise(course, results),
            most_unnamed=MOST_UNNAMED,
            items=items,
            hardest=statistics.hardest(items),
            weak=statistics.weak(items),
            correlated=sum(item.discrimination is not None for item in items),
            all_passed=sum(item.passed == item.tried for item in items),
            none_passed=[item for item in items if not item.passed],
            enough=statistics.ENOUGH,
            groups=likeness.groups[:MOST_GROUPS],
            more_groups=len(likeness.groups[MOST_GROUPS:]),
            side_by_side=_first_pairs(likeness.groups[:MOST_GROUPS]),
            likeness=likeness,
            most_named=MOST_NAMED,
            graded_with=results.course.graded_with,
        )
    )


def _questions(course: Course, results: Results) -> list[tuple[str, AskedAbout]]:
    """List the questions without an answer, each with its submission; those about the same check together."""
    asked = [
        (submission.id, each)
        for submission in results.submissions
        for each in questions_of(course, submission)
        if not each.question.answer
    ]
    return sorted(asked, key=lambda pair: pair[1].question.about)


def _first_pairs(groups: Sequence[Group]) -> set[Alike]:
    """Choose the pairs that are shown side by side: the first of every group, then those that follow in each."""
    shown = [group.shown() for group in groups]
    by_rank = [pair for of_rank in itertools.zip_longest(*shown) for pair in of_rank if pair is not None]
    return set(by_rank[:MOST_SIDE_BY_SIDE])


@dataclass(frozen=True)
class Bar:
    """One bar of the chart of scores: the range of points, the number of submissions in it, and its position."""

    label: str
    count: int
    x: int
    height: int


def _bars(counts: list[int]) -> list[Bar]:
    most = max(counts) or 1
    width = 100 // len(counts)
    return [
        Bar(
            f"{number * width}-{100 if number == len(counts) - 1 else number * width + width - 1}",
            count,
            number * BAR_WIDTH,
            round(BAR_HEIGHT * count / most),
        )
        for number, count in enumerate(counts)
    ]


def _address(folder: str, submission: str) -> str:
    return f"{folder}/{quote(file_name(submission, '.html'), safe='')}"


def _shade(result: ExerciseResult) -> str:
    """Return the CSS class of a cell of the heat map."""
    if result.status == "not_started":
        return "none"
    return f"shade{int(STEPS * statistics.share(result.score, result.max_score))}"


@cache
def _environment() -> Environment:
    jinja = environment(__name__.rpartition(".")[0])
    filters: Mapping[str, object] = {"points": in_points, "count_text": count_text, "shade": _shade}
    jinja.filters.update(filters)
    jinja.globals.update(
        words=WORDS, fault=FAULT, not_sandboxed=NOT_SANDBOXED, bar_width=BAR_WIDTH, bar_height=BAR_HEIGHT
    )
    return jinja
