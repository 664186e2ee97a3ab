"""What the checks of `spam_data` share: messages, and what frames and datasets of a learner contain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from grader.checks import (
    Handle,
    Port,
    expect,
    expect_any_tensor,
    expect_equal,
    expect_items,
    expect_parts,
    expect_tensor,
    what_came,
)

INT64 = torch.int64
PARTS = ("training", "validation", "test")
ITEM = ("ids", "label")
Row = tuple[str | int, str]


def mixed(ham: int, spam: int) -> list[Row]:
    """Return so many rows of each label, no two the same, with spam here and there among the ham."""
    every = max(1, (ham + spam) // max(1, spam))
    rows: list[Row] = []
    counts = {"spam": 0, "ham": 0}
    for number in range(ham + spam):
        is_spam = counts["ham"] == ham or (counts["spam"] < spam and number % every == every - 1)
        label = "spam" if is_spam else "ham"
        counts[label] += 1
        rows.append((label, f"{'prize' if is_spam else 'lunch'} {counts[label]}"))
    return rows


def labeled(rows: int) -> list[Row]:
    """Return so many different rows with the labels 0 and 1, one row in three with a 1."""
    return [(int(number % 3 == 1), f"message {number}") for number in range(rows)]


def columns_of(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Return the columns of rows."""
    return {"Label": [label for label, _ in rows], "Text": [text for _, text in rows]}


def frame_of(port: Port, rows: Sequence[Row], index: Sequence[int] | None = None) -> Handle:
    """Make a frame of rows."""
    return port.probe("frame", columns=columns_of(rows), index=None if index is None else list(index))


def gaps(rows: int) -> list[int]:
    """Return an index such as a frame has after rows were taken out of it and the rest came into another order."""
    return [2 * (rows - number) + 1 for number in range(rows)]


def balanced(port: Port, frame: Handle, label: str | None = None) -> dict[str, Any]:
    """Balance a frame, and say how the rows with a label (or all) compare with those of the frame."""
    result = port.keep("create_balanced_dataset", frame)
    only = None if label is None else {"Label": label}
    got = port.probe("frame_compared", of=result, whole=frame, only=only).value()
    return _looked_at(got, "the balanced frame")


def split(port: Port, frame: Handle, train_frac: float, validation_frac: float) -> tuple[list[Any], dict[str, Any]]:
    """Split a frame; say how the rows of each part, and of all together, compare with those of the frame."""
    result = port.keep("random_split", frame, train_frac, validation_frac)
    got = port.probe("frame_compared", of=result, whole=frame).value()
    if isinstance(got, tuple | list):
        for part, name in zip(expect_parts(got, PARTS, "the parts"), PARTS, strict=True):
            expect(False, got=f"{what_came(part)} as the {name} part", expected="three frames")
    expect(isinstance(got, dict), got=what_came(got), expected="three frames")
    parts = expect_parts(got.get("parts"), PARTS, "the parts")
    for part, name in zip(parts, PARTS, strict=True):
        _looked_at(part, f"the {name} part")
    return list(parts), _looked_at(got.get("together"), "the three parts together")


def _looked_at(got: Any, what: str) -> dict[str, Any]:
    """Fail unless a frame with the right columns was compared."""
    expect(isinstance(got, dict) and "columns" in got, got=what_came(got), expected=f"a frame as {what}")
    absent = got["columns"]
    expect(absent == [], got=f"{what} without {absent}", expected="the columns Label and Text")
    found: dict[str, Any] = got
    return found


def expect_untouched(port: Port, frame: Handle, rows: Sequence[Row], index: Sequence[int]) -> None:
    """Fail unless a frame that was handed over has the columns, the index and the rows that it was made with."""
    after = port.probe("frame_contents", of=frame).value()
    before = {"columns": ["Label", "Text"], "index": [*index], "rows": [[*row] for row in rows]}
    for part, expected in before.items():
        expect_equal(after[part], expected, f"the {part} of the frame that you got")


def path_of(port: Port, rows: Sequence[Row], name: str = "train.csv") -> Handle:
    """Write rows to a CSV file, and return its path."""
    return port.probe("csv_file", disk=port.probe("Disk"), name=name, columns=columns_of(rows))


def dataset_of(port: Port, rows: Sequence[Row], **options: Any) -> Handle:
    """Build a dataset of rows, whose texts have an id for each letter: 1 for a, 2 for b, and so on."""
    tokenizer = port.probe("Tokenizer", vocab_size=ord("a") - 1)
    return port.build("SpamDataset", csv_file=path_of(port, rows), tokenizer=tokenizer, **options)


def ids_of(text: str) -> list[int]:
    """Return the ids of a text in `dataset_of`."""
    return [ord(letter) % (ord("a") - 1) for letter in text]


def length_of(dataset: Handle) -> int:
    """Return the length that a dataset says it has."""
    length = dataset.call("__len__")
    expect(type(length) is int, got=what_came(length), expected="an int as the length of the dataset")
    return int(length)


def item_of(dataset: Handle, index: int) -> tuple[torch.Tensor, Any]:
    """Return the ids and the label of an item."""
    ids, label = expect_parts(dataset.call("__getitem__", index), ITEM, f"item {index}")
    return expect_any_tensor(ids, f"the ids of item {index}"), label


def contents_of(dataset: Handle) -> list[Any]:
    """Return the length of a dataset and its first two items, whatever their form: other checks look at that."""
    contents: list[Any] = [length_of(dataset)]
    for index in (0, 1):
        parts = expect_parts(dataset.call("__getitem__", index), ITEM, f"item {index}")
        for part, name in zip(parts, ITEM, strict=True):
            if type(part) is list:
                contents.append(expect_items(part, int, f"the {name} of item {index}"))
            else:
                contents.append(part if type(part) is int else expect_any_tensor(part, f"the {name} of item {index}"))
    return contents


def row_of(dataset: Handle, index: int) -> list[int]:
    """Return the ids of an item as a list."""
    ids = item_of(dataset, index)[0]
    expect(ids.dim() == 1, got=f"ids of shape {tuple(ids.shape)}", expected="(max_length,)", where=f"item {index}")
    row: list[int] = ids.tolist()
    return row


def label_of(dataset: Handle, index: int) -> int:
    """Return the label of an item, an int or an int64 tensor with no dimensions."""
    label = item_of(dataset, index)[1]
    if type(label) is int:
        return label
    return int(expect_tensor(label, (), INT64, f"the label of item {index}"))
