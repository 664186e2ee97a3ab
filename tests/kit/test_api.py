"""The grader as a library: `import grader`, and the page about it."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import grader
import grader.grading.results
from grader.course import Course
from tests.kit.test_cli import DOUBLE, run

ROOT = Path(__file__).resolve().parents[2]
TinyCourse = Callable[..., Path]
TRIPLE = "def double(x):\n    return 3 * x\n"
TWICE = "from .double import double\n\n\ndef twice(x):\n    return double(double(x))\n"


@pytest.fixture
def tiny_class(tiny_course: TinyCourse, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the tiny course with two submissions next to its course.yaml, make that the working folder, and return it."""
    root = tiny_course().parent
    for name, double in (("ann", DOUBLE), ("bob", TRIPLE)):
        folder = root / "submissions" / name
        folder.mkdir(parents=True)
        (folder / "double.py").write_text(double, encoding="utf-8")
        (folder / "twice.py").write_text(TWICE, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def tiny(tiny_class: Path) -> Course:
    """Return the course of the tiny class."""
    return grader.load_course()


def test_the_program_in_the_docs_prints_what_the_page_says(tiny_class: Path) -> None:
    """Every example of docs/api.md runs and prints what is below it."""
    outcome = doctest.testfile(str(ROOT / "docs" / "api.md"), module_relative=False)
    assert outcome.attempted >= 8
    assert outcome.failed == 0


def test_the_public_names_are_sorted_exist_and_explain_themselves() -> None:
    """`__all__` is sorted and complete, `dir` lists it, and every name in it has a docstring."""
    assert grader.__all__ == sorted(grader.__all__)
    assert set(grader.__all__) <= set(dir(grader))
    for name in grader.__all__:
        if name != "__version__":
            assert inspect.getdoc(getattr(grader, name)), name
    assert not hasattr(grader, "grade_and_report")


def test_all_that_results_are_made_of_is_public() -> None:
    """A program that reads `results.json` can name each of its structures."""
    structures = inspect.getmembers(
        grader.grading.results, lambda entry: inspect.isclass(entry) and issubclass(entry, msgspec.Struct)
    )
    names = {name for name, entry in structures if entry.__module__ == grader.grading.results.__name__}
    assert names <= set(grader.__all__)


def test_importing_the_grader_imports_nothing_else() -> None:
    """A learner's process imports `grader`, so importing it loads nothing else, and its functions don't load torch."""
    program = (
        "import sys, typing; before = set(sys.modules); import grader; print(sorted(set(sys.modules) - before));"
        "grader.load_course; grader.grade; grader.write_reports; print(sorted({'torch', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['grader']", "[]"]


def test_a_type_checker_knows_the_public_names(tmp_path: Path) -> None:
    """A type checker accepts a program that uses them as the page says, and rejects a name or an argument that doesn't exist."""
    program = tmp_path / "program.py"
    program.write_text(
        "import grader\n"
        "def show(result: grader.SubmissionResult) -> None: ...\n"
        "course: grader.Course = grader.load_course('course.yaml')\n"
        "results: grader.Results = grader.grade('a', course, out='b', sandbox='require', on_result=show)\n"
        "written: grader.Written = grader.write_reports(results, course, 'b', formats=['canvas'])\n"
        "score: float = results.submissions[0].exercises['double'].checks[0].score\n"
        "grader.grade('a', course, sandbox='maybe')\n"
        "grader.regrade\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml")]
    done = subprocess.run([*command, str(program)], cwd=ROOT, capture_output=True, text=True, check=False)
    complaints = [line.split(": error: ")[0] for line in done.stdout.splitlines() if ": error: " in line]
    assert [position.rpartition(":")[2] for position in complaints] == ["7", "8"], done.stdout


def test_a_program_without_a_main_guard_grades(tiny_class: Path) -> None:
    """The processes that grade don't run the program that started them."""
    (tiny_class / "program.py").write_text(
        "import grader\n"
        "print('started')\n"
        "results = grader.grade('submissions', grader.load_course('course.yaml'))\n"
        "print([submission.score for submission in results.submissions])\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("started\n[6.0, 4.0]\n", 0), done.stderr


def test_without_a_folder_nothing_is_kept(tiny: Course) -> None:
    """`out=None` grades everything each time, and writes no file."""
    before = sorted(tiny.root.rglob("*"))
    graded: list[str] = []
    results = grader.grade("submissions/bob", tiny, on_result=lambda result: graded.append(result.id))
    assert graded == ["bob"]
    assert [submission.score for submission in results.submissions] == [4.0]
    assert sorted(path for path in tiny.root.rglob("*") if "__pycache__" not in path.parts) == before


def test_the_library_and_the_command_come_to_the_same(tiny: Course, tmp_path: Path) -> None:
    """The same submissions, hand-in times and marks make the same files and remarks, byte for byte."""
    (tmp_path / "marks.yaml").write_text("bob: {comment: Nearly.}\n", encoding="utf-8")
    (tmp_path / "times.yaml").write_text("extensions: {zoe: {}}\n", encoding="utf-8")
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    files = {name: tmp_path / f"{name}.yaml" for name in ("times", "marks")}
    remarks: list[str] = []
    results = grader.grade("submissions", tiny, mine, **files, on_remark=remarks.append)
    written = grader.write_reports(results, tiny, mine, formats=["junit", "moodle"], submissions="submissions")
    options = [text for name, path in files.items() for text in (f"--{name}", str(path))]
    options += ["--format", "junit", "--format", "moodle"]
    done = run(tiny.root, "grade", "submissions", "--out", str(theirs), *options)
    assert done.returncode == 0, done.stderr
    for path in written.paths:
        assert path.read_bytes() == (theirs / path.relative_to(mine)).read_bytes(), path
    assert any("zoe" in remark for remark in remarks)
    for sentence in (*remarks, *written.remarks):
        assert sentence in done.stdout


def test_writing_again_says_whose_score_changed(tiny: Course) -> None:
    """`write_reports` compares with the results in the folder before it replaces them."""
    results = grader.grade("submissions", tiny, "graded")
    assert grader.write_reports(results, tiny, "graded").changes == ()
    Path("submissions/bob/double.py").write_text(DOUBLE, encoding="utf-8")
    changed = grader.write_reports(grader.grade("submissions", tiny, "graded"), tiny, "graded").changes
    assert changed[1] == "  bob: 4 -> 6 of 6 (+2). The submission changed."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"submissions": "nowhere"}, "nowhere doesn't exist"),
        ({"marks": "nowhere.yaml"}, "nowhere.yaml cannot be read"),
    ],
)
def test_what_cannot_be_done_is_an_error_with_a_sentence(
    tiny: Course, arguments: dict[str, str], sentence: str
) -> None:
    """A wrong call raises `GraderError`, with what the command would print."""
    with pytest.raises(grader.GraderError, match=sentence):
        grader.grade(**{"submissions": "submissions", "course": tiny} | arguments)  # type: ignore[arg-type]


def test_reports_in_an_unknown_format_are_refused(tiny: Course) -> None:
    """An unknown format raises `GraderError` before anything is written."""
    results = grader.Results(1, grader.CourseInfo("tiny", "Tiny", grader.__version__), [])
    with pytest.raises(grader.GraderError, match="There is no format `canvass`"):
        grader.write_reports(results, tiny, "graded", formats=["canvass"])
    assert not Path("graded").exists()
