"""The kill matrix as it is shown: a summary for the terminal, a page in Markdown, a picture for each exercise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from grader.authoring.matrix import Matrix, Row, compute
from grader.course import Check, Course
from grader.errors import CourseError, NoReference
from grader.extras import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PICTURES_NEED = "The pictures of the matrix need"
_NO_STYLES = "There is no folder solutions/styles: right answers in other styles were not tried."
PAGE = "matrix.md"
PICTURES = "matrix"
CELL = 0.17
"""Inches; room for a line of text in the size of the labels."""
MARGIN = 3.6
"""Inches for the names of mistakes and checks."""
BETWEEN = 1
"""Columns left empty between visible and hidden checks."""
COLOURS = {"visible": "#1f5fa8", "hidden": "#c8641b"}

_INTRODUCTION = """\
# The matrix of mistakes and checks

Every mistake of the catalogue (`solutions/misconceptions/`) has been run against all checks of its exercise, and so has
every right answer: the solution, the stand-in, those in other styles (`solutions/styles/`). Rules that a test holds:
a hidden check sees every mistake, and visible checks see four in five; the check that is about a mistake fails on it,
and is the first to be told, visible ones before hidden ones; no check is idle; no right answer is rejected.

Made with `grader matrix --out docs`; not to be edited.
"""


@dataclass(frozen=True)
class MatrixRun:
    """What came of running some exercises' mistakes and right answers through their checks.

    Attributes:
        matrices: one for each exercise.
        broken: a sentence for each rule that is broken.
        remarks: what was not tried.
        written: the page and its pictures, if they were asked for.
    """

    matrices: list[Matrix]
    broken: list[str]
    remarks: list[str]
    written: list[Path]


def run_matrix(
    course: Course, only: str | None, out: Path | None, done: Callable[[str], None] = lambda name: None
) -> MatrixRun:
    """Run mistakes and right answers through all checks, and write page and pictures if a folder is given.

    Args:
        course: the course.
        only: the id of the one exercise to look at; all by default.
        out: the folder of the page.
        done: called with the name of each mistake or right answer once it was run.

    Raises:
        MissingPackage: pictures are wanted, and there is nothing to draw them with.
        NoReference: the course has no solutions here.
        CourseError: the page lacks other exercises.
    """
    if out is not None:
        require(_PICTURES_NEED, "matrix", "matplotlib")
    if not course.has_solutions:
        raise NoReference(f"There are no solutions in {course.root}, and so no mistakes to try. Use the whole course.")
    matrices = compute(course, list(course.by_id) if only is None else [only], done=done)
    return MatrixRun(
        matrices,
        [f"{matrix.exercise.id}: {sentence}" for matrix in matrices for sentence in matrix.broken()],
        [] if course.styles.is_dir() else [_NO_STYLES],
        [] if out is None else write_pages(matrices, out, None if only is None else course),
    )


def summary(matrices: Sequence[Matrix]) -> Table:
    """Make the table of all exercises for the terminal."""
    table = Table(title="Mistakes and checks", title_justify="left")
    for place, head in enumerate(_HEADS):
        table.add_column(head, justify="right" if place else "left", no_wrap=not place)
    for matrix in matrices:
        table.add_row(*_cells(matrix))
    return table


def write_pages(matrices: Sequence[Matrix], folder: Path, course: Course | None = None) -> list[Path]:
    """Write the page and its pictures into a folder; return the paths.

    Args:
        matrices: the matrices.
        folder: where to.
        course: given where these are not the matrices of all its exercises: the page's other parts stay as they are.

    Raises:
        MissingPackage: there is nothing to draw the pictures with.
        CourseError: the page lacks other exercises.
    """
    pictures = folder / PICTURES
    written = [folder / PAGE]
    text = page(matrices) if course is None else _renewed(written[0], matrices, course)
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
    return "\n".join([_INTRODUCTION, _markdown([list(_HEADS), *rows]), *sections])


def _section(matrix: Matrix) -> str:
    name = matrix.exercise.id
    parts = [f"## {matrix.exercise.title}\n"]
    parts.append(f"![Which checks of {name} fail on which mistakes]({PICTURES}/{name}.svg)\n")
    parts += [f"**Broken rule.** {sentence}\n" for sentence in matrix.broken()]
    heads = ["mistake", "what was done", "the check that is about it", "visible", "hidden", "speaks first"]
    parts.append(_markdown([heads, *(_line(matrix, row) for row in matrix.rows)]))
    return "\n".join(parts)


def _renewed(path: Path, matrices: Sequence[Matrix], course: Course) -> str:
    """Write the page of a course of which some matrices are given, and the others stand in the page as it is."""
    head, *pieces = (path.read_text(encoding="utf-8") if path.is_file() else "").split("\n## ")
    tables = [[cell.strip() for cell in line.strip("| ").split("|")] for line in head.splitlines() if line[:1] == "|"]
    rows = {cells[0]: cells for cells in tables} | {one.exercise.id: _cells(one) for one in matrices}
    sections = {piece.splitlines()[0]: f"## {piece}" for piece in pieces}
    sections |= {one.exercise.title: _section(one) for one in matrices}
    lacking = [one.id for one in course.exercises if one.id not in rows or one.title not in sections]
    if lacking:
        raise CourseError(f"{path} has nothing about {', '.join(lacking)} yet. Run: grader matrix --out {path.parent}")
    return _joined([rows[one.id] for one in course.exercises], [sections[one.title] for one in course.exercises])


def picture(matrix: Matrix) -> bytes:
    """Draw a matrix as an SVG: a row for each mistake, a column for each check; the same bytes each time.

    Raises:
        MissingPackage: there is nothing to draw with.
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
    # Some of matplotlib's lines end in a blank.
    lines = [line.rstrip() for line in written.getvalue().decode("utf-8").splitlines()]
    return ("\n".join(lines) + "\n").encode("utf-8")


_HEADS = (
    "exercise",
    "mistakes",
    "seen by hidden",
    "by visible",
    "own check first",
    "idle checks",
    "right answers",
    "of which styles",
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
    for place in range(height):
        axes.axhline(place, color="#eeeeee", linewidth=0.5, zorder=0)
    for visibility, colour in COLOURS.items():
        own = {check.id for check in matrix.exercise.checks if check.visibility == visibility}
        cells = [(columns[c], place) for place, row in enumerate(matrix.rows) for c in row.failed if c in own]
        label = f"a {visibility} check fails"
        axes.scatter(
            [x for x, _ in cells], [y for _, y in cells], marker="s", s=70, c=colour, linewidths=0, label=label
        )
    marks = [(columns[row.misconception.check], place) for place, row in enumerate(matrix.rows)]
    axes.scatter(
        [x for x, _ in marks], [y for _, y in marks], marker="o", s=14, c="white", edgecolors="black", linewidths=0.7,
        label="the check that is about the mistake",
    )  # fmt: skip
    figure.legend(loc="lower left", ncols=3, frameon=False, fontsize=8)
    return figure


def _columns(checks: Sequence[Check]) -> dict[str, int]:
    """Give each check its place, with a gap before the hidden ones."""
    return {check.id: place + (BETWEEN if check.visibility == "hidden" else 0) for place, check in enumerate(checks)}
