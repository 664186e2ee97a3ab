"""The page about a class in a real browser: what an instructor needs is in view at the widths of common screens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Install it: pip install playwright")
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("There is no chromium on this machine. Install it: apt install chromium", allow_module_level=True)

from playwright.sync_api import Browser, Locator, sync_playwright  # noqa: E402

from grader.checks.outcome import PASSED, Outcome  # noqa: E402
from grader.course import Course  # noqa: E402
from grader.grading.results import results  # noqa: E402
from grader.grading.verdict import verdict  # noqa: E402
from grader.reports import Alike, Group, Likeness, Person, Roster  # noqa: E402
from grader.reports.html import class_page  # noqa: E402
from grader.reports.likeness.groups import Line  # noqa: E402

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
NAME = "Maximiliane Müller-Lüdenscheidt"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


def write_page(course: Course, folder: Path, students: int, exercises: int) -> Path:
    """Write the page about a class in a course with any number of exercises, copies of those of this course."""
    chosen = []
    for number in range(exercises):
        original = course.exercises[number % len(course.exercises)]
        name = original.id if number < len(course.exercises) else f"{original.id}_{number}"
        checks = tuple(replace(check, exercise=name) for check in original.checks)
        chosen.append(replace(original, id=name, checks=checks, claims=()))
    course = replace(course, exercises=tuple(chosen))
    wrong = Outcome("failed", category="wrong values")
    ids = [f"student_{number:03}" for number in range(students)]
    verdicts = [
        verdict(
            course,
            name,
            {
                (exercise.id, check.id): PASSED if (position + number) % 5 else wrong
                for exercise in course.exercises
                for position, check in enumerate(exercise.checks)
            },
            [],
        )
        for number, name in enumerate(ids)
    ]
    line = Line("    return " + " + ".join(["values"] * 40), True)
    likeness = Likeness((Group(tuple(ids[:2]), (Alike(chosen[0].id, ids[0], ids[1], 1.0, "", (line,), (line,)),)),))
    roster = Roster({name: (Person(name, name=NAME),) for name in ids}, given=True)
    path = folder / "class.html"
    path.write_text(class_page(course, results(course, verdicts), roster, likeness), encoding="utf-8")
    return path


def edges(element: Locator) -> tuple[float, float]:
    """Return the left and the right edge of an element, in pixels."""
    box = element.bounding_box()
    assert box is not None
    return box["x"], box["x"] + box["width"]


@pytest.mark.parametrize(("students", "exercises"), [(12, 8), (120, 25)])
@pytest.mark.parametrize("width", [400, 1366, 1920])
def test_the_score_is_in_view(
    course: Course, browser: Browser, tmp_path: Path, students: int, exercises: int, width: int
) -> None:
    """Name and score are in view, also after the table is scrolled; the page itself doesn't scroll sideways."""
    page = browser.new_page(viewport={"width": width, "height": 768})
    page.goto(write_page(course, tmp_path, students, exercises).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for _ in ("at first", "scrolled"):
        name, score = edges(page.locator(".heat tbody .who").last), edges(page.locator(".heat tbody .total").last)
        assert 0 <= name[0] < name[1] <= score[0] < score[1] <= width
        page.evaluate("document.querySelector('.map').scrollTo(9999, 9999)")
    heading = page.locator(".heat thead .total").bounding_box()
    region = page.locator(".map").bounding_box()
    assert heading is not None
    assert region is not None
    assert abs(heading["y"] - region["y"]) < 2
    if (width, exercises) == (1366, 8):
        assert page.evaluate("(m => m.scrollWidth <= m.clientWidth)(document.querySelector('.map'))")
    page.close()


@pytest.mark.parametrize(("width", "columns"), [(400, 1), (1366, 2)])
def test_copies_are_side_by_side(course: Course, browser: Browser, tmp_path: Path, width: int, columns: int) -> None:
    """Two programs are next to each other, below each other on a phone, and long lines scroll inside their boxes."""
    page = browser.new_page(viewport={"width": width, "height": 768})
    page.goto(write_page(course, tmp_path, 2, 8).as_uri())
    page.locator("summary").click()
    first, second = (edges(page.locator(".side-by-side pre").nth(number)) for number in (0, 1))
    assert len({round(first[0]), round(second[0])}) == columns
    assert max(first[1], second[1]) <= width
    page.close()
