"""What helps a learner after a failure: the part that ran, the name that was meant, a program, a debugger."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import torch
from typer.testing import CliRunner

from grader.checks.outcome import Outcome
from grader.cli import app
from grader.cli.shared import known
from grader.course import Course, load_course
from grader.course.stub import make_stub
from grader.errors import UsageError
from grader.failures.advice import advice
from grader.failures.as_text import Files, in_brief, message
from grader.failures.causes import shared
from grader.failures.rows import Mistake, Row
from grader.failures.visible_to_student import Shown
from grader.learner.suggestions import did_you_mean
from grader.notebooks.learner import write_notebooks
from grader.study.folder import work, write
from grader.study.last_failure import program
from grader.study.meant import meant
from grader.study.written import written
from tests.kit.commands import run_module
from tests.kit.test_nbgrader import execute, outputs

TinyCourse = Callable[..., Path]
OPTIONS = ("-p", "grader.checks.plugin", "-p", "grader.study.recorder", "--import-mode=importlib")
TRACKS = ("-p", "grader.study.track_plugin")
SEVERAL = '''\
"""Three functions."""


def first(x):
    """Return x."""
    ### BEGIN SOLUTION: Return it.
    return x
    ### END SOLUTION


class Second:
    """Two methods."""

    def given(self):
        """Return 1."""
        return 1

    def third(self, x):
        """Return x."""
        ### BEGIN SOLUTION: Return it.
        return x
        ### END SOLUTION
'''


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course, with stubs in exercises/ and two visible checks of `double`."""
    file = tiny_course()
    checks = file.parent / "tests" / "visible" / "test_double.py"
    more = '\n\ndef test_double_four(learner):\n    """Twice 4 is 8."""\n'
    checks.write_text(
        checks.read_text(encoding="utf-8") + more + '    expect_equal(learner.call("double", 4.0), 8.0)\n',
        encoding="utf-8",
    )
    course = load_course(file)
    for exercise in course.exercises:
        text = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        write(work(course, exercise.id), make_stub(text).encode())
    return course


def run(course: Course, *arguments: str, folder: str = ".", typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest as a learner does, in the course's folder or in one of its folders."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, *arguments],
        cwd=course.root / folder,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_part_of_a_run_is_not_reported_as_all(tiny: Course) -> None:
    """If only some checks ran, the summary says how many, and how to run all."""
    write(work(tiny, "double"), b"def double(x):\n    return 2 * x if x == 3 else 0\n")
    printed = run(tiny, "-k", "test_double_three").stdout
    assert "double: 1 of 2 visible checks ran and passed; to run all: pytest -k double" in printed
    assert "PASSED" not in printed
    printed = run(tiny, "-k", "test_double_four").stdout
    assert "double: 1 of 2 visible checks ran, and none of them passed" in printed


def test_a_name_that_no_check_has_is_corrected(tiny: Course) -> None:
    """`pytest -k duoble` selects nothing, and says what was probably meant."""
    printed = run(tiny, "-k", "duoble").stdout
    assert "No check has 'duoble' in its name (did you mean `double`?). Exercises: double, twice." in printed


def test_checks_run_from_the_folder_of_stubs_too(tiny: Course) -> None:
    """In exercises/, `pytest` runs the checks, and names files as they are seen from there."""
    write(work(tiny, "double"), b"def double(x):\n    return x.dubble\n")
    printed = run(tiny, folder="exercises").stdout
    assert "raised  AttributeError: 'float' object has no attribute 'dubble'" in printed
    assert "at      double.py:2, in double: return x.dubble" in printed
    assert "The first failure as a program: python ../desk/last_failure.py (" in printed


@pytest.mark.parametrize(
    ("folder", "typed"),
    [("exercises", "double.py"), ("exercises", "double"), (".", "exercises/double.py"), (".", "double")],
)
def test_an_exercises_own_file_means_its_checks(tiny: Course, folder: str, typed: str) -> None:
    """`pytest double.py` in exercises/ runs the checks of `double`, and so does its id."""
    write(work(tiny, "double"), b"def double(x):\n    return 2 * x\n")
    printed = run(tiny, *TRACKS, typed, folder=folder).stdout
    assert "double: PASSED, all 2 visible checks" in printed
    assert "twice" not in printed


def test_pytest_says_what_to_type_for_a_slip_or_a_number(tiny: Course) -> None:
    """A file that isn't there, a keyword without checks and a number are answered with the exercise."""
    done = run(tiny, *TRACKS, "duble.py", folder="exercises")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "There is no file duble.py (did you mean `double`?). Type: pytest -k double" in done.stderr
    assert "\nType: pytest -k double\n" in run(tiny, *TRACKS, "-k", "duble").stdout
    printed = run(tiny, *TRACKS, "-k", "2").stdout
    assert "Number 2 in `grader progress` is `twice`. Type: pytest -k twice" in printed
    assert "not found" in run(tiny, *TRACKS, "qqq").stderr


def test_a_commands_exercise_may_be_named_by_its_file(tiny: Course) -> None:
    """The name of a file stands for its exercise; a name with a slip is corrected."""
    assert known(tiny, "exercises/double.py").id == "double"
    assert known(tiny, "test_double.py").id == "double"
    assert known(tiny, "exercises/double").id == "double"
    assert known(tiny, "double.").id == "double"
    with pytest.raises(UsageError, match=r"There is no exercise `duble` \(did you mean `double`\?\)\."):
        known(tiny, "duble")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("duble", "`duble` (did you mean `double`?). Type: grader hint --repeat double"),
        ("DOU", "`DOU` (did you mean `double`?). Type: grader hint --repeat double"),
        ("2", "`2`. Number 2 in `grader progress` is `twice`. Type: grader hint --repeat twice"),
        ("3", "`3`. To see their names: grader progress"),
        ("0", "`0`. To see their names: grader progress"),
        ("zzz", "`zzz`. Choose one of: double, twice."),
    ],
)
def test_a_wrong_name_is_answered_with_what_to_type(tiny: Course, typed: str, message: str) -> None:
    """A slip, a part of a name and a number are answered with the exercise, and with the whole command."""
    with pytest.raises(UsageError) as raised:
        meant(tiny, typed, ["grader", "hint", "--repeat", typed])
    assert str(raised.value) == f"There is no exercise {message}"


def test_a_part_of_several_names_lists_them(course: Course) -> None:
    """A word that several exercises have in their names is answered with those."""
    with pytest.raises(UsageError, match=r": self_attention, causal_attention, multi_head_attention\. For example: "):
        meant(course, "attention", ["grader", "hint", "attention"])


def test_a_command_says_what_to_type_instead(tiny: Course) -> None:
    """The command line is repeated with the right name, also from exercises/."""
    done = run_module("grader", "checkpoint", "diff", "duble", cwd=tiny.stubs)
    assert done.returncode == 2
    assert "Type: grader checkpoint diff double" in done.stderr


def test_a_notebooks_folder_comes_before_its_exercise(tiny: Course) -> None:
    """`grader notebooks double` doesn't make a folder with the name of an exercise."""
    done = run_module("grader", "notebooks", "double", cwd=tiny.root)
    assert done.returncode == 2
    assert "`double` is an exercise." in done.stderr
    assert "grader notebooks my-notebooks double" in done.stderr
    assert not (tiny.root / "double").exists()


def test_the_first_failure_is_saved_as_a_program(tiny: Course) -> None:
    """desk/last_failure.py runs the case without pytest, and says so once nothing fails."""
    write(work(tiny, "double"), b"def double(x):\n    return x + 1\n")
    printed = run(tiny).stdout
    assert "The first failure as a program: python desk/last_failure.py (with --pdb: in Python's debugger)" in printed
    file = tiny.root / "desk" / "last_failure.py"
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "4.0\n", done.stderr
    stepped = subprocess.run(
        [sys.executable, file, "--pdb"], input="s\np x\nq\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert "double.py(1)double()" in stepped.stdout
    assert "(Pdb) 3.0" in stepped.stdout
    assert stepped.returncode == 0, stepped.stderr
    write(work(tiny, "double"), b"def double(x):\n    return 2 * x\n")
    run(tiny)
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "In the last run, nothing failed that can be repeated as a program.\n", done.stderr


def test_what_cannot_be_saved_as_a_program_is_said(tiny: Course) -> None:
    """A file called desk is reported, and checkpoints are kept all the same; a case that isn't Python is not."""
    (tiny.root / "desk").write_text("mine", encoding="utf-8")
    write(work(tiny, "double"), b"def double(x):\n    return 2 * x\n")
    write(work(tiny, "twice"), b"def twice(x):\n    return x\n")
    printed = run(tiny).stdout
    assert "The first failure was not saved as a program: " in printed
    assert "Checkpoint: double." in printed
    assert "Progress was not saved" not in printed
    (check, *_) = tiny.by_id["double"].checks
    assert program(check, Outcome("failed", counterexample="double(<something>)")) == ""


def test_pdb_stops_in_the_learners_line(tiny: Course) -> None:
    """`pytest --pdb` opens where the learner's code raised, even if a library raised the exception for it."""
    write(work(tiny, "double"), b"import json\n\ndef double(x):\n    own = 'no json'\n    return json.loads(own)\n")
    printed = run(tiny, "--pdb", "-x", typed="p own\nc\n").stdout
    assert "double.py(5)double()" in printed
    assert "(Pdb) 'no json'" in printed
    assert "double: 1 of 2 visible checks ran, and none of them passed" in printed


def test_half_an_exercise_is_not_called_not_started(tiny_course: TinyCourse) -> None:
    """How many of the stub's functions are written is counted, and the next one is named with its line."""
    course = load_course(tiny_course(solutions__double_dot_py=SEVERAL))
    stub = make_stub(SEVERAL)
    half = stub.replace('raise NotImplementedError("Return it.")', "return x", 1)
    part = written(course, "double", half.encode())
    assert part is not None
    assert str(part) == "1 of 2 functions written, `Second.third` is next"
    assert part.line == half.splitlines().index("    def third(self, x):") + 1
    assert written(course, "double", stub.encode()) is None
    assert written(course, "double", b"def first(") is None
    write(work(course, "double"), half.encode())
    printed = run(course, "-k", "double").stdout
    assert f"1 of 2 functions written, `Second.third` is next: exercises/double.py:{part.line}" in printed


class Part(torch.nn.Module):
    """A module with a misspelled part."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = torch.nn.Dropout(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dropuot(x)  # type: ignore[operator]


def test_a_misspelled_name_is_recognized() -> None:
    """Names of variables, attributes and parts of modules are suggested, as Python does in a traceback."""

    def misspelled() -> None:
        head_dim = 3
        print(head_dmi, head_dim)  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(NameError) as of_name:
        misspelled()
    assert did_you_mean(of_name.value) == ". Did you mean: 'head_dim'?"
    with pytest.raises(AttributeError) as of_part:
        Part()(torch.zeros(1))
    assert did_you_mean(of_part.value) == ". Did you mean: 'dropout'?"
    with pytest.raises(AttributeError) as of_nothing:
        _ = (3.0).entirely_different  # type: ignore[attr-defined]
    assert did_you_mean(of_nothing.value) == ""


def _raised(text: str) -> tuple[Row, ...]:
    return (Row("called", ("f(1)",)), Row("raised", (text,), about=("TypeError",)), Row("hint", ("About values.",)))


def test_advice_is_for_the_exception_alone() -> None:
    """A common exception gets the advice made for it, and not the hint of the check; others get no advice."""
    assert "as `self`" in advice("TypeError: LayerNorm.forward() takes 1 positional argument but 2 were given")
    assert advice("TypeError: f() takes 1 positional argument but 2 were given") == ""
    assert "`reshape`" in advice("RuntimeError: view size is not compatible with input tensor's size and stride")
    assert advice("ValueError: something else") == ""
    rows = _raised("RuntimeError: view size is not compatible with input tensor's size and stride")
    text = "\n".join(message(Shown("A title.", False, "failed", "an exception", rows, (), True)))
    assert "`reshape`" in text
    assert "About values." not in text


def test_a_fact_does_not_repeat_the_exception_above_it() -> None:
    """What was measured refers to an exception that the message shows; advice about that replaces it."""
    fact = Mistake("measured_answers", "For one row, your layer raises ValueError: no.", "Why.", "Where.")
    shown = Shown("A title.", False, "failed", "an exception", _raised("ValueError: no"), (fact,), True)
    assert "For one row, your layer raises this error." in "\n".join(message(shown))
    error = "TypeError: L.forward() takes 1 positional argument but 2 were given"
    fact = Mistake("measured_answers", f"For one row, your layer raises {error}.", "Why.", "Where.")
    shown = Shown("A title.", False, "failed", "an exception", _raised(error), (fact,), True)
    assert "For one row" not in "\n".join([*message(shown), *in_brief(shown)])
    assert "as `self`" in "\n".join(message(shown))


def test_one_error_without_a_line_is_one_cause() -> None:
    """Checks that end in the same exception share a cause, even if no line of the learner raised it."""
    rows = {name: (Row("raised", ("TypeError: no",), about=("TypeError",)),) for name in "abc"}
    rows["d"] = (Row("raised", ("TypeError: another",), about=("TypeError",)),)
    causes = shared(rows)
    assert set(causes) == {"a", "b", "c"}
    assert len(set(causes.values())) == 1


def test_a_line_is_written_as_editors_follow_it() -> None:
    """On a learner's terminal a position is a path with a line; on a page it's in words."""
    assert Files(folder="exercises/").place("double", 2) == "exercises/double.py:2"
    assert Files().place("double", 2) == "double.py, line 2"


def test_notebooks_for_somebody_alone_run(tiny: Course, tmp_path: Path) -> None:
    """A learner's notebook has the stub, runs the visible checks with nothing but the file next to it, and is kept."""
    for exercise in tiny.exercises:
        (tiny.stubs / f"{exercise.id}.md").write_text(f"# {exercise.title}\n\n## The code to write\n\nWrite it.\n")
    said = list(write_notebooks(tiny, tmp_path))
    assert [line.split()[0] for line in said] == ["written", "written", "written", "Next:"]
    path = tmp_path / "double.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not [cell for cell in code if "SOLUTION" in cell.source or "hidden" in cell.source]
    assert "not started" in "".join(outputs(execute(notebook, tmp_path)).values())
    (answer,) = [cell for cell in code if "raise NotImplementedError" in cell.source]
    answer.source = "def double(x):\n    return 2 * x"
    nbformat.write(notebook, path)
    assert "PASSED, all 2 visible checks" in "".join(outputs(execute(notebook, tmp_path)).values())
    assert list(write_notebooks(tiny, tmp_path))[1].startswith("kept")
    assert nbformat.read(path, as_version=4) == notebook


def test_hidden_checks_can_be_run_for_oneself(tiny: Course) -> None:
    """In a copy that has them, `grader check --hidden` runs the hidden checks and shows all of a failure."""
    write(work(tiny, "double"), b"def double(x):\n    return 2 * x if x in (3, 4) else 0\n")
    hidden = next(check for check in tiny.by_id["double"].checks if check.visibility == "hidden")
    done = run_module("grader", "check", "double", "--hidden", cwd=tiny.root)
    assert "double: 2 of 3 checks passed" in done.stdout
    assert hidden.title in done.stdout
    assert "expected  " in done.stdout
    for _, visibility, path in tiny.check_files():
        if visibility == "hidden":
            path.unlink()
    done = run_module("grader", "check", "double", "--hidden", cwd=tiny.root)
    assert done.returncode == 2
    assert "This copy of the course has no hidden checks." in done.stderr


def test_a_shell_can_complete_exercises(tiny: Course) -> None:
    """The ids of exercises are offered to a shell, and the commands' descriptions aren't cut."""
    variables = {"_GRADER_COMPLETE": "complete_bash", "COMP_WORDS": "grader check do", "COMP_CWORD": "2"}
    command = Path(sys.executable).with_name("grader")
    done = subprocess.run(
        [command], cwd=tiny.root, env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert "double" in done.stdout
    # Click leaves two columns of a terminal's eighty free.
    listed = CliRunner().invoke(app, ["--help"], terminal_width=78).output.partition("Commands:")[2]
    assert "collect" in listed
    assert "..." not in listed
