"""A student runs plain `pytest`: tested end to end, in a separate process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.checks.outcome import Outcome
from grader.checks.pytest_internals import configured, unconfigure
from grader.checks.reports_of_pytest import RESULTS, Reports, attach, outcome_of
from grader.course import Course, default_part, load_course
from grader.course.mistakes import write_submission
from grader.failures.rows import Row
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
DOUBLE = "def double(x):\n    {}\n"
TWICE = "from .double import double\n\ndef twice(x):\n    return double(double(x))\n"


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder as a student does."""
    options = ["-p", "grader.checks.plugin", "--import-mode=importlib"]
    return run_module("pytest", *options, *arguments, cwd=folder, variables={"COLUMNS": "100"})


def run_on(course_file: Path, double: str, twice: str | None = None, *arguments: str) -> str:
    """Run the visible checks of the tiny course on two modules; return what pytest printed."""
    submission = course_file.parent / "exercises"
    submission.mkdir()
    (submission / "double.py").write_text(double, encoding="utf-8")
    if twice is not None:
        (submission / "twice.py").write_text(twice, encoding="utf-8")
    return run_pytest(course_file.parent, *(arguments or ("tests/visible",))).stdout


def test_untouched_stubs_are_not_started(course: Course) -> None:
    """In a fresh clone nothing fails: every exercise is reported as not started."""
    run = run_pytest(course.root)
    assert run.returncode == 0, run.stdout
    for exercise in default_part(course).exercises:
        assert f"{exercise.id}: not started" in run.stdout
    assert " not started in " in run.stdout
    assert "failed" not in run.stdout


def test_one_exercise_can_be_run_by_itself(course: Course) -> None:
    """`pytest -k layer_norm` runs only that exercise's visible checks."""
    run = run_pytest(course.root, "-k", "layer_norm")
    assert "layer_norm: not started" in run.stdout
    assert "causal_attention:" not in run.stdout


def test_a_failure_is_explained_in_words(tiny_course: TinyCourse) -> None:
    """A failure shows title, call, result, expected value, difference, hint, lesson and command, and no traceback."""
    printed = run_on(tiny_course(), DOUBLE.format("return x + 1"), TWICE, "tests/visible", "-k", "double")
    lines = printed[printed.index("  FAILED") :].split("\n\n")[0].splitlines()
    assert [line.split() for line in lines] == [
        ["FAILED", "Expected:", "Twice", "3", "is", "6."],
        ["called", "double(3.0)"],
        ["got", "4.0"],
        ["expected", "6.0"],
        ["differs", "the", "result"],
        ["hint", "Adding", "one", "is", "not", "doubling."],
        ["see", "exercises/double.md"],
        ["rerun", "pytest", "-k", "test_double_three"],
    ]
    assert "Traceback" not in printed
    assert "grader/" not in printed


def test_an_exception_is_shown_with_the_learners_line(tiny_course: TinyCourse) -> None:
    """An exception shows its type, its text and the learner's line, and no line of the grader."""
    printed = run_on(tiny_course(), DOUBLE.format("return x.double"), TWICE, "tests/visible", "-k", "double")
    assert "AttributeError: 'float' object has no attribute 'double'" in printed
    assert "exercises/double.py:2, in double: return x.double" in printed
    assert "grader/" not in printed


def test_only_the_first_failure_is_shown_in_full(tiny_course: TinyCourse) -> None:
    """Only the first failure is shown in full; `--all` shows all of them in full."""
    path = tiny_course()
    printed = run_on(path, DOUBLE.format("return str(x)"), TWICE)
    assert printed.count("    called") == 1
    printed = run_pytest(path.parent, "tests/visible", "--all").stdout
    assert printed.count("    called") == printed.count("  FAILED")


def test_a_module_that_needs_a_wrong_one_can_pass(tiny_course: TinyCourse) -> None:
    """A correct module that uses a wrong one passes with a stand-in, and the summary says so."""
    printed = run_on(tiny_course(), DOUBLE.format("return x + 1"), TWICE)
    assert "twice: PASSED, all 2 checks" in printed
    assert "Correct on its own (tested with stand-ins), but fails with your double." in printed


def test_a_missing_module_is_not_started(tiny_course: TinyCourse) -> None:
    """An exercise without a file is reported as not started; it never passes."""
    printed = run_on(tiny_course(), DOUBLE.format("return 2 * x"))
    assert "double: PASSED, all 1 visible checks; 1 hidden ones run at grading" in printed
    assert "twice: not started" in printed


def test_a_file_that_cannot_be_imported_is_reported_once(tiny_course: TinyCourse) -> None:
    """A syntax error is shown once with its line, not once per check."""
    printed = run_on(tiny_course(), DOUBLE.format("return 2 * x"), "def twice(:\n")
    assert printed.count("cannot be imported") == 1
    assert "SyntaxError" in printed
    assert "exercises/twice.py:1: def twice(:" in printed


def test_an_absolute_import_of_another_module_works(tiny_course: TinyCourse) -> None:
    """`from double import …` means the learner's own module, as `from .double import …` does."""
    printed = run_on(tiny_course(), DOUBLE.format("return 2 * x"), TWICE.replace("from .", "from "))
    assert "twice: PASSED" in printed


def test_what_a_module_does_not_get_is_mentioned(tiny_course: TinyCourse) -> None:
    """A missing package and a line that fails at the top level cost nothing, and a note says what was left out."""
    lines = "import polars as pl\nopen('story.txt')\n"
    printed = run_on(tiny_course(), lines + DOUBLE.format("return 2 * x"), TWICE)
    assert "double: PASSED" in printed
    assert printed.count("NOTE    The package `polars` isn't installed where the checks run") == 1
    assert "NOTE    Left out, because there is no file story.txt where the checks run: exercises/double.py:2" in printed


def test_what_the_code_printed_is_shown_with_the_failure(tiny_course: TinyCourse) -> None:
    """The lines that the code printed last are shown, because that's how people debug."""
    printed = run_on(tiny_course(), DOUBLE.format("print('x is', x)\n    return x"), TWICE)
    assert "your code printed:" in printed
    assert "| x is 3.0" in printed


def test_a_warning_is_no_failure(tiny_course: TinyCourse) -> None:
    """Warnings and text on stderr don't fail a check, even if pytest turns warnings into errors."""
    body = "import sys, warnings; warnings.warn('w'); print('e', file=sys.stderr)\n    return 2 * x"
    printed = run_on(tiny_course(), DOUBLE.format(body), TWICE, "tests/visible", "-W", "error")
    assert "double: PASSED" in printed


def test_code_that_gives_different_answers_is_a_failure(tiny_course: TinyCourse) -> None:
    """Code that answers differently each time fails its checks, and the grader doesn't take the blame."""
    body = "import os\n    return 2 * x + os.urandom(1)[0]"
    printed = run_on(tiny_course(), DOUBLE.format(body), None, "tests/visible", "tests/hidden", "--all")
    assert "not your fault" not in printed
    assert "2 failed" in printed


def test_a_broken_check_is_not_the_learners_fault(tiny_course: TinyCourse) -> None:
    """If the check itself raises an exception, the message says that it isn't the learner's fault."""
    text = 'def test_it(learner):\n    """Title."""\n    raise KeyError("oops")\n'
    path = tiny_course(tests__visible__test_double_dot_py=text)
    printed = run_on(path, DOUBLE.format("return 2 * x"))
    assert "The check itself broke, which isn't your fault: KeyError: 'oops'" in printed


def test_ctrl_c_ends_the_run(tiny_course: TinyCourse) -> None:
    """KeyboardInterrupt ends the run at once, as in any pytest run."""
    path = tiny_course()
    printed = run_on(path, DOUBLE.format("raise KeyboardInterrupt"), TWICE)
    assert "KeyboardInterrupt" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--submission", "nowhere"], "nowhere is not a folder"),
        (["--submission", "pyproject.toml"], "is not a folder"),
    ],
)
def test_a_wrong_call_says_what_to_do(course: Course, arguments: list[str], message: str) -> None:
    """A usage error is a sentence that says what is wrong."""
    run = run_pytest(course.root, *arguments)
    assert run.returncode == 4
    assert message in run.stderr


def test_every_message_fits_twelve_lines(course: Course, tmp_path: Path) -> None:
    """Even if everything is wrong at once, no failure takes more than twelve lines."""
    text = "import torch\n\n\nclass LayerNorm(torch.nn.Module):\n    def __init__(self, emb_dim):\n"
    text += "        super().__init__()\n        self.scale = torch.nn.Parameter(torch.ones(emb_dim))\n"
    text += "        self.shift = torch.nn.Parameter(torch.zeros(emb_dim))\n\n"
    text += "    def forward(self, x):\n        return x.square() * self.scale + self.shift + 1\n"
    folder = write_submission(course, tmp_path / "wrong", {"layer_norm": text})
    run = run_pytest(
        course.root, "--submission", str(folder), "-k", "layer_norm", "tests/visible", "tests/hidden", "--all"
    )
    blocks = run.stdout.split("\n  FAILED  ")[1:]
    assert len(blocks) >= 8
    for block in blocks:
        assert len(block.split("\n\n")[0].splitlines()) <= 12, block


def test_an_outcome_survives_the_way_from_another_process(tiny_course: TinyCourse) -> None:
    """With pytest-xdist, reports travel as plain data; outcomes arrive as they were, and are put in course order."""
    course = load_course(tiny_course())
    checks = [check for exercise in course.exercises for check in exercise.checks]
    outcome = Outcome("failed", (Row("got", ("4.0",)),), harmful=("double",), category="wrong values")
    config = configured(
        ["-p", "no:terminal", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(course.root)]
    )
    reports = Reports(config, course)
    config.pluginmanager.register(reports)
    try:
        for check in reversed(checks):
            report = pytest.TestReport("test", ("", 0, ""), {}, "failed", "text", "call")
            attach(report, (check.exercise, check.id), outcome)
            data = config.hook.pytest_report_to_serializable(config=config, report=report)
            data = msgspec.json.decode(msgspec.json.encode(data))
            arrived = config.hook.pytest_report_from_serializable(config=config, data=data)
            assert outcome_of(arrived) == outcome
            reports.pytest_runtest_logreport(arrived)
        assert [(check, kept) for check, kept, _ in config.stash[RESULTS]] == [(check, outcome) for check in checks]
    finally:
        unconfigure(config)


@pytest.mark.slow
def test_several_processes_give_the_same_summary(tiny_course: TinyCourse) -> None:
    """`pytest -n 2` prints the same summary as `pytest`."""
    alone = run_on(tiny_course(), DOUBLE.format("return x + 1"), TWICE)
    together = run_pytest(tiny_course().parent, "-n", "2", "tests/visible").stdout
    head = " A tiny course "
    summaries = [printed[printed.index(head) :].rpartition("\n=")[0].split("\n") for printed in (alone, together)]
    assert [line for line in summaries[0] if line] == [line for line in summaries[1] if line]
