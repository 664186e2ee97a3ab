"""Turn instructions and their answers into training texts, and texts of different lengths into batches.

Not asked: loaders, how answers are generated, items that contain the pad token themselves.

Book: chapters 7.2 and 7.3
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

Batch = Sequence[list[int]]
Device = torch.device | str
PREAMBLE = "Below is an instruction that describes a task. Write a response that appropriately completes the request."


def format_input(entry: Mapping[str, str]) -> str:
    """Return the prompt of an entry with the keys `instruction` and `input`, without a line break at its end.

    It consists of `PREAMBLE`, two line breaks, and

        ### Instruction:
        Name a bird that can't fly.

    If the input isn't empty, two more line breaks follow, and

        ### Input:
        Choose from: hen, kiwi, owl.
    """
    raise NotImplementedError("Start with what every prompt has, and decide then whether there is more.")


class InstructionDataset(Dataset[list[int]]):
    """Item k: the ids of entry k's prompt, two line breaks, `### Response:`, a line break, and its output."""

    def __init__(self, data: Sequence[Mapping[str, str]], tokenizer: Any) -> None:
        """Encode entries with the keys `instruction`, `input` and `output`; `tokenizer.encode(text)` returns ids."""
        raise NotImplementedError("Start with the whole text of each entry, and then encode it.")

    def __len__(self) -> int:
        """Return the number of entries."""
        raise NotImplementedError("Start with what you stored for each entry.")

    def __getitem__(self, index: int) -> list[int]:
        """Return the ids of an entry's text, as a list."""
        raise NotImplementedError("Start with what you stored for each entry.")


def custom_collate_draft_1(batch: Batch, pad_token_id: int = 50256, device: Device = "cpu") -> Tensor:
    """Return the inputs `(batch, longest)`: each item, with pad tokens behind it up to the length of the longest."""
    raise NotImplementedError("Start with the length of the longest item.")


def custom_collate_draft_2(batch: Batch, pad_token_id: int = 50256, device: Device = "cpu") -> tuple[Tensor, Tensor]:
    """Return inputs and targets, each `(batch, longest)`. After an item's last token comes `pad_token_id`, its end."""
    raise NotImplementedError("Start with rows of the same length, in which each item has an end token.")


def custom_collate_fn(
    batch: Batch,
    pad_token_id: int = 50256,
    ignore_index: int = -100,
    allowed_max_length: int | None = None,
    device: Device = "cpu",
) -> tuple[Tensor, Tensor]:
    """Return inputs and targets as in draft 2, but ignore padding, and cut both to `allowed_max_length` if it's given.

    In the targets, each pad token but an item's first, its end token, becomes `ignore_index`.
    """
    raise NotImplementedError("Start with the second draft, and find out where each item's end token is.")
