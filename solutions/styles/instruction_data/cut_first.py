"""Typed, with a dataclass for the rows: items are cut first, but keep one token more, the target of the last input.

The dataset encodes a text whenever it's asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import Dataset

PREAMBLE = "Below is an instruction that describes a task. Write a response that appropriately completes the request."


@dataclass(frozen=True)
class Row:
    inputs: list[int]
    targets: list[int]


def format_input(entry: dict[str, str]) -> str:
    text = PREAMBLE + "\n\n### Instruction:\n" + entry["instruction"]
    return text + "\n\n### Input:\n" + entry["input"] if entry.get("input") else text


class InstructionDataset(Dataset):
    def __init__(self, data: list[dict[str, str]], tokenizer) -> None:
        self.data, self.tokenizer = data, tokenizer

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> list[int]:
        entry = self.data[index]
        return self.tokenizer.encode(f"{format_input(entry)}\n\n### Response:\n{entry['output']}")


def row_of(item: list[int], tokens: int, pad_token_id: int, later: int) -> Row:
    missing = tokens - (len(item) - 1)
    return Row(item[:-1] + [pad_token_id] * missing, item[1:] + [later] * missing)


def rows_of(items: list[list[int]], pad_token_id: int, later: int, device) -> tuple[Tensor, Tensor]:
    tokens = max(len(item) for item in items) - 1
    rows = [row_of(item, tokens, pad_token_id, later) for item in items]
    inputs = torch.tensor([row.inputs for row in rows], device=device)
    return inputs, torch.tensor([row.targets for row in rows], device=device)


def custom_collate_draft_1(batch, pad_token_id: int = 50256, device="cpu") -> Tensor:
    inputs, _ = custom_collate_draft_2(batch, pad_token_id, device)
    return inputs


def custom_collate_draft_2(batch, pad_token_id: int = 50256, device="cpu") -> tuple[Tensor, Tensor]:
    return rows_of([[*item, pad_token_id] for item in batch], pad_token_id, pad_token_id, device)


def custom_collate_fn(
    batch, pad_token_id: int = 50256, ignore_index: int = -100, allowed_max_length: int | None = None, device="cpu"
) -> tuple[Tensor, Tensor]:
    most = None if allowed_max_length is None else allowed_max_length + 1
    items = [[*item, pad_token_id][:most] for item in batch]
    return rows_of(items, pad_token_id, ignore_index, device)
