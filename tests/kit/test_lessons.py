"""The lessons and the primer: each lesson has its parts, and every number in the worked examples is right."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from grader.course import Course

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "exercises").glob("*.md"))
PRIMER = ROOT / "docs" / "primer.md"
ERROR = re.compile(r"^\| `([^`]+)` \| `([^`]+?)(?: …)?` \|", re.MULTILINE)
"""A row of the primer's table of errors: what you type, and what torch says, which may be shortened."""
PARTS = [
    "The idea",
    "The mathematics",
    "The code to write",
    "How to tell when you're done",
    "Going further",
    "In the book",
]


def test_every_exercise_has_a_lesson(course: Course) -> None:
    """There is one lesson per exercise, and no other; a draft may have one already."""
    assert course.by_id.keys() <= {path.stem for path in LESSONS} <= {*course.by_id, *course.drafts}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_has_its_parts_in_order(path: Path) -> None:
    """A lesson has intuition, mathematics, code, then how you know that you're done."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(r"^## (.+)$", text, re.M) == PARTS


@pytest.mark.parametrize("path", [*LESSONS, PRIMER], ids=lambda path: path.stem)
def test_the_worked_examples_come_out(path: Path) -> None:
    """The Python examples of a lesson and of the primer print what is below them."""
    outcome = doctest.testfile(str(path), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_torch_raises_the_errors_that_the_primer_lists() -> None:
    """After the primer's examples, each line of its table raises the error next to it."""
    page = PRIMER.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    exec(doctest.script_from_examples(page), names)
    errors = ERROR.findall(page)
    assert len(errors) > 10
    for typed, message in errors:
        with pytest.raises((RuntimeError, ValueError, IndexError), match=re.escape(message)):
            exec(typed, names)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_line_begins_with_a_comment(path: Path) -> None:
    """Markdown takes such a line for HTML, and doesn't render code or formulas in it."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"^ *<!--", text, re.M)
