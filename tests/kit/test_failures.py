"""A failure is data until somebody renders it, and what a student may see of a hidden check is decided by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.checks.outcome import PASSED, Outcome
from grader.checks.show import show_calls
from grader.checks.summary import failure_text, summary
from grader.course import Course, FeedbackLevel, HiddenFeedback, load_course
from grader.failures.as_text import message
from grader.failures.rows import Mistake, Position, Row
from grader.failures.visible_to_student import SHOWN_FROM, visible_to_student
from grader.grading.results import SubmissionResult, results
from grader.grading.verdict import verdict
from grader.reports import Roster, exports
from grader.reports.feedback import feedback
from grader.reports.html import student_page
from grader.wire.requests import Build, Call

TinyCourse = Callable[..., Path]
SECRET = "the answer is 42"
FAILED = Outcome(
    "failed",
    (Row("called", ("double(7.0)",)), Row("got", ("1.0",)), Row("answer", (SECRET,)), Row("see", exercise="double")),
    category="wrong values",
)
LEVELS = get_args(FeedbackLevel)


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the course of two small exercises."""
    return load_course(tiny_course())


def graded(course: Course, visible: Outcome, hidden: Outcome) -> SubmissionResult:
    """Return the result of a submission in which a visible and a hidden check of `double` had these outcomes."""
    outcomes = {(exercise.id, check.id): PASSED for exercise in course.exercises for check in exercise.checks}
    for check in course.by_id["double"].checks:
        outcomes["double", check.id] = visible if check.visibility == "visible" else hidden
    return verdict(course, "ann", outcomes, (), True)


def everything_shown(course: Course, result: SubmissionResult, hidden: Outcome) -> dict[str, str]:
    """Render a submission in every form that a student may read."""
    write_outputs = pytest.importorskip("grader.notebooks.preprocess").write_outputs
    grade_id = pytest.importorskip("grader.notebooks.make").grade_id
    double = course.by_id["double"]
    cells = [new_code_cell("", metadata={"nbgrader": {"grade_id": grade_id(check)}}) for check in double.checks]
    notebook = new_notebook(cells=cells)
    write_outputs(notebook, course, double, result)
    (check,) = [check for check in double.checks if check.visibility == "hidden"]
    ran = summary(course, [(check, hidden, "")], everything=True)
    return {
        "terminal": "\n".join([failure_text(check, hidden), *(line.text for line in ran)]),
        "Markdown": feedback(course, result),
        "HTML": student_page(course, result, Roster()),
        "notebook": nbformat.writes(notebook),
        "Gradescope": exports.gradescope(course, result).decode(),
        "JUnit": exports.junit(course, results(course, [result])),
        "Moodle": exports.moodle(course, results(course, [result]), Roster()),
    }


@pytest.mark.parametrize("level", LEVELS)
def test_a_new_kind_of_row_is_withheld_everywhere(tiny: Course, level: FeedbackLevel) -> None:
    """A row of an unlisted kind is in no text about a hidden check, whatever the course reveals."""
    course = replace(tiny, hidden_feedback=HiddenFeedback(level, level))
    for name, text in everything_shown(course, graded(course, PASSED, FAILED), FAILED).items():
        assert SECRET not in text, name


def test_a_new_kind_of_row_is_shown_in_a_visible_check(tiny: Course) -> None:
    """In a visible check it appears under its own name, so the test above can fail."""
    texts = everything_shown(tiny, graded(tiny, FAILED, PASSED), PASSED)
    del texts["terminal"], texts["Moodle"]
    for name, text in texts.items():
        assert f"answer  {SECRET}" in text, name
    (check, *_) = tiny.by_id["double"].checks
    assert f"  answer  {SECRET}" in failure_text(check, FAILED).splitlines()


@pytest.mark.parametrize("level", LEVELS)
def test_each_kind_is_shown_from_its_level_on(tiny: Course, level: FeedbackLevel) -> None:
    """A hidden check shows exactly the kinds that the level allows; a visible one shows all."""
    outcome = Outcome("failed", tuple(Row(kind) for kind in SHOWN_FROM))
    for check in tiny.by_id["double"].checks:
        seen = {row.kind for row in visible_to_student(check, outcome, level).rows}
        reached = {kind for kind, wanted in SHOWN_FROM.items() if LEVELS.index(wanted) <= LEVELS.index(level)}
        assert seen == (reached if check.visibility == "hidden" else set(SHOWN_FROM))
    assert {kind for kind, wanted in SHOWN_FROM.items() if wanted == "case"} >= {
        "called",
        "expected",
        "differs",
        "weights",
    }


def test_the_most_important_calls_are_shown(tiny: Course) -> None:
    """If a case has too many lines, the message counts those left out, and has at most twelve lines."""
    lines = tuple(f"line({number})" for number in range(20))
    pictures = Row("weights", tuple("......"))
    first, second = (Mistake(name, f"You {name}.", "Why.", f"Look at {name}.") for name in ("one", "two"))
    rows = (Row("called", lines, order=(19, 0, *range(1, 19)), more=3), pictures, Row("see", exercise="double"))
    check, *_ = tiny.by_id["double"].checks
    text = message(visible_to_student(check, Outcome("failed", rows, mistakes=(first, second)), "case"))
    assert text[1:3] == ["  called    … 23 more lines …", "  weights   ."]
    assert len(text) <= 12
    short = message(visible_to_student(check, Outcome("failed", rows[:1]), "case"))
    assert short[1:] == ["  called  line(0)", "          line(1)", "          … 20 more lines …", "          line(19)"]
    again = visible_to_student(check, Outcome("failed", (*rows[:1], Row("rerun", (check.id,)))), "case")
    assert message(again)[3] == "          … 20 more lines (rerun shows them) …"
    assert len(message(again, whole=True)) == 1 + 20 + 1 + 1


def test_the_object_that_is_called_is_the_most_important_after_the_call() -> None:
    """If two objects are built, a shortened message keeps the line that builds the one whose call failed."""
    calls = [
        Build("layer_norm", "LayerNorm", (), {"emb_dim": 2}, 1),
        Call(1, "layer_norm", "__call__", (1.0,), {}, 0),
        Build("layer_norm", "LayerNorm", (), {"emb_dim": 3}, 2),
        Call(2, "layer_norm", "__call__", (1.0,), {}, 0),
    ]
    lines, order, more = show_calls(calls, 60)
    assert [lines[number] for number in order[:3]] == [
        "layer_norm_2(1.0)",
        "layer_norm_2 = LayerNorm(emb_dim=3)",
        "layer_norm = LayerNorm(emb_dim=2)",
    ]
    assert more == 0


def test_a_place_in_a_notebook_names_its_cell(tiny: Course) -> None:
    """A position names the cell if there is one, else the file."""
    check, *_ = tiny.by_id["double"].checks
    places = (Position("double", 2, "double", "boom"), Position("double", 1, "<module>", "", cell="cell 4"))
    text = message(visible_to_student(check, Outcome("failed", (Row("at", places=places),)), "case"))
    assert text[1:] == ["  at  double.py, line 2, in double: boom", "      cell 4, line 1"]
