"""`grader lesson` shows a lesson in the terminal: formulas in plain text, pictures in words, no comments."""

from __future__ import annotations

import re
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.markdown import Markdown
from typer.testing import CliRunner

from grader.cli import app
from grader.course import Course, load_course
from grader.errors import UsageError
from grader.study.formulas import in_plain_text
from grader.study.lesson import for_a_terminal, open_lesson
from tests.kit.commands import run_module

LESSON = """\
# Doubling

The double of $x_i$ is $2 \\cdot x_i$; see [the next](twice.md), and [torch](https://pytorch.org).
<!-- file -->
Open the file. <!-- notebook: Write into the cell. -->

![Two bars, the second twice as long.](figures/bars.svg)

$$y = \\frac{x + 1}{2\\pi}, \\qquad z = y^2$$

```text
$5 & $6
```
"""


@pytest.fixture
def tiny(tiny_course: Callable[..., Path]) -> Course:
    """Return the tiny course with a lesson for `double` only."""
    file = tiny_course()
    (file.parent / "exercises").mkdir(exist_ok=True)
    (file.parent / "exercises" / "double.md").write_text(LESSON, encoding="utf-8")
    return load_course(file)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"s_{ij} = \frac{q_i \cdot k_j}{\sqrt{d}}", "s_ij = (q_i · k_j)/√d"),
        (r"w_{ij} = \frac{e^{s_{ij}}}{\sum_{l \le i} e^{s_{il}}}", "w_ij = e^(s_ij)/(Σ_(l ≤ i) e^(s_il))"),
        (r"\frac{1}{n}\sum_{i=1}^{n} x_i^2", "1/n Σ_(i=1)ⁿ x_i²"),
        (r"\ln\frac85 - \tfrac1{16}", "ln(8/5) - 1/16"),
        (r"\big(\hat x_i, \bar{x}\big) \in \mathbb{R}^{V}", "(x̂_i, x̄) ∈ ℝ^V"),  # noqa: RUF001
        (r"\underbrace{VE + CE}_{\text{embeddings}} + E", "(VE + CE) [embeddings] + E"),
        (r"u = \begin{cases} t & \text{if } t \in V \\[2ex] 0 & \text{otherwise} \end{cases}", "u = {t, if t ∈ V; 0, otherwise}"),
        (r"a = 1, \qquad b = 50{,}257", "a = 1,\nb = 50,257"),
        (r"\frac{\partial L}{\partial w}", "∂L/∂w"),
    ],
)  # fmt: skip
def test_a_formula_is_read_as_text(formula: str, text: str) -> None:
    """Fractions, roots, sums, marks, braces and cases become a line that can be read aloud."""
    assert in_plain_text(formula) == text


def test_a_lesson_is_rewritten_for_a_terminal() -> None:
    """Formulas, pictures, links and the text for notebooks are rewritten, and code isn't."""
    text = for_a_terminal(LESSON, "exercises")
    assert "The double of `x_i` is `2 · x_i`; see the next, and [torch](https://pytorch.org).\n" in text
    assert "```text\ny = (x + 1)/(2π),\nz = y²\n```" in text
    assert "> Figure, exercises/figures/bars.svg: Two bars, the second twice as long." in text
    assert "Open the file." in text
    assert "cell" not in text
    assert "<!--" not in text
    assert "$5 & $6" in text


def test_nothing_of_tex_is_left_in_the_lessons(course: Course) -> None:
    """Every formula of every lesson is rewritten, and rich lays out every lesson without losing a heading."""
    for exercise in course.exercises:
        text = open_lesson(course, exercise.id).text
        prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
        assert "$" not in prose, exercise.id
        assert "<!--" not in text, exercise.id
        assert not re.search(r"\\(?!n\b|s\b|p\b|\W)[a-z]+", prose), exercise.id
        console = Console(width=80, record=True, quiet=True)
        console.print(Markdown(text, hyperlinks=False))


def test_the_command_shows_the_lesson_or_its_path(tiny: Course) -> None:
    """`grader lesson` knows the exercise by its file's name, also from exercises/; `--path` prints only the path."""
    here = tiny.stubs
    shown = run_module("grader", "lesson", "double.py", cwd=here)
    assert shown.returncode == 0, shown.stderr
    assert "Doubling" in shown.stdout
    assert "y = (x + 1)/(2π)," in shown.stdout
    path = run_module("grader", "lesson", "double", "--path", cwd=here)
    assert path.stdout == f"{tiny.stubs / 'double.md'}\n"
    missing = run_module("grader", "lesson", "twice", cwd=here)
    assert missing.returncode == 2
    assert "There is no lesson exercises/twice.md." in missing.stderr


def test_the_page_of_the_site_is_opened_if_it_has_been_built(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--web` opens the page in build/site, and says how to build it if it isn't there."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    with pytest.raises(UsageError, match=r"no build/site/exercises/double\.html yet\. Build the site: grader site"):
        open_lesson(tiny, "double", in_browser=True)
    page = tiny.root / "build" / "site" / "exercises" / "double.html"
    page.parent.mkdir(parents=True)
    page.touch()
    done = CliRunner().invoke(app, ["lesson", "double", "--web", "--course", str(tiny.file)])
    assert done.exit_code == 0
    assert opened == [page.as_uri()]
