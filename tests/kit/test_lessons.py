"""The lessons: each has its parts, and every number in their worked examples is right."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from grader.course import Course

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "exercises").glob("*.md"))
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


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_worked_examples_come_out(path: Path) -> None:
    """The lesson's Python examples print what is below them."""
    outcome = doctest.testfile(str(path), module_relative=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_line_begins_with_a_comment(path: Path) -> None:
    """Markdown takes such a line for HTML, and doesn't render code or formulas in it."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"^ *<!--", text, re.M)
