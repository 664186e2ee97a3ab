"""The list "Look at these": what was handed in and not graded, or graded as something that its name doesn't say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.grading.folder import grade_folder
from grader.grading.notices import Notice, as_lines, in_order, nothing_lost
from grader.grading.results import results
from grader.reports import exports
from grader.reports.html import class_page
from grader.reports.likeness import Likeness
from grader.reports.roster import Roster

LOST = Notice("hw.rar can't be opened. Ask for a .zip.", "zoe", "not_graded")
LOOSE = Notice("layer_norm.py belongs to no student.", kind="not_graded")
REMARKS = [Notice("Ignored: notes.txt.", name) for name in ("ann", "bob")]


def test_what_is_not_graded_comes_first_and_the_same_is_said_once() -> None:
    """The list begins with lost work, and names together those about whom there is the same to say."""
    assert as_lines([*REMARKS, LOST, LOOSE, LOST]) == [
        "Look at these:",
        "  Not graded:",
        "    layer_norm.py belongs to no student.",
        "    zoe: hw.rar can't be opened. Ask for a .zip.",
        "  Remarks:",
        "    ann, bob: Ignored: notes.txt.",
    ]
    assert as_lines([]) == []
    assert nothing_lost(REMARKS)
    assert not nothing_lost([*REMARKS, LOST])
    assert in_order([*REMARKS, LOST])[0] == LOST


def test_the_list_is_in_results_page_and_table(course: Course) -> None:
    """`results.json`, `class.html` and the column `remark` of `grades.csv` contain each notice."""
    graded = results(course, [], [*REMARKS, LOST, LOOSE])
    assert graded.notices == [LOOSE, LOST, *REMARKS]
    pytest.importorskip("jinja2")
    page = class_page(course, graded, Roster(), Likeness())
    assert "<li>ann, bob: Ignored: notes.txt.</li>" in page
    assert page.index("belongs to no student") < page.index("Ignored: notes.txt")
    table = list(csv.DictReader(io.StringIO(exports.grades(course, graded, Roster()))))
    assert [row["remark"] for row in table] == [LOOSE.text]


def test_a_module_that_cannot_be_run_is_a_remark(tiny_course: Callable[..., Path], tmp_path: Path) -> None:
    """A module with a SyntaxError is in the list, with its exercise and the reason, and counts as graded."""
    (tmp_path / "class" / "dan").mkdir(parents=True)
    (tmp_path / "class" / "dan" / "double.py").write_text("def double(:\n", encoding="utf-8")
    graded = grade_folder(tmp_path / "class", load_course(tiny_course())).results
    text = (
        "double could not be run: it can't be imported (SyntaxError: invalid syntax). See the student's feedback page."
    )
    assert Notice(text, "dan") in graded.notices
    assert nothing_lost(graded.notices)
