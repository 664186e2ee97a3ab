"""The kill matrix of a small course: what it counts, which broken rules it reports, and how it is shown."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import cli
from grader.authoring import matrix_page
from grader.authoring.matrix import Matrix, compute
from grader.authoring.matrix_page import page, picture, write_pages
from grader.course import Minimum, load_course
from grader.errors import CourseError, MissingPackage
from tests.kit.small_catalog import catalog

WITH_MISTAKES = catalog("adds_one", "right_for_three", "squares")


@pytest.fixture
def computed(tiny_course: Callable[..., Path]) -> Matrix:
    """Return the matrix of `double` with three mistakes and one style that is wrong."""
    wrong = {"solutions__styles__double__wrong_dot_py": "def double(x):\n    return x\n"}
    course = dataclasses.replace(load_course(tiny_course(**WITH_MISTAKES, **wrong)), minimum=Minimum(styles=2))
    (matrix,) = compute(course, ["double"], jobs=1)
    return matrix


def test_the_matrix_says_which_checks_fail_and_what_breaks_a_rule(computed: Matrix) -> None:
    """The matrix lists the checks that fail on each mistake, in order, and reports broken rules and wrong styles."""
    both = ("test_double_three", "test_double_equals_the_reference")
    assert [row.failed for row in computed.rows] == [both, both[1:], both]
    assert computed.unseen("hidden") == computed.idle() == computed.missed() == []
    assert computed.unseen("visible") == ["right_for_three"]
    assert computed.spoken_over() == ["squares"]
    assert list(computed.right) == [
        "solutions/double.py",
        "solutions/standins/double.py",
        "solutions/styles/double/wrong.py",
    ]
    assert computed.broken() == [
        "Another check fails first: squares (test_double_three fails first; it belongs to test_double_equals_the_reference).",
        f"Right answers that were rejected: solutions/styles/double/wrong.py (by {', '.join(both)}).",
        "Too many mistakes that every visible check misses: right_for_three.",
        "Too few right answers in other styles: 1; the course asks for 2.",
    ]


def test_the_page_shows_every_mistake_and_every_broken_rule(computed: Matrix, tmp_path: Path) -> None:
    """The page has a row and an edit for each mistake, a line for each broken rule, and a link to the picture."""
    text = page([computed])
    assert "| right_for_three | You err. | `test_double_equals_the_reference` | 0 | 1 | its own |" in text
    assert "| squares | You err. | `test_double_equals_the_reference` | 1 | 1 | `test_double_three` |" in text
    assert (
        "**Broken rule.** Another check fails first: squares (test_double_three fails first; it belongs to test_double_equals_the_reference)."
        in text
    )
    assert "<summary>What each mistake changes in solutions/double.py</summary>" in text
    assert "`adds_one`\n\n```diff\n-return 2 * x\n+return x + 1\n```" in text
    pytest.importorskip("matplotlib")
    written = write_pages([computed], tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == ["matrix.md", "matrix/double.svg"]
    assert "](matrix/double.svg)" in text


def test_one_exercise_of_the_page_can_be_updated(computed: Matrix, tiny_course: Callable[..., Path]) -> None:
    """The page's text about other exercises stays exactly the same; a page that lacks them isn't written."""
    pytest.importorskip("matplotlib")
    tiny = load_course(tiny_course())
    folder = tiny.root / "docs"
    with pytest.raises(CourseError, match="nothing about twice yet"):
        write_pages([computed], folder, tiny)
    assert not folder.exists()
    other = dataclasses.replace(computed, exercise=dataclasses.replace(computed.exercise, id="twice", title="Twice"))
    write_pages([computed, other], folder)
    whole = (folder / "matrix.md").read_text(encoding="utf-8")
    about_double, mark, rest = whole.partition("## Twice")
    (folder / "matrix.md").write_text(about_double.replace("right_for_three", "older") + mark + rest, encoding="utf-8")
    written = write_pages([computed], folder, tiny)
    assert written[0].read_text(encoding="utf-8") == whole
    assert [path.name for path in written] == ["matrix.md", "double.svg"]


def test_a_page_that_cannot_be_completed_is_refused_before_the_work(
    tiny_course: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one exercise is to be added to a page that lacks others, no mistake is tried first."""
    monkeypatch.setattr(matrix_page, "compute", lambda *_, **__: pytest.fail("mistakes were tried"))
    with pytest.raises(CourseError, match="nothing about twice yet"):
        matrix_page.run_matrix(load_course(tiny_course(**WITH_MISTAKES)), "double", tmp_path)


def test_a_picture_names_everything_and_is_the_same_each_time(computed: Matrix) -> None:
    """A picture contains the names of mistakes and checks as text, and has the same bytes each time."""
    pytest.importorskip("matplotlib")
    drawn = picture(computed)
    for name in ("adds_one", "right_for_three", "squares", "double_three", "double_equals_the_reference"):
        assert f">{name}</text>".encode() in drawn
    assert picture(computed) == drawn


def test_without_matplotlib_the_message_says_what_to_install(computed: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """If matplotlib is missing, the message has the command that installs it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPackage, match=r"Run: pip install -e \"\.\[matrix\]\""):
        picture(computed)


def test_the_command_prints_a_summary_and_fails_if_a_rule_is_broken(
    tiny_course: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`grader matrix` exits with 1 and lists broken rules; if a course has no styles, it says so."""
    course = tiny_course(**WITH_MISTAKES)
    argv = ["grader", "matrix", "double", "--course", str(course)]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr().out
    assert ended.value.code == 1
    assert (
        "double: Another check fails first: squares (test_double_three fails first; it belongs to test_double_equals_the_reference)."
        in printed
    )
    assert "There is no folder solutions/styles" in printed
