"""The command `grader`: exit codes, and messages if something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import __version__
from grader.course import Course
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
DOUBLE = "def double(x):\n    return 2 * x\n"


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return run_module("grader", *arguments, cwd=folder, variables=variables)


def test_grading_a_class_prints_a_table_and_writes_results(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Grading a class ends with status 0, a table, results.json and a report for each submission."""
    path = tiny_course()
    for name, text in (("ann", DOUBLE), ("bob", "def double(x):\n    return 3 * x\n")):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "double.py").write_text(text, encoding="utf-8")
    done = run(path.parent, "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "A tiny course: 2 submissions" in done.stdout
    assert "graded ann: 2 of 6" in done.stderr
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [entry["score"] for entry in written["submissions"]] == [2.0, 0.0]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        ".grader",
        "alike.csv",
        "class.html",
        "grades.csv",
        "reports",
        "results.json",
    ]
    reports = sorted(report.name for report in (tmp_path / "out" / "reports").iterdir())
    assert reports == ["ann.html", "ann.md", "bob.html", "bob.md"]


def test_grading_one_submission_prints_its_feedback(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Grading one submission ends with status 0, whatever its score, and shows its feedback on the terminal."""
    path = tiny_course()
    (tmp_path / "double.py").write_text("def double(x):\n    return 3 * x\n", encoding="utf-8")
    done = run(tmp_path, "grade", ".", "--out", "out", "--course", str(path))
    assert done.returncode == 0, done.stderr
    assert "Score: **0 of 6**" in done.stdout
    assert "FAILED. Expected: Twice 3 is 6." in done.stdout


def test_what_was_not_graded_is_said_even_with_quiet(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A broken archive next to a submission is in every file and on the terminal, and the exit status is 1."""
    path = tiny_course()
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "double.py").write_text(DOUBLE, encoding="utf-8")
    (tmp_path / "class" / "bob.zip").write_bytes(b"PK")
    (tmp_path / "class" / "loose.py").write_text(DOUBLE, encoding="utf-8")
    done = run(path.parent, "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--quiet")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("Look at these:\n  Not graded:\n    Next to the submissions")
    assert "    bob: bob.zip could not be unpacked" in done.stdout
    notices = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["notices"]
    assert [(notice["submission"], notice["kind"]) for notice in notices] == [("", "not_graded"), ("bob", "not_graded")]
    for name in ("grades.csv", "class.html"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert all(said in text for said in ("bob.zip could not be unpacked", "loose.py")), name


def test_grading_goes_on_where_it_was_stopped(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Only a new submission is graded in a second run; `--quiet` prints nothing."""
    path = tiny_course()
    for name in ("ann", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "double.py").write_text(DOUBLE, encoding="utf-8")
    command = ("grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"))
    assert "graded ann: 2 of 6" in run(path.parent, *command).stderr
    before = (tmp_path / "out" / "results.json").read_bytes()
    again = run(path.parent, *command)
    assert "ann: 2 of 6 (from an earlier run)" in again.stderr
    assert "graded" not in again.stderr
    assert (tmp_path / "out" / "results.json").read_bytes() == before
    (tmp_path / "class" / "bob" / "double.py").write_text("def double(x):\n    return x\n", encoding="utf-8")
    changed = run(path.parent, *command)
    assert "ann: 2 of 6 (from an earlier run)" in changed.stderr
    assert "graded bob: 0 of 6" in changed.stderr
    quiet = run(path.parent, *command, "--quiet", "--regrade")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no socket has a path")
def test_a_folder_for_temporary_files_may_have_too_long_a_path(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A folder for temporary files with a long path, as on some clusters: the message says what to do."""
    path, deep = tiny_course(), tmp_path / ("a" * 80)
    deep.mkdir()
    done = run(path.parent, "grade", "solutions", "--out", str(tmp_path / "out"), TMPDIR=str(deep))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Set TMPDIR to a shorter one" in " ".join(done.stderr.split())


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Return a folder for temporary files whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process as POSIX does")
def test_what_works_for_a_grader_that_is_killed_ends_with_it(
    tiny_course: TinyCourse, tmp_path: Path, scratch: Path
) -> None:
    """After Ctrl-C, grader processes and workers stop, leave no files, and write no traceback over the next prompt."""
    path = tiny_course()
    (tmp_path / "class" / "ann").mkdir(parents=True)
    slow = "import time\n\ndef double(x):\n    time.sleep(0.5)\n    return 2 * x\n"
    (tmp_path / "class" / "ann" / "double.py").write_text(slow, encoding="utf-8")
    command = [sys.executable, "-m", "grader", "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    environment = os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen(
        command, cwd=path.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        end = time.monotonic() + 60
        while not list(scratch.glob("submission-*/double.py")) and time.monotonic() < end:
            time.sleep(0.05)
        process.kill()
        # Up to the last of those who could write to it.
        output, _ = process.communicate(timeout=60)
    assert time.monotonic() < end, output
    assert output == ""
    assert not list(scratch.glob("submission-*"))
    assert not list(scratch.glob("misconceptions-*"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["grade", "nowhere", "--out", "out"], "nowhere doesn't exist"),
        (["grade", "empty", "--out", "out"], "neither modules"),
        (["grade", "course.yaml", "--out", "out"], "is a file"),
        (["grade", "solutions", "--out", "out", "--course", "missing.yaml"], "cannot be read"),
        (["check", "tripel"], "There is no exercise `tripel`. Choose one of: double, twice."),
        (["grade", "solutions"], "--out"),
        (["grade", "solutions", "--out", "out", "--format", "canvass"], "There is no format `canvass`."),
        (["grade", "solutions", "--out", "out", "--roster", "nowhere.csv"], "The roster nowhere.csv cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_two(
    tiny_course: TinyCourse, arguments: list[str], sentence: str
) -> None:
    """A bad course, no submissions or a wrong call end with status 2 and a sentence, never a traceback."""
    path = tiny_course()
    (path.parent / "empty").mkdir()
    done = run(path.parent, *arguments)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_bad_course_is_said_with_its_line(tiny_course: TinyCourse) -> None:
    """A mistake in course.yaml ends the command with status 2, and the message names the line."""
    path = tiny_course()
    path.write_text(path.read_text().replace("needs: [double]", "needs: [duble]"))
    done = run(path.parent, "grade", "solutions", "--out", "out")
    assert done.returncode == 2
    assert "line 9" in done.stderr
    assert "needs `duble`" in done.stderr


def test_check_runs_the_visible_checks(tiny_course: TinyCourse) -> None:
    """`grader check double` runs pytest on that exercise and ends with pytest's status."""
    path = tiny_course()
    (path.parent / "exercises").mkdir()
    module = path.parent / "exercises" / "double.py"
    module.write_text(DOUBLE, encoding="utf-8")
    done = run(path.parent, "check", "double")
    assert done.returncode == 0
    assert "double: PASSED, all 1 visible checks; 1 hidden ones run at grading" in done.stdout
    module.write_text("def double(x):\n    return x\n", encoding="utf-8")
    done = run(path.parent, "check", "double")
    assert done.returncode == 1
    assert "FAILED  Expected: Twice 3 is 6." in done.stdout


def test_build_check_finds_what_is_stale(tiny_course: TinyCourse) -> None:
    """`grader build --check` ends with status 2 if a stub is missing, and `grader build` writes it."""
    path = tiny_course()
    (path.parent / "exercises").mkdir()
    done = run(path.parent, "build", "--check")
    assert done.returncode == 2
    assert "Stale: exercises/double.py, exercises/twice.py. Run: grader build" in done.stderr
    assert run(path.parent, "build").returncode == 0
    assert run(path.parent, "build", "--check").stdout.strip() == "All generated files are up to date."


def test_the_doctor_looks_at_everything(course: Course) -> None:
    """The doctor names what it looked at; on a machine that runs these tests nothing that is needed is missing."""
    done = run(course.root, "doctor")
    assert done.returncode == 0, done.stdout
    for name in ("Python", "torch", "tiktoken", "hypothesis"):
        assert f"ok       {name}: " in done.stdout
    assert "MISSING" not in done.stdout


def test_the_version_is_told(course: Course) -> None:
    """`grader --version` tells the version."""
    assert run(course.root, "--version").stdout.strip() == f"grader {__version__}"


def test_without_walls_it_says_so_or_refuses(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Where bubblewrap is missing, grading works and says so everywhere; `--require-sandbox` refuses."""
    path = tiny_course()
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "double.py").write_text(DOUBLE, encoding="utf-8")
    arguments = ["grade", str(tmp_path / "given"), "--out", str(tmp_path / "out")]
    done = run(path.parent, *arguments, PATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "Not sandboxed" in done.stdout
    assert "Graded without a sandbox." in (tmp_path / "out" / "reports" / "given.md").read_text(encoding="utf-8")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [(entry["sandboxed"], entry["score"]) for entry in written["submissions"]] == [(False, 2.0)]
    refused = run(path.parent, *arguments, "--require-sandbox", PATH=str(tmp_path))
    assert refused.returncode == 2
    assert "bubblewrap is missing" in refused.stderr


def test_names_from_outside_are_harmless_in_reports(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A folder's and a file's name reach the report as text: no markup, no control characters."""
    path = tiny_course()
    given = tmp_path / "<img src=x>_[a](b)\x1b[31m"
    given.mkdir()
    (given / "double.py").write_text(DOUBLE, encoding="utf-8")
    (given / "<b>`x`.py").write_text("", encoding="utf-8")
    done = run(path.parent, "grade", str(given), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    (report,) = (tmp_path / "out" / "reports").glob("*.md")
    text = report.read_text(encoding="utf-8")
    assert "<img" not in text
    assert "<b>" not in text
    assert "&lt;img" in text
    assert "\x1b" not in text + done.stdout
