"""What the checks of `instruction_data` share: entries, their texts, batches, and what the functions make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from grader.checks import (
    CheckFailure,
    Handle,
    Port,
    expect,
    expect_any_tensor,
    expect_items,
    expect_on_another_device,
    expect_parts,
    what_came,
)

PAD, IGNORED = 50256, -100
"""The defaults. Checks pass them all the same if they aren't about them."""
DRAFT_1, DRAFT_2, COLLATE = "custom_collate_draft_1", "custom_collate_draft_2", "custom_collate_fn"
PARTS = ("inputs", "targets")
PREAMBLE = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
Entry = dict[str, str]
Rows = list[list[int]]


def entry_of(instruction: str, extra: str = "", output: str = "") -> Entry:
    """Make an entry; `extra` is its input."""
    return {"instruction": instruction, "input": extra, "output": output}


def prompt_of(entry: Entry) -> str:
    """Return the prompt that an entry should have."""
    extra = f"\n\n### Input:\n{entry['input']}" if entry["input"] else ""
    return f"{PREAMBLE}\n\n### Instruction:\n{entry['instruction']}{extra}"


def text_of(entry: Entry) -> str:
    """Return the text that should be encoded for an entry."""
    return f"{prompt_of(entry)}\n\n### Response:\n{entry['output']}"


def dataset_of(port: Port, data: Sequence[Entry]) -> Handle:
    """Build a dataset with a tokenizer whose ids are the numbers of the characters."""
    return port.build("InstructionDataset", data=list(data), tokenizer=port.probe("Tokenizer", vocab_size=256))


def length_of(dataset: Handle) -> int:
    """Return the length that a dataset says it has."""
    length = dataset.call("__len__")
    expect(type(length) is int, got=what_came(length), expected="an int as the length of the dataset")
    return int(length)


def item_of(dataset: Handle, index: int) -> str:
    """Return an item of a dataset as a text; `<n>` stands for an id that isn't a character's."""
    ids = expect_items(dataset.call("__getitem__", index), int, f"item {index}")
    return "".join(chr(number) if number in range(256) else f"<{number}>" for number in ids)


def batch_of(lengths: Sequence[int], seed: int) -> Rows:
    """Draw a batch of items of these lengths, with ids from 1 to 99."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(1, 100, (length,), generator=generator).tolist() for length in lengths]


def rows_in(got: Any, count: int, what: str) -> Rows:
    """Return the rows of a tensor of whole numbers that has so many; its dtype and the rows' length are left open."""
    tensor = expect_any_tensor(got, what)
    whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool)
    dtype = str(tensor.dtype).removeprefix("torch.")
    expect(whole, got=f"{what} as {dtype}", expected="whole numbers, such as int64")
    shape = tuple(tensor.shape)
    fits = len(shape) == 2 and shape[0] == count
    expect(fits, got=f"{what} of shape {shape}", expected=f"({count}, tokens): a row for each item")
    return [[int(number) for number in row] for row in tensor.tolist()]


def inputs_of(port: Port, batch: Rows, **options: Any) -> Rows:
    """Return what the first draft makes of a batch."""
    return rows_in(port.call(DRAFT_1, batch, **options), len(batch), "the inputs")


def parts_of(port: Port, name: str, batch: Rows, **options: Any) -> tuple[Rows, Rows]:
    """Return the inputs and targets that one of the other functions makes of a batch."""
    parts = expect_parts(port.call(name, batch, **options), PARTS)
    inputs, targets = (rows_in(part, len(batch), f"the {what}") for part, what in zip(parts, PARTS, strict=True))
    return inputs, targets


def padded(batch: Rows, pad: int = PAD, ignored: int | None = None, most: int | None = None) -> tuple[Rows, Rows]:
    """Return the inputs and targets that a batch should become; without `ignored`, padding stays in the targets."""
    longest = max(map(len, batch))
    later = pad if ignored is None else ignored
    inputs = [item + [pad] * (longest - len(item)) for item in batch]
    targets = [[*item[1:], pad] + [later] * (longest - len(item)) for item in batch]
    return [row[:most] for row in inputs], [row[:most] for row in targets]


def expect_tensors_on_another_device(port: Port, batch: Rows) -> None:
    """Fail unless all three functions put everything that they return on the device that is given."""

    def made(name: str) -> Handle:
        return port.keep(name, batch, pad_token_id=PAD, device=port.probe("another_device"))

    def part_of(name: str, index: int) -> Callable[[], Handle]:
        return lambda: made(name).keep("__getitem__", index)

    results = {f"what `{DRAFT_1}` returns": lambda: made(DRAFT_1)}
    for name in (DRAFT_2, COLLATE):
        results |= {f"the tensor of {part} from `{name}`": part_of(name, index) for index, part in enumerate(PARTS)}
    for what, make in results.items():
        try:
            expect_on_another_device(port, make, what)
        except CheckFailure as failure:
            failure.cause = replace(failure.cause, expected="it is on meta, the device that is given")
            raise
