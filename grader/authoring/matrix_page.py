"""How the kill matrix is shown: a summary in the terminal, a page in Markdown, and a picture for each exercise."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from grader.authoring.matrix import Matrix, Row, compute
from grader.course import Check, Course, Exercise
from grader.errors import CourseError, NoReference
from grader.extras import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PICTURES_NEED = "The pictures of the matrix need"
_NO_STYLES = "There is no folder solutions/styles, so no right answers in other styles were tried."
PAGE = "matrix.md"
PICTURES = "matrix"
CELL = 0.17
"""Inches; enough for a line of text in the size of the labels."""
MARGIN = 3.6
"""Inches for the names of mistakes and checks."""
BETWEEN = 1
"""Columns left empty between visible and hidden checks."""
COLORS = {"visible": "#1f5fa8", "hidden": "#c8641b"}

_INTRODUCTION = """\
# The matrix of mistakes and checks

This page shows which checks fail on which mistakes.
Every mistake in the catalog (`solutions/misconceptions/`) was run against all checks of its exercise.
So was every right answer: the solution, the stand-in, and the styles (`solutions/styles/`).
A test makes sure that:

- at least one hidden check fails on every mistake that isn't just a name, and one visible check on four in five;
- the check that a mistake belongs to fails on it, and is the first to fail (visible checks come before hidden ones);
- every check fails on some mistake, and none fails on a right answer.

`grader prove --all --out docs` and `grader matrix --out docs` write this page. Don't edit it by hand.
"""


@dataclass(frozen=True)
class MatrixRun:
    """The results of running the checks of some exercises on their mistakes and right answers.

    Attributes:
        matrices: one for each exercise.
        broken: a sentence for each broken rule.
        remarks: what was not tried.
        written: the page and its pictures, if a folder was given.
    """

    matrices: list[Matrix]
    broken: list[str]
    remarks: list[str]
    written: list[Path]


def run_matrix(
    course: Course, only: str | None, out: Path | None, done: Callable[[str], None] = lambda name: None
) -> MatrixRun:
    """Run all checks on mistakes and right answers, and write the page and its pictures if a folder is given.

    Args:
        course: the course.
        only: the id of one exercise; all exercises if None.
        out: the folder for the page.
        done: called with the name of each mistake or right answer when its checks have run.

    Raises:
        MissingPackage: a folder is given, but matplotlib is not installed.
        NoReference: this copy of the course has no solutions.
        CourseError: other exercises are missing from the page.
    """
    if not course.has_solutions:
        raise NoReference(
            f"There are no solutions in {course.root}, so there are no mistakes to try. Use the full course."
        )
    if out is not None:
        expect_page(out, course, course.exercises if only is None else [course.by_id[only]])
    matrices = compute(course, list(course.by_id) if only is None else [only], done=done)
    return MatrixRun(
        matrices,
        [f"{matrix.exercise.id}: {sentence}" for matrix in matrices for sentence in matrix.broken()],
        [] if course.styles.is_dir() else [_NO_STYLES],
        [] if out is None else write_pages(matrices, out, None if only is None else course),
    )


def expect_page(folder: Path, course: Course, exercises: Sequence[Exercise]) -> None:
    """Fail if the page couldn't be written with new matrices of some exercises, before minutes are spent on them.

    Raises:
        MissingPackage: matplotlib is not installed.
        CourseError: other exercises are missing from the page.
    """
    require(_PICTURES_NEED, "matrix", "matplotlib")
    if len(exercises) < len(course.exercises):
        _expect_the_others(folder / PAGE, course, {exercise.id for exercise in exercises})


def summary(matrices: Sequence[Matrix]) -> Table:
    """Make the table of all exercises for the terminal."""
    table = Table(title="Mistakes and checks", title_justify="left")
    for column, heading in enumerate(_HEADINGS):
        table.add_column(heading, justify="right" if column else "left", no_wrap=not column)
    for matrix in matrices:
        table.add_row(*_cells(matrix))
    return table


def write_pages(matrices: Sequence[Matrix], folder: Path, course: Course | None = None) -> list[Path]:
    """Write the page and its pictures into a folder; return the paths.

    Args:
        matrices: the matrices.
        folder: where to write them.
        course: give it if these are the matrices of only some of its exercises; the rest of the page is kept.

    Raises:
        MissingPackage: matplotlib is not installed.
        CourseError: other exercises are missing from the page.
    """
    pictures = folder / PICTURES
    written = [folder / PAGE]
    text = page(matrices) if course is None else _updated(written[0], matrices, course)
    pictures.mkdir(parents=True, exist_ok=True)
    written[0].write_text(text, encoding="utf-8", newline="\n")
    for matrix in matrices:
        written.append(pictures / f"{matrix.exercise.id}.svg")
        written[-1].write_bytes(picture(matrix))
    return written


def page(matrices: Sequence[Matrix]) -> str:
    """Write the page in Markdown."""
    return _joined([_cells(matrix) for matrix in matrices], [_section(matrix) for matrix in matrices])


def _joined(rows: Sequence[Sequence[str]], sections: Sequence[str]) -> str:
    return "\n".join([_INTRODUCTION, _markdown([list(_HEADINGS), *rows]), *sections])


def _section(matrix: Matrix) -> str:
    name = matrix.exercise.id
    parts = [f"## {matrix.exercise.title}\n"]
    parts.append(f"![Which checks of {name} fail on which mistakes]({PICTURES}/{name}.svg)\n")
    parts += [f"**Broken rule.** {sentence}\n" for sentence in matrix.broken()]
    headings = ["mistake", "what the student did", "its own check", "visible", "hidden", "first to fail"]
    parts.append(_markdown([headings, *(_line(matrix, row) for row in matrix.rows)]))
    parts.append(_edits(matrix))
    return "\n".join(parts)


def _updated(path: Path, matrices: Sequence[Matrix], course: Course) -> str:
    """Write the page with new sections for the given matrices, and keep its other sections."""
    _expect_the_others(path, course, {matrix.exercise.id for matrix in matrices})
    rows, sections = _read(path)
    rows |= {matrix.exercise.id: _cells(matrix) for matrix in matrices}
    sections |= {matrix.exercise.title: _section(matrix) for matrix in matrices}
    return _joined([rows[each.id] for each in course.exercises], [sections[each.title] for each in course.exercises])


def _read(path: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the rows of a page's table by exercise, and its sections by title; nothing if there is no page."""
    head, *pieces = (path.read_text(encoding="utf-8") if path.is_file() else "").split("\n## ")
    tables = [[cell.strip() for cell in line.strip("| ").split("|")] for line in head.splitlines() if line[:1] == "|"]
    return {cells[0]: cells for cells in tables}, {piece.splitlines()[0]: f"## {piece}" for piece in pieces}


def _expect_the_others(path: Path, course: Course, given: Set[str]) -> None:
    """Raise if a page lacks an exercise that isn't given."""
    rows, sections = _read(path)
    others = [exercise for exercise in course.exercises if exercise.id not in given]
    missing = [other.id for other in others if other.id not in rows or other.title not in sections]
    if missing:
        raise CourseError(f"{path} has nothing about {', '.join(missing)} yet. Run: grader matrix --out {path.parent}")


def picture(matrix: Matrix) -> bytes:
    """Draw a matrix as an SVG with a row for each mistake and a column for each check; it has the same bytes each time.

    Raises:
        MissingPackage: matplotlib is not installed.
    """
    require(_PICTURES_NEED, "matrix", "matplotlib")
    import io

    import matplotlib

    settings = {
        "svg.hashsalt": matrix.exercise.id,
        "svg.fonttype": "none",
        "font.family": ["DejaVu Sans", "sans-serif"],
        "font.size": 7,
    }
    with matplotlib.rc_context(settings):  # type: ignore[arg-type]
        written = io.BytesIO()
        _draw(matrix).savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    # Some of matplotlib's lines end with a space.
    lines = [line.rstrip() for line in written.getvalue().decode("utf-8").splitlines()]
    return ("\n".join(lines) + "\n").encode("utf-8")


_HEADINGS = (
    "exercise",
    "mistakes",
    "caught by hidden",
    "caught by visible",
    "own check first",
    "unused checks",
    "right answers",
    "styles",
)


def _cells(matrix: Matrix) -> list[str]:
    count = len(matrix.rows)
    first = sum(row.first == row.misconception.check for row in matrix.rows)
    passed = len(matrix.right) - len(matrix.rejected())
    return [
        matrix.exercise.id,
        str(count),
        str(count - len(matrix.unseen("hidden"))),
        str(count - len(matrix.unseen("visible"))),
        str(first),
        f"{len(matrix.idle())} of {len(matrix.exercise.checks)}",
        f"{passed} of {len(matrix.right)} pass",
        str(matrix.styles),
    ]


def _line(matrix: Matrix, row: Row) -> list[str]:
    mistake = row.misconception
    if row.first == mistake.check:
        first = "its own"
    else:
        first = f"`{row.first}`" if row.first else "none"
        first += f": {mistake.preceded}" if mistake.preceded else ""
    visible, hidden = (str(matrix.seen(row, visibility)) for visibility in ("visible", "hidden"))
    return [mistake.name, mistake.did, f"`{mistake.check}`", visible, hidden, first]


def _edits(matrix: Matrix) -> str:
    """Write what each mistake changes in the solution; a reader unfolds it."""
    edits = [f"`{row.misconception.name}`\n\n```diff\n{row.diff}```\n" for row in matrix.rows]
    heading = f"<summary>What each mistake changes in solutions/{matrix.exercise.id}.py</summary>"
    return "\n".join(["<details>", heading, "", *edits, "</details>", ""])


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in escaped]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:], ""])


def _draw(matrix: Matrix) -> Figure:
    from matplotlib.figure import Figure

    columns = _columns(matrix.exercise.checks)
    width, height = max(columns.values()) + 1, len(matrix.rows)
    size = (MARGIN + CELL * width + 0.3, MARGIN + CELL * height + 0.6)
    figure = Figure(figsize=size)
    area = (MARGIN / size[0], 0.6 / size[1], CELL * width / size[0], CELL * height / size[1])
    axes = figure.add_axes(area, xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(list(columns.values()), [name.removeprefix("test_") for name in columns], rotation=90)
    axes.set_yticks(range(height), [row.misconception.name for row in matrix.rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for check in matrix.exercise.checks:
        axes.axvline(columns[check.id], color="#eeeeee", linewidth=0.5, zorder=0)
    for line in range(height):
        axes.axhline(line, color="#eeeeee", linewidth=0.5, zorder=0)
    for visibility, color in COLORS.items():
        checks = {check.id for check in matrix.exercise.checks if check.visibility == visibility}
        cells = [(columns[c], line) for line, row in enumerate(matrix.rows) for c in row.failed if c in checks]
        label = f"a {visibility} check fails"
        axes.scatter([x for x, _ in cells], [y for _, y in cells], marker="s", s=70, c=color, linewidths=0, label=label)
    marks = [(columns[row.misconception.check], line) for line, row in enumerate(matrix.rows)]
    axes.scatter(
        [x for x, _ in marks], [y for _, y in marks], marker="o", s=14, c="white", edgecolors="black", linewidths=0.7,
        label="the mistake's own check",
    )  # fmt: skip
    figure.legend(loc="lower left", ncols=3, frameon=False, fontsize=8)
    return figure


def _columns(checks: Sequence[Check]) -> dict[str, int]:
    """Give each check its column, with a gap before the hidden ones."""
    return {check.id: column + (BETWEEN if check.visibility == "hidden" else 0) for column, check in enumerate(checks)}
