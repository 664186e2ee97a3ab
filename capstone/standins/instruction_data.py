"""A stand-in for `instruction_data`: the prompt is a list of sections, and torch pads the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

_TASK = "Below is an instruction that describes a task. Write a response that appropriately completes the request."


def format_input(entry: Mapping[str, str]) -> str:
    sections = {"Instruction": entry["instruction"], "Input": entry["input"]}
    return "\n\n".join([_TASK, *(f"### {name}:\n{text}" for name, text in sections.items() if text)])


class InstructionDataset(Dataset[list[int]]):
    def __init__(self, data: Sequence[Mapping[str, str]], tokenizer: Any) -> None:
        self.rows = [tokenizer.encode(f"{format_input(entry)}\n\n### Response:\n{entry['output']}") for entry in data]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> list[int]:
        return list(self.rows[index])


def custom_collate_fn(
    batch: Sequence[Sequence[int]],
    pad_token_id: int = 50256,
    ignore_index: int = -100,
    allowed_max_length: int | None = None,
    device: Any = "cpu",
) -> tuple[Tensor, Tensor]:
    rows = [torch.tensor(row) for row in batch]
    ends = [torch.cat([row[1:], row.new_tensor([pad_token_id])]) for row in rows]
    inputs = pad_sequence(rows, batch_first=True, padding_value=pad_token_id)
    targets = pad_sequence(ends, batch_first=True, padding_value=ignore_index)
    return inputs[:, :allowed_max_length].to(device), targets[:, :allowed_max_length].to(device)
