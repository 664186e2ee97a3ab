"""Which positions of the learner's items are message, and which are padding."""

from __future__ import annotations

from grader.checks import Port
from grader.pictures import HeatMap, Picture, table
from tests.visible.messages import Row, dataset_of, ids_of, length_of, row_of

MESSAGES: list[Row] = [(0, "ok"), (1, "prize"), (0, "lunch"), (1, "freeentry"), (0, "a")]
GIVEN, PADDING = 6, 0
MESSAGE, PADDED = 1.0, 0.3
ABOUT = "Each row is an item. 100: the id of the letter at this position of the message. 30: padding. 0: another id."


def pictures(learner: Port) -> list[Picture]:
    """Draw the items with a given length, and with that of the longest message."""
    return [_items(learner, f"Items with max_length={GIVEN}", GIVEN), _items(learner, "Items without max_length", None)]


def _items(learner: Port, title: str, given: int | None) -> Picture:
    options = {} if given is None else {"max_length": given}
    dataset = dataset_of(learner, MESSAGES, pad_token_id=PADDING, **options)
    got = [row_of(dataset, index) for index in range(min(length_of(dataset), len(MESSAGES)))]
    length = max(len(text) for _, text in MESSAGES) if given is None else given
    expected = [(ids_of(text) + [PADDING] * length)[:length] for _, text in MESSAGES]
    width = max([length, *map(len, got)])
    panels = (_panel("yours", got, expected, width), _panel("expected", expected, expected, width))
    return Picture(title, panels, _problems(got, expected), ABOUT)


def _panel(title: str, rows: list[list[int]], expected: list[list[int]], width: int) -> HeatMap:
    shares, marked = [], set()
    for number, row in enumerate(rows):
        text = ids_of(MESSAGES[number][1])
        shares.append([_share(row, text, position) for position in range(width)])
        marked |= {(number, p) for p in range(width) if row[p : p + 1] != expected[number][p : p + 1]}
    labels = tuple(text for _, text in MESSAGES[: len(rows)])
    return HeatMap(title, table(shares), labels, tuple(map(str, range(width))), frozenset(marked))


def _share(row: list[int], text: list[int], position: int) -> float:
    if position >= len(row):
        return 0.0
    if position < len(text) and row[position] == text[position]:
        return MESSAGE
    return PADDED if row[position] == PADDING else 0.0


def _problems(got: list[list[int]], expected: list[list[int]]) -> tuple[str, ...]:
    if len(got) != len(expected):
        return (f"got {len(got)} items, expected {len(expected)}.",)
    for number, (row, right) in enumerate(zip(got, expected, strict=True)):
        if len(row) != len(right):
            return (f"item {number} has {len(row)} ids, expected {len(right)}.",)
        if row != right:
            position = next(p for p, (a, b) in enumerate(zip(row, right, strict=True)) if a != b)
            return (f"item {number}, position {position}: got {row[position]}, expected {right[position]}.",)
    return ()
