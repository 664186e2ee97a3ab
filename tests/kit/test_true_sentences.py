"""What a student reads about a failure is true: hints, stand-ins, remarks, differences, and one cause said once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from rich.console import Console

from grader.checks import CheckFailure, expect_equal, expect_parameters
from grader.checks.compare import hinted_only_if_equal
from grader.checks.outcome import Outcome
from grader.checks.summary import summary
from grader.cli.grading_progress import GradingProgress
from grader.course import Course, load_course
from grader.failures.rows import Mistake, Position, Row
from grader.grading import Submission
from grader.grading.results import CheckResult, SubmissionResult
from grader.grading.run import grade
from grader.grading.verdict import verdict
from grader.port.port import ParameterInfo
from grader.reports import Roster
from grader.reports.feedback import feedback
from grader.reports.html import student_page
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
    assert "tested with the grader's stand-in for double, not with yours" in feedback(both, unlike)


def test_no_points_are_lost_is_said_only_with_full_marks(tiny_course: TinyCourse) -> None:
    """Above a failed check, the remark about a built-in operation doesn't talk of points."""
    path = tiny_course()
    builtins = "title: Double\n    builtins: {names: [torch.mul]}"
    path.write_text(path.read_text().replace("title: Double", builtins), encoding="utf-8")
    course = load_course(path)
    module = "import torch\n\ndef double(x):\n    return float(torch.mul(torch.tensor(x), {}))\n"
    right, wrong = (exercise_notes(graded(course, double=module.format(n)).exercises["double"]) for n in (2, 3))
    sentence = "Uses torch.mul, which this exercise asks you to write yourself."
    assert right == [f"{sentence} This course only mentions it; no points are lost."]
    assert wrong == [sentence]


@pytest.fixture
def many(tiny_course: TinyCourse) -> Course:
    """Return the course with four visible checks of `double`."""
    checks = "".join(
        f'''

def test_double_of_{number}(learner):
    """Twice {number} is {2 * number}."""
    expect_equal(learner.call("double", {number}.0), {2 * number}.0)
'''
        for number in (1, 2, 4)
    )
    path = tiny_course()
    file = path.parent / "tests" / "visible" / "test_double.py"
    file.write_text(file.read_text(encoding="utf-8") + checks, encoding="utf-8")
    return load_course(path)


RAISES = "def double(x):\n    return x + [x]\n"


def terminal(course: Course, result: SubmissionResult) -> str:
    """Write the summary of the checks of `double`, as in a terminal."""
    exercise = course.by_id["double"]
    outcomes = [
        Outcome(check.status, check.rows, mistakes=check.mistakes, category=check.category)
        for check in result.exercises["double"].checks
    ]
    triples = [(check, outcome, "") for check, outcome in zip(exercise.checks, outcomes, strict=True)]
    return "\n".join(line.text for line in summary(course, triples))


def notebook(course: Course, result: SubmissionResult) -> str:
    """Write the outputs of the cells of `double`."""
    write_outputs = pytest.importorskip("grader.notebooks.preprocess").write_outputs
    grade_id = pytest.importorskip("grader.notebooks.make").grade_id
    double = course.by_id["double"]
    cells = [new_code_cell("", metadata={"nbgrader": {"grade_id": grade_id(check)}}) for check in double.checks]
    made = new_notebook(cells=cells)
    write_outputs(made, course, double, result)
    return "\n".join(line for cell in made.cells for output in cell.outputs for line in output.traceback)


def test_one_exception_is_said_once(many: Course) -> None:
    """If the same line raises in several checks, only the first one shows the exception; results.json has it in each."""
    result = graded(many, double=RAISES)
    assert all("raised" in kinds(check) for check in result.exercises["double"].checks)
    for text in (terminal(many, result), feedback(many, result), student_page(many, result, Roster())):
        assert text.count("TypeError: unsupported operand") == 1
        assert text.count("checks stop at the same line") == 1
    cells = notebook(many, result)
    assert cells.count("TypeError: unsupported operand") == 1
    assert cells.count("TypeError (this notebook, line 2), see above") == 3
    assert cells.count("double(3.0)") == 1


def test_checks_with_one_cause_say_how_to_repeat_it(many: Course) -> None:
    """What is said once about several checks has a call and a command; the last line says how to see all of them."""
    result = graded(many, double=RAISES)
    failed = [check for check in result.exercises["double"].checks if check.status == "failed"]
    for text in (terminal(many, result), feedback(many, result), student_page(many, result, Roster())):
        assert re.search(r"called +double\(3\.0\)", text)
        assert re.search(rf"rerun +pytest -k {failed[0].id}\n", text.replace("</pre>", "\n"))
    assert terminal(many, result).endswith(f"To see all {len(failed)} failures in full: pytest --all -k double")


def test_a_mistake_behind_one_cause_is_not_explained_again(many: Course) -> None:
    """A mistake that is explained with the checks that stop at one line is only referred to afterwards."""
    mistake = Mistake("adds_one", "You err.", "Why.", "Where.")
    at = Row("at", places=(Position("double", 2, "double", "return x + [x]"),))
    stopped = Outcome("failed", (Row("raised", ("TypeError",), about=("TypeError",)), at), mistakes=(mistake,))
    wrong = Outcome("failed", (Row("got", ("4.0",)),), mistakes=(mistake,))
    *first, last = many.by_id["double"].checks
    outcomes = {("double", check.id): stopped for check in first} | {("double", last.id): wrong}
    outcomes |= {("twice", check.id): Outcome("not_started") for check in many.by_id["twice"].checks}
    text = feedback(many, verdict(many, "ann", outcomes, (), True))
    assert "checks stop at the same line" in text
    assert text.count("You err.") == 1


def test_shapes_that_do_not_go_together_are_to_be_printed(tiny: Course) -> None:
    """An exception about shapes has a hint for whoever sees its line, and other exceptions have none."""
    shapes = "import torch\n\ndef double(x):\n    return float((torch.ones(2) + torch.ones(3)).sum())\n"
    assert "hint    Just before this line, print the shape" in terminal(tiny, graded(tiny, double=shapes))
    assert "hint" not in terminal(tiny, graded(tiny, double=RAISES))


def test_a_hint_is_left_out_if_something_earlier_is_wrong() -> None:
    """A hint about gradients says nothing if the output differs already; the failure is the same otherwise."""
    for output, hinted in ((torch.ones(2), True), (torch.zeros(2), False)):
        with (
            pytest.raises(CheckFailure) as raised,
            hinted_only_if_equal(output, torch.ones(2)),
        ):
            expect_equal(2.0, 3.0, "the gradient")
        assert raised.value.cause.hinted == hinted
        assert raised.value.cause.where == "the gradient"


def test_what_is_not_started_is_listed_once(tiny: Course) -> None:
    """Exercises without an answer share one paragraph at the end of a report."""
    result = graded(tiny, double="def double(x):\n    return 2 * x\n")
    line = "`twice`. To start `twice`, read `exercises/twice.md` and open `exercises/twice.py`."
    assert feedback(tiny, result).endswith(f"## Not started\n\n{line}\n")
    page = student_page(tiny, result, Roster())
    assert '<a href="#not-started">' in page
    assert "(`twice`)" not in feedback(tiny, result)


def test_another_exception_is_said_too(many: Course) -> None:
    """An exception from another line, or another exception, is said as well, even in brief."""
    double = "def double(x):\n    if x > 2:\n        return x[0]\n    return x + [x]\n"
    text = feedback(many, graded(many, double=double))
    assert text.count("TypeError: unsupported operand") == 1
    assert text.count("TypeError: 'float' object is not subscriptable") == 1
    assert text.count("TypeError (double.py, line 3), see above.") == 1


def test_a_cause_without_a_line_is_said_once(many: Course) -> None:
    """An exception that no line of the learner raised is one cause, too, and is shown once."""
    text = feedback(many, graded(many, double="def double(x, y):\n    return x\n"))
    assert text.count("missing 1 required positional argument") == 1
    assert "5 checks end in the same error, before they reach what they test." in text


def test_another_exception_than_the_expected_one_is_a_cause_too(many: Course) -> None:
    """Where a check expects an exception and another one is raised, the message is about that one, without the hint."""
    file = many.check_folder("visible") / "test_double.py"
    check = """

def test_double_refuses_text(learner):
    \"\"\"A text raises ValueError.

    Do you check the type?
    \"\"\"
    with expect_raises(learner, "ValueError", because="a text is no number"):
        learner.call("double", "a")
"""
    text = file.read_text(encoding="utf-8").replace("import expect_equal", "import expect_equal, expect_raises")
    file.write_text(text + check, encoding="utf-8")
    course = load_course(many.root / "course.yaml")
    result = graded(course, double=RAISES)
    (refused,) = [check for check in result.exercises["double"].checks if check.id == "test_double_refuses_text"]
    assert kinds(refused) == ["called", "raised", "at", "expected", "see", "rerun"]


def test_a_hint_about_parameters_is_not_about_their_names() -> None:
    """If parameters are only named differently, that is another kind of failure; long lists of names are counted."""
    handle = Named([f"part{number}.w_query.weight" for number in range(12)])
    with pytest.raises(CheckFailure) as raised:
        expect_parameters(handle, {f"part{number}.W_query.weight": (1,) for number in range(12)})  # type: ignore[arg-type]
    assert raised.value.cause.kind == "names"
    assert raised.value.cause.got == "12 parameters, 0 of them with an expected name"
    with pytest.raises(CheckFailure) as raised:
        expect_parameters(Named(["w"]), {"w": (1,), "b": (1,)})  # type: ignore[arg-type]
    assert raised.value.cause.kind == "parameters"


class Named:
    """A handle to a module whose parameters have these names."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def parameters(self) -> dict[str, ParameterInfo]:
        """Return parameters of one number each."""
        return {name: ParameterInfo(True, torch.ones(1)) for name in self._names}


def test_one_mistake_is_said_once(tiny: Course) -> None:
    """A mistake that several checks have found is explained with the first of them."""
    rows = (Row("called", ("double(3.0)",)), Row("got", ("4.0",)), Row("see", exercise="double"))
    made = Outcome("failed", rows, mistakes=(Mistake("adds_one", "You err.", "Why.", "Where."),))
    outcomes = {(exercise.id, check.id): made for exercise in tiny.exercises for check in exercise.checks}
    result = verdict(tiny, "ann", outcomes, (), True)
    markdown, page = feedback(tiny, result), student_page(tiny, result, Roster())
    for text in (
        terminal(tiny, result),
        markdown.split("## Twice")[0],
        page.split('<section aria-labelledby="twice">')[0],
    ):
        assert text.count("You err.") == 1
        assert text.count("The same mistake as above.") == 1
    cells = notebook(tiny, result)
    assert cells.count("You err.") == 1
    assert cells.count("The same mistake as above.") == 1


def test_a_title_is_said_to_be_what_is_expected(tiny: Course) -> None:
    """Next to FAILED, a title is marked as what is expected; a title of a check that wasn't run isn't."""
    result = graded(tiny, double="def double(x):\n    return x + 1\n")
    shown = "Expected: Twice 3 is 6."
    assert f"  FAILED  {shown}" in terminal(tiny, result)
    assert f"- FAILED. {shown} (0 of 1 point)" in feedback(tiny, result)
    assert shown in student_page(tiny, result, Roster())
    assert shown in notebook(tiny, result)
    started = graded(tiny, double="def double(x):\n    if x == 3:\n        raise NotImplementedError\n    return x\n")
    assert "- NOT STARTED. Twice 3 is 6." in feedback(tiny, started)


def test_an_empty_submission_gets_one_line(tiny: Course) -> None:
    """While grading, what is unusual about a submission is said in the line with its score."""
    printed = io.StringIO()
    progress = GradingProgress(Console(file=printed, width=200))
    progress.begin(1)
    progress.advance(graded(tiny), known=False)
    assert printed.getvalue() == "graded ann: 0 of 6; there was nothing to grade\n"


def test_titles_and_hints_say_what_a_student_knows(course: Course) -> None:
    """No check talks of recorded values, which a student never sees, or of a root that could be any root."""
    for exercise in course.exercises:
        for check in exercise.checks:
            assert "ecorded example" not in check.title, check.title
            assert "recorded numbers" not in check.title, check.title
            assert not re.search(r"(?<!square )\broot\b", f"{check.title} {check.hint}"), check.hint
