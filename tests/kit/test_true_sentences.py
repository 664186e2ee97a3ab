"""What a student reads about a failure is true: hints, stand-ins, remarks, differences, and one cause said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.grading import Submission
from grader.grading.results import CheckResult, SubmissionResult
from grader.grading.run import grade
from grader.reports.feedback import feedback
from grader.reports.score_in_words import exercise_notes

TinyCourse = Callable[..., Path]
HINT = "Adding one is not doubling."


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the course of two small exercises."""
    return load_course(tiny_course())


def graded(course: Course, **modules: str) -> SubmissionResult:
    """Grade one submission."""
    (result,) = grade(course, [Submission("ann", {name: text.encode() for name, text in modules.items()}, ())])
    return result


def kinds(check: CheckResult) -> list[str]:
    """List the kinds of a check's rows."""
    return [row.kind for row in check.rows]


@pytest.mark.parametrize(
    ("double", "kind"),
    [
        ("def double(x):\n    return x.double\n", "raised"),
        ("def double(x, y):\n    return 2 * x\n", "raised"),
        ("def doubled(x):\n    return 2 * x\n", "missing"),
        ("def double(x):\n    2 * x\n", "got"),
        ("def double(x):\n    while True:\n        pass\n", "stopped"),
        ("import os\n\ndef double(x):\n    os._exit(1)\n", "died"),
    ],
)
def test_a_hint_is_only_about_wrong_values(tiny: Course, double: str, kind: str) -> None:
    """A check's hint isn't next to an exception, a missing name, a missing `return`, a timeout or a crash."""
    check, _ = graded(tiny, double=double).exercises["double"].checks
    assert kind in kinds(check)
    assert "hint" not in kinds(check)


def test_a_hint_is_given_with_a_wrong_value(tiny: Course) -> None:
    """A check's hint is next to a wrong value, so the test above can fail."""
    check, _ = graded(tiny, double="def double(x):\n    return x + 1\n").exercises["double"].checks
    assert [row.lines for row in check.rows if row.kind == "hint"] == [(HINT,)]


NEEDS_BOTH = {
    "course_dot_yaml": """\
        id: tiny
        title: A tiny course
        limits: {call: 2, after_timeout: 0.5}
        exercises:
          - {id: double, title: Double}
          - {id: half, title: Half}
          - {id: twice, title: Twice, needs: [double, half]}
        """,
    "solutions__half_dot_py": "def half(x):\n    return x / 2\n",
    "solutions__standins__half_dot_py": "def half(x):\n    return x / 2\n",
    "tests__visible__test_half_dot_py": '''\
        """Visible checks."""

        from grader.checks import expect_equal


        def test_half_of_four(learner):
            """Half of 4 is 2."""
            expect_equal(learner.call("half", 4.0), 2.0)


        def test_half_of_zero(learner):
            """Half of 0 is 0."""
            expect_equal(learner.call("half", 0.0), 0.0)
        ''',
}
DOUBLE, HALF = "def double(x):\n    return 2 * x\n", "def half(x):\n    return x / 2\n"
TWICE = (
    "from .double import double\nfrom .half import half\n\ndef twice(x):\n    return half(double(double(double(x))))\n"
)


@pytest.fixture
def both(tiny_course: TinyCourse) -> Course:
    """Return the course with an exercise that needs two others."""
    return load_course(tiny_course(**NEEDS_BOTH))


def note(course: Course, **modules: str) -> str:
    """Return the remarks about `twice`."""
    return " ".join(exercise_notes(graded(course, **modules).exercises["twice"]))


def test_only_the_module_that_does_harm_is_blamed(both: Course) -> None:
    """A module that lost a check of its own but does no harm isn't named."""
    harmless = "def half(x):\n    return x / 2 if x else 1.0\n"
    harmful = DOUBLE.replace("2", "3")
    named = "Correct on its own (tested with stand-ins), but fails with your {}."
    assert note(both, double=harmful, half=harmless, twice=TWICE) == named.format("double")
    assert note(both, double=harmful, half="def half(x):\n    return x\n", twice=TWICE) == named.format(
        "double and half"
    )
    assert note(both, double=harmful, twice=TWICE) == named.format("double")[:-1] + "; half is not written yet."


def test_correct_on_its_own_is_said_only_if_all_passed(both: Course) -> None:
    """If some checks fail with stand-ins too, the exercise isn't called correct."""
    half_right = TWICE.replace("return", "if x == 1:\n        return 'one'\n    return")
    assert note(both, twice=half_right) == (
        "Tested with the grader's stand-ins, because double and half are not written yet."
    )
    assert note(both, double=DOUBLE.replace("2", "3"), half=HALF, twice=half_right) == (
        "Some checks fail with your double, and pass with the grader's stand-in."
    )


def test_a_stand_in_that_raises_is_called_the_graders(both: Course) -> None:
    """If a stand-in raises, the message shows the learner's line, says whose code raised, and shows none of it."""
    result = graded(both, twice=TWICE.replace("double(x)", "double(double)"))
    text = feedback(both, result)
    assert "raised by the grader's stand-in for double, not by your double: look at how you call it" in text
    assert "twice.py, line 5, in twice" in text
    assert "double.py, line" not in text
    assert "x + x" not in text
    unlike = graded(both, double="def double(x, by=2):\n    return by * x\n", twice=TWICE.replace("x)", "x, by=2)"))
    assert "tested with the grader's stand-ins for double and half, not with yours" in feedback(both, unlike)


def test_no_points_are_lost_is_said_only_with_full_marks(tiny_course: TinyCourse) -> None:
    """Above a failed check, the remark about a built-in operation doesn't talk of points."""
    path = tiny_course()
    builtins = "title: Double\n    builtins: {names: [torch.mul]}"
    path.write_text(path.read_text().replace("title: Double", builtins), encoding="utf-8")
    course = load_course(path)
    module = "import torch\n\ndef double(x):\n    return float(torch.mul(torch.tensor(x), {}))\n"
    right, wrong = (exercise_notes(graded(course, double=module.format(n)).exercises["double"]) for n in (2, 3))
    said = "Uses torch.mul, which this exercise asks you to write yourself."
    assert right == [f"{said} This course only mentions it; no points are lost."]
    assert wrong == [said]
