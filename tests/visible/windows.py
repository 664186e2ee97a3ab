"""What the checks of `data_loader` share: texts whose ids count up from 0, and what datasets and loaders give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from grader.checks import Handle, Port, expect, expect_any_tensor, expect_equal, expect_parts, expect_tensor, what_came
from grader.learner.encodings import ENCODINGS, END_OF_TEXT

INT64 = torch.int64
PARTS = ("inputs", "targets")
ALPHABET = "abcdefghijklmnopqrstuvwxyz<|>"
"""The letters of a tokenizer that knows `<|endoftext|>`, which has the id after theirs."""
MOST = 60
"""Batches that a pass lists at most; no loader of the checks has as many."""
WAYS = {"in_order", "in_order_with_mixed_rows", "in_any_order_with_mixed_rows", "all_rows"}
"""In which two passes through loaders can be the same."""
Pair = tuple[list[int], list[int]]


def letters(count: int) -> str:
    """Return a text with the ids 0, 1, 2, … of the tokenizer that `dataset_of` passes."""
    return "".join(chr(ord("a") + index) for index in range(count))


def signs(count: int) -> str:
    """Return a text with the ids 0, 1, 2, … in GPT-2's encoding, up to 94 of them."""
    return "".join(chr(ord("!") + index) for index in range(count))


def long_text(tokens: int) -> str:
    """Return a text of this many tokens of GPT-2's encoding in which no two windows are the same."""
    return "".join(signs(94)[(number * number) % 89] for number in range(tokens))


def ids_of(text: str) -> list[int]:
    """Return a text's ids in GPT-2's encoding."""
    return ENCODINGS["gpt2"].encode(text, allowed_special={END_OF_TEXT})


def pairs_of(ids: Sequence[int], max_length: int, stride: int) -> list[Pair]:
    """Return the windows of these ids with their targets."""
    windows = [list(ids[start : start + max_length + 1]) for start in range(0, len(ids) - max_length, stride)]
    return [(window[:-1], window[1:]) for window in windows]


def dataset_of(port: Port, text: str, max_length: int, stride: int) -> Handle:
    """Build a dataset with a tokenizer that gives the letters of the alphabet the ids from 0 on."""
    tokenizer = port.probe("Tokenizer", vocab_size=ord("a"))
    return port.build("GPTDatasetV1", txt=text, tokenizer=tokenizer, max_length=max_length, stride=stride)


def length_of(handle: Handle, what: str = "the dataset") -> int:
    """Return the length that a dataset or a loader says it has."""
    length = handle.call("__len__")
    expect(type(length) is int, got=what_came(length), expected=f"an int as the length of {what}")
    return int(length)


def item_of(dataset: Handle, index: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the input and the targets of an item, two tensors."""
    inputs, targets = expect_parts(dataset.call("__getitem__", index), PARTS, f"item {index}")
    return expect_any_tensor(inputs, "the input"), expect_any_tensor(targets, "the targets")


def all_pairs(dataset: Handle, max_length: int) -> list[Pair]:
    """Return all items of a dataset as lists of ids."""
    items = [item_of(dataset, index) for index in range(length_of(dataset))]
    for parts in items:
        for part in parts:
            expect_tensor(part, (max_length,), part.dtype, "a part of an item")
    return [(inputs.tolist(), targets.tolist()) for inputs, targets in items]


def loader_of(port: Port, text: str, **options: Any) -> Handle:
    """Create a loader for a text."""
    return port.keep("create_dataloader_v1", text, **options)


def batches_of(port: Port, loader: Handle, max_length: int) -> list[list[Pair]]:
    """Go through a loader, and return the pairs of each batch."""
    got = port.probe("items", of=loader, most=MOST).value()
    expect(isinstance(got, list), got=what_came(got), expected="batches")
    batches = []
    for batch in got if isinstance(got, list) else ():
        parts = [expect_any_tensor(part, name) for part, name in zip(expect_parts(batch, PARTS), PARTS, strict=True)]
        rows = len(parts[0]) if parts[0].dim() else 1
        for part, name in zip(parts, PARTS, strict=True):
            expect_tensor(part, (rows, max_length), part.dtype, f"the {name} of a batch")
        batches.append([(row.tolist(), target.tolist()) for row, target in zip(*parts, strict=True)])
    return batches


def pass_of(port: Port, loader: Handle, max_length: int) -> list[Pair]:
    """Go through a loader, and return all pairs in the order in which they come."""
    return [pair for batch in batches_of(port, loader, max_length) for pair in batch]


def same_batches(port: Port, first: Handle, second: Handle) -> dict[str, bool]:
    """Return in which ways two passes are the same: a fact that no seed changes, so that mistakes can be told apart."""
    got = port.probe("same_batches", first=first, second=second, most=MOST).value()
    expect(isinstance(got, dict) and set(got) == WAYS, got=what_came(got), expected="a comparison of two passes")
    return {way: got[way] is not False for way in WAYS}


def expect_each_once(got: list[Pair], expected: list[Pair]) -> None:
    """Fail unless these are all the pairs, in any order, each once."""
    expect_equal(sorted(got), sorted(expected), "the pairs of a pass, sorted")


def expect_end_of_text(port: Port, text: str, max_length: int, stride: int) -> None:
    """Fail unless a dataset of letters with `<|endoftext|>` among them has the right items.

    The tokenizer takes it for one token even if the code doesn't say that it allows that, as the printed book's code.
    """
    tokenizer = port.probe("CharacterTokenizer", alphabet=ALPHABET, lenient=True)
    dataset = port.build("GPTDatasetV1", txt=text, tokenizer=tokenizer, max_length=max_length, stride=stride)
    parts = [[ALPHABET.index(letter) for letter in part] for part in text.split(END_OF_TEXT)]
    ids = parts[0] + [number for part in parts[1:] for number in (len(ALPHABET), *part)]
    expect_equal(all_pairs(dataset, max_length), pairs_of(ids, max_length, stride), "the items")
