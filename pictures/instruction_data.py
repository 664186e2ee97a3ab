"""Which of the learner's targets count in the loss."""

from __future__ import annotations

from grader.checks import Port
from grader.pictures import HeatMap, Picture, table
from tests.visible.instructions import COLLATE, IGNORED, PAD, Rows, padded, parts_of

BATCH = [[3, 1, 4, 1, 5], [9, 2], [6, 5, 3]]
ABOUT = (
    f"The targets of the batch {BATCH}. 100 is a target that is a token of the item, 50 is {PAD}, the end token, and 0 "
    f"is {IGNORED}, which the loss leaves out."
)
SHADES = {IGNORED: 0.0, PAD: 0.5}


def pictures(learner: Port) -> list[Picture]:
    """Draw the targets of a small batch, next to the expected ones."""
    _, got = parts_of(learner, COLLATE, BATCH, pad_token_id=PAD, ignore_index=IGNORED)
    _, expected = padded(BATCH, PAD, IGNORED)
    wrong = tuple(
        f"item {number}: got the targets {row}, expected {right}."
        for number, (row, right) in enumerate(zip(got, expected, strict=True))
        if row != right
    )
    panels = (_heat_map("yours", got, expected), _heat_map("expected", expected, expected))
    return [Picture("Targets that count", panels, wrong, ABOUT)]


def _heat_map(title: str, rows: Rows, expected: Rows) -> HeatMap:
    shades = [[SHADES.get(number, 1.0) for number in row] for row in rows]
    marked = frozenset(
        (row, column)
        for row, numbers in enumerate(rows)
        for column, number in enumerate(numbers)
        if column >= len(expected[row]) or number != expected[row][column]
    )
    labels = tuple(f"item {number}" for number in range(len(rows)))
    return HeatMap(title, table(shades), labels, tuple(map(str, range(len(rows[0])))), marked)
