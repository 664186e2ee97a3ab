from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

EOT = 50256


def format_input(entry: dict[str, Any]) -> str:
    parts = [
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request.",
        f"### Instruction:\n{entry['instruction']}",
    ]
    if entry["input"]:
        parts.append(f"### Input:\n{entry['input']}")
    return "\n\n".join(parts)


class InstructionDataset(Dataset):
    def __init__(self, data: list[dict[str, Any]], tokenizer) -> None:
        self.items: list[list[int]] = []
        for entry in data:
            text = "\n\n".join([format_input(entry), f"### Response:\n{entry['output']}"])
            self.items.append(tokenizer.encode(text) + [EOT])

    def __getitem__(self, index: int) -> list[int]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)


def _padded(batch: list[list[int]], pad_token_id: int) -> Tensor:
    rows = torch.full((len(batch), max(len(item) for item in batch) + 1), pad_token_id)
    for row, item in zip(rows, batch):
        row[: len(item)] = torch.tensor(item)
    return rows


def custom_collate_draft_1(batch, pad_token_id: int = 50256, device="cpu") -> Tensor:
    return _padded(batch, pad_token_id)[:, :-1].to(device)


def custom_collate_draft_2(batch, pad_token_id: int = 50256, device="cpu") -> tuple[Tensor, Tensor]:
    rows = _padded(batch, pad_token_id).to(device)
    return rows[:, :-1], rows[:, 1:]


def custom_collate_fn(batch, pad_token_id: int = 50256, ignore_index: int = -100,
                      allowed_max_length: int | None = None, device="cpu") -> tuple[Tensor, Tensor]:
    rows = _padded(batch, pad_token_id)
    inputs, targets = rows[:, :-1], rows[:, 1:]
    is_pad = targets == pad_token_id
    targets = targets.masked_fill(is_pad & (is_pad.cumsum(dim=1) > 1), ignore_index)
    return inputs[:, :allowed_max_length].to(device), targets[:, :allowed_max_length].to(device)
