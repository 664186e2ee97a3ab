"""Files are written completely or not at all, and a file that can't be written is a sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import grader.reports.write as writing_reports
from grader.checks.outcome import Outcome
from grader.course import Course, load_course
from grader.errors import NotWritten
from grader.grading.results import Results, results
from grader.grading.verdict import verdict
from grader.reports import ReportOptions, write_all
from grader.reports.feedback import RESULTS_FILE, report_path
from grader.reports.write import left_over
from grader.writing import make_folder, not_written, write_report

LIMITED = """\
import resource, sys
from pathlib import Path
from grader.errors import NotWritten
from grader.writing import write_report
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
path = Path(sys.argv[1])
try:
    write_report(path, "x" * 2000)
except NotWritten as error:
    print(error, sorted(entry.name for entry in path.parent.iterdir()), path.read_text())
"""


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EROFS, "Name a folder that you may write to"),
        (errno.EACCES, "Name a folder that you may write to"),
        (errno.EFBIG, "Raise the limit"),
        (errno.ENAMETOOLONG, "Name another folder"),
    ],
)
def test_the_sentence_says_why_and_what_to_do(number: int, remedy: str) -> None:
    """Each reason has a remedy."""
    text = str(not_written(Path("out"), OSError(number, os.strerror(number))))
    assert text.startswith(f"out cannot be written ({os.strerror(number)}). {remedy}")


def test_a_limit_on_the_size_of_files_keeps_the_old_file(tmp_path: Path) -> None:
    """If a file can't be written completely, the old one stays, and nothing else does."""
    (tmp_path / "grades.csv").write_text("old", encoding="utf-8")
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "grades.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "grades.csv cannot be written (File too large)" in done.stdout
    assert done.stdout.rstrip().endswith("['grades.csv'] old")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in place of a folder, or above it, is an error with a sentence."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "inner"):
        with pytest.raises(NotWritten, match=r"file"):
            make_folder(path)


def test_any_name_can_be_written(tmp_path: Path) -> None:
    """A report may have the longest name that a file can have, in any script."""
    for name in ("a" * 255, "学" * 85, "zoë"):
        path = report_path(tmp_path, name, "")
        write_report(path, name)
        assert path.read_text(encoding="utf-8") == name


def graded(course: Course, *names: str) -> Results:
    """Return the results of submissions that pass everything."""
    outcomes = {(check.exercise, check.id): Outcome("passed") for each in course.exercises for check in each.checks}
    return results(course, [verdict(course, name, outcomes) for name in names])


def test_results_are_written_last(
    tiny_course: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a report can't be written, the earlier `results.json` stays, so that the next run says what has changed."""
    course = load_course(tiny_course())
    write_all(course, graded(course, "ann"), tmp_path, None, ReportOptions())

    def full(path: Path, content: object) -> None:
        raise NotWritten(f"{path} cannot be written.")

    with monkeypatch.context() as patched:
        patched.setattr(writing_reports, "write_report", full)
        with pytest.raises(NotWritten):
            write_all(course, graded(course, "ann", "bob"), tmp_path, None, ReportOptions())
    kept = msgspec.json.decode((tmp_path / RESULTS_FILE).read_bytes(), type=Results)
    assert [submission.id for submission in kept.submissions] == ["ann"]
    written = write_all(course, graded(course, "ann", "bob"), tmp_path, None, ReportOptions())
    assert "New since the last run: bob." in written.changes


def test_files_of_earlier_runs_are_named(tiny_course: Callable[..., Path], tmp_path: Path) -> None:
    """Exports in other formats and reports of students who have gone are named, and other files aren't."""
    course = load_course(tiny_course())
    before = ReportOptions.of(["canvas", "moodle", "junit", "gradescope"], None)
    assert not any(
        "Left" in remark for remark in write_all(course, graded(course, "a", "b"), tmp_path, None, before).remarks
    )
    (tmp_path / "notes.txt").touch()
    (remark,) = write_all(course, graded(course, "a"), tmp_path, None, ReportOptions()).remarks
    for name in ("canvas.csv", "moodle.csv", "junit.xml", "class.html", "reports/b.md", "gradescope/a.json"):
        assert name in remark
    assert "reports/a" not in remark
    assert "notes.txt" not in remark
    assert left_over(tmp_path, [path for path in tmp_path.rglob("*") if path.is_file()]) == []
