"""Groups: who is in one, whose submission counts, and members with marks of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, load_course, part_of
from grader.errors import ClassFileError
from grader.grading.class_files import Register, read_register
from grader.grading.final_score import adjusted
from grader.grading.marks import ByHand, Override
from grader.grading.part import register_of_part
from grader.grading.results import Results, results
from grader.reports.exports import canvas, grades, missing
from grader.reports.members import unknown_members
from grader.reports.roster import Roster, read_roster
from grader.reports.write import ReportOptions, write_all
from tests.kit.test_marks import result

TinyCourse = Callable[..., Path]
ROSTER = "submission,name,email,Team\nann,Ann,ann@x.org,reds\nbob,Bob,bob@x.org,reds\ncleo,Cleo,cleo@x.org,\n,Dan,dan@x.org,blues\n"
MARKS = """
ann:
  comment: Good.
  scores: [{exercise: twice, score: 3, reason: Together.}]
  members:
    Bob@x.org:
      comment: You came late.
      scores: [{exercise: twice, score: 1, reason: Alone.}]
"""


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course: 6 points, 4 of them for `twice`."""
    return load_course(tiny_course())


def roster_of(folder: Path, text: str = ROSTER) -> Roster:
    """Read a roster."""
    (folder / "roster.csv").write_text(text, encoding="utf-8")
    return read_roster(folder / "roster.csv")


def marked(course: Course, folder: Path, text: str = MARKS) -> Results:
    """Return the results of ann's group with marks."""
    (folder / "marks.yaml").write_text(text, encoding="utf-8")
    register = read_register(course, ["ann"], [], None, [folder / "marks.yaml"])
    return adjusted(course, results(course, [result(course)]), register)


@pytest.mark.parametrize("home", ["ann", "bob", "Reds"])
def test_a_group_shares_what_one_of_them_handed_in(tmp_path: Path, home: str) -> None:
    """The folder may be named after the group or after any member; everybody else of the group is there, too."""
    roster, remarks = roster_of(tmp_path).settled([home, "cleo"])
    assert [person.name for person in roster.people_of(home)] == ["Ann", "Bob"]
    assert remarks == []
    assert [person.name for person in roster.people_of("cleo")] == ["Cleo"]


def test_two_submissions_of_a_group_are_named(tmp_path: Path) -> None:
    """Each counts for the member it is named after, nobody has two rows, and a remark says so."""
    text = ROSTER + "eve,Eve,eve@x.org,Reds\n"
    roster, (remark,) = roster_of(tmp_path, text).settled(["bob", "ann"])
    assert [[person.name for person in roster.people_of(name)] for name in ("ann", "bob")] == [["Ann", "Eve"], ["Bob"]]
    assert remark.startswith("The group `reds` has several submissions: ann, bob.")


def test_a_group_that_handed_nothing_in_is_listed(tiny: Course, tmp_path: Path) -> None:
    """Its members are in the table of grades, like everybody else who handed nothing in."""
    roster, _ = roster_of(tmp_path).settled(["ann"])
    assert [person.name for person in missing(results(tiny, [result(tiny)]), roster)] == ["Cleo", "Dan"]


def test_one_mark_is_for_all_and_an_exception_for_one(tiny: Course, tmp_path: Path) -> None:
    """Tables have each member's own score; the member reads both comments, and the others read nothing of it."""
    roster, _ = roster_of(tmp_path).settled(["ann"])
    graded = marked(tiny, tmp_path)
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(grades(tiny, graded, roster)))}
    assert [rows[name]["final_score"] for name in ("Ann", "Bob")] == ["5", "3"]
    points = {row[0]: row[5:] for row in csv.reader(io.StringIO(canvas(tiny, graded, roster)))}
    assert [points["Ann"], points["Bob"]] == [["2", "3"], ["2", "1"]]
    write_all(tiny, graded, tmp_path / "out", None, ReportOptions((), roster))
    names = {path.name for path in (tmp_path / "out" / "reports").iterdir()}
    assert names == {"ann.md", "ann.html", "ann, Bob@x.org.md", "ann, Bob@x.org.html"}
    pages = [
        (tmp_path / "out" / "reports" / name).read_text(encoding="utf-8") for name in ("ann.md", "ann, Bob@x.org.md")
    ]
    assert "> Good." in pages[0]
    assert "late" not in pages[0]
    assert "> Good.\n>\n> You came late.\n" in pages[1]
    assert "Score: **3 of 6**" in pages[1]


def test_what_a_member_leaves_out_is_as_for_the_group(tiny: Course, tmp_path: Path) -> None:
    """Without scores of their own, the group's count; with an empty list, none do."""
    text = MARKS.replace("scores: [{exercise: twice, score: 1, reason: Alone.}]", "")
    assert marked(tiny, tmp_path, text).submissions[0].members["Bob@x.org"].final_score == 5
    text = MARKS.replace("[{exercise: twice, score: 1, reason: Alone.}]", "[]")
    assert marked(tiny, tmp_path, text).submissions[0].members["Bob@x.org"].final_score == 6


def test_an_unknown_member_is_named(tiny: Course, tmp_path: Path) -> None:
    """If nobody in the group is called like this, a remark says who was probably meant."""
    roster, _ = roster_of(tmp_path).settled(["ann"])
    graded = marked(tiny, tmp_path, MARKS.replace("Bob@x.org", "bobb@x.org"))
    (remark,) = unknown_members(graded, roster)
    assert "bobb@x.org (did you mean `bob@x.org`?) in ann" in remark
    assert unknown_members(marked(tiny, tmp_path), roster) == []
    with pytest.raises(
        ClassFileError, match=r"line 8, ann\.members\.Bob@x\.org\.scores\.0: there is no exercise `twise`"
    ):
        marked(tiny, tmp_path, MARKS.replace("twice, score: 1", "twise, score: 1"))


def test_a_part_of_the_course_has_only_its_marks(tiny: Course) -> None:
    """A member's scores for other exercises don't count in a part of the course."""
    own = ByHand("", [Override(1, "r", "double"), Override(1, "r", "twice")])
    register = register_of_part(Register(by_hand={"ann": ByHand(members={"bob": own})}), part_of(tiny, ["twice"]))
    assert [score.exercise for score in register.by_hand["ann"].members["bob"].scores] == ["twice"]


def test_a_part_of_the_course_has_the_marks_of_its_groups_that_fail_alike(tiny: Course, tmp_path: Path) -> None:
    """What is said about all who fail alike in an exercise counts while only that exercise is graded."""
    text = "alike:\n  twice-0a1b2c3d: {comment: Look at zero.}\n  double-0a1b2c3d: {comment: Look at one.}\n"
    (tmp_path / "marks.yaml").write_text(text, encoding="utf-8")
    registers = [read_register(tiny, ["ann"], [], None, [tmp_path / "marks.yaml"]) for _ in range(2)]
    assert registers[0].alike == registers[1].alike
    part = register_of_part(registers[0], part_of(tiny, ["twice"]))
    assert list(part.alike) == ["twice-0a1b2c3d"]
