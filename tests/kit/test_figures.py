"""The lessons' figures are what their scripts draw, and describe in words what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.authoring import figures as common
from grader.authoring.figures import LessonFigure, all_figures
from grader.course import Course, load_course
from grader.pictures import drawn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def figures() -> list[LessonFigure]:
    """Return the figures of all lessons."""
    pytest.importorskip("matplotlib")
    return list(all_figures(load_course(ROOT / "course.yaml")))


def test_no_figure_is_stale(figures: list[LessonFigure]) -> None:
    """`make figures` has been run since a script, or a lesson's text about a figure, last changed."""
    assert [figure.name for figure in figures if figure.stale()] == []


def test_a_stale_figure_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another number or word in the drawing, another word in the lesson, a missing PNG: each is noticed."""
    pytest.importorskip("matplotlib")
    path = tmp_path / "figure.svg"
    monkeypatch.setattr(LessonFigure, "path", property(lambda self: path))
    words = ["What it shows."]
    monkeypatch.setattr(LessonFigure, "alt", property(lambda self: words[0]))
    monkeypatch.setattr(Course, "figures", property(lambda self: tmp_path))

    course = load_course(ROOT / "course.yaml")

    def figure(word: str, number: float) -> LessonFigure:
        def draw() -> object:
            made, axes = common.canvas(2.0, 1.0, 10.0, 10.0)
            axes.text(1.0, number, word)
            return made

        return LessonFigure(course, "lesson", "figure", draw)  # type: ignore[arg-type]

    written = figure("word", 2.0)
    assert written.stale()
    written.write()
    before = path.read_bytes()
    assert not written.stale()
    written.write()
    assert path.read_bytes() == before
    assert figure("another", 2.0).stale()
    assert figure("word", 3.0).stale()
    words[0] = "Another thing."
    assert written.stale()
    words[0] = "What it shows."
    path.with_suffix(".png").unlink()
    assert written.stale()


def shown() -> Iterator[tuple[Path, str, str]]:
    """List the pictures of all lessons but those of drafts: the lesson, what the picture shows, its path."""
    drafts = load_course(ROOT / "course.yaml").drafts
    for lesson in sorted(path for path in (ROOT / "exercises").glob("*.md") if path.stem not in drafts):
        for alt, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", lesson.read_text(encoding="utf-8")):
            yield lesson, alt, path


def test_every_figure_is_shown_and_every_picture_is_there(figures: list[LessonFigure]) -> None:
    """A lesson shows its own figures, describes each in words, and shows nothing from elsewhere."""
    names = {f"figures/{figure.name}.svg" for figure in figures}
    assert {path for _, _, path in shown()} == names
    for lesson, alt, path in shown():
        assert (lesson.parent / path).is_file(), path
        assert len(alt) > 40, f"{lesson.name}: say what {path} shows"


def test_figures_suit_light_and_dark_pages(figures: list[LessonFigure]) -> None:
    """Each has its own background, follows the reader's color scheme, and loads nothing from elsewhere."""
    for figure in figures:
        text = figure.path.read_text(encoding="utf-8")
        assert f"fill: {drawn.PAPER}" in text
        assert "prefers-color-scheme: dark" in text
        addresses = set(re.findall(r'(?:href|src)="(?!#)([^"]+)"', text))
        assert addresses == set(), figure.name
