"""The way back by email: a table for mail merge, and the files to attach."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.collect import ReturnOptions, return_to
from grader.collect.mailing import HEADS
from grader.course import Course, load_course
from grader.errors import GraderError
from grader.reports.roster import read_roster
from grader.reports.write import ReportOptions, write_all
from tests.kit.test_groups import marked

TinyCourse = Callable[..., Path]
ROSTER = 'submission,name,email\nann,"Example, Ann",ann@x.org\nann,Bob,Bob@x.org\n'


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course."""
    return load_course(tiny_course())


def class_of(course: Course, folder: Path, roster: str = ROSTER) -> Path:
    """Write a class with the graded submission of ann's group, and return its folder."""
    (folder / "class").mkdir()
    (folder / "class" / "roster.csv").write_text(roster, encoding="utf-8")
    options = ReportOptions((), read_roster(folder / "class" / "roster.csv"))
    write_all(course, marked(course, folder), folder / "class" / "graded", None, options)
    return folder / "class"


def table(folder: Path) -> list[dict[str, str]]:
    """Read the table for mail merge."""
    text = (folder / "mail.csv").read_bytes().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text[1:].splitlines()))


def test_everybody_has_a_row_with_their_own_score_and_file(tiny: Course, tmp_path: Path) -> None:
    """A row has the address, the name, the final score, a subject, and a file that exists; a member has their own."""
    folder = class_of(tiny, tmp_path)
    assert return_to(folder, ReturnOptions(format="mail")).is_complete
    ann, bob = table(folder)
    assert tuple(ann) == HEADS
    assert [ann["email"], ann["first_name"], ann["score"], ann["max_score"]] == ["ann@x.org", "Ann", "5", "6"]
    assert [bob["email"], bob["score"], bob["attachment"]] == ["Bob@x.org", "3", "mail/ann, Bob@x.org.html"]
    assert ann["subject"] == "Feedback: A tiny course"
    for row in (ann, bob):
        assert Path(row["path"]) == (folder / row["attachment"]).resolve()
        assert f"{row['score']} of 6" in Path(row["path"]).read_text(encoding="utf-8")


def test_who_has_no_address_is_named(tiny: Course, tmp_path: Path) -> None:
    """Somebody without an address isn't in the table, the command says so, and its status is 1."""
    folder = class_of(tiny, tmp_path, ROSTER.replace("ann@x.org", ""))
    done = CliRunner().invoke(app, ["return", str(folder), "--format", "mail"])
    assert done.exit_code == 1
    assert "1 email to send in" in done.output
    assert "Not in the table, because the roster has no email address: Example, Ann." in " ".join(done.output.split())
    assert [row["email"] for row in table(folder)] == ["Bob@x.org"]


def test_a_missing_report_is_named(tiny: Course, tmp_path: Path) -> None:
    """If reports were deleted, the command says to grade again."""
    folder = class_of(tiny, tmp_path)
    for path in (folder / "graded" / "reports").iterdir():
        path.unlink()
    (about, _, missing) = return_to(folder, ReturnOptions(format="mail")).lines()
    assert about.startswith("0 emails")
    assert missing.startswith("No report of ann. Grade again")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ReturnOptions(format="post"), "There is no format `post`. Choose one of: platform, mail."),
        (ReturnOptions(format="mail", roster=Path("none.csv")), "none.csv doesn't exist. Name the table"),
        (ReturnOptions(format="mail", graded=Path("nowhere")), "There is no nowhere/results.json."),
    ],
)
def test_what_cannot_be_mailed_is_a_sentence(
    tiny: Course, tmp_path: Path, options: ReturnOptions, message: str
) -> None:
    """An unknown format, no roster, and no results are errors that say what to do."""
    with pytest.raises(GraderError) as raised:
        return_to(class_of(tiny, tmp_path), options)
    assert str(raised.value).startswith(message)
