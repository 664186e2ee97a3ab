from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

PREAMBLE = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request."
)


def format_input(entry: dict[str, str]) -> str:
    sections = [PREAMBLE, "### Instruction:\n" + entry["instruction"]]
    if entry["input"]:
        sections.append("### Input:\n" + entry["input"])
    return "\n\n".join(sections)


class InstructionDataset(Dataset):
    """Encodes when asked and remembers nothing."""

    def __init__(self, data, tokenizer) -> None:
        self.data = data
        self.tokenizer = tokenizer

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> list[int]:
        entry = self.data[index]
        return self.tokenizer.encode("\n\n".join([format_input(entry), "### Response:\n" + entry["output"]]))


def _padded(rows, value: int) -> Tensor:
    return pad_sequence([torch.as_tensor(row) for row in rows], batch_first=True, padding_value=value)


def _shifted(batch, pad_token_id: int) -> list[list[int]]:
    return [[*item[1:], pad_token_id] for item in batch]


def custom_collate_draft_1(batch, pad_token_id: int = 50256, device="cpu") -> Tensor:
    # the end token of the longest item would be dropped again, so the items are enough
    return _padded(batch, pad_token_id).to(device)


def custom_collate_draft_2(batch, pad_token_id: int = 50256, device="cpu") -> tuple[Tensor, Tensor]:
    return (_padded(batch, pad_token_id).to(device),
            _padded(_shifted(batch, pad_token_id), pad_token_id).to(device))


def custom_collate_fn(batch, pad_token_id: int = 50256, ignore_index: int = -100,
                      allowed_max_length: int | None = None, device="cpu") -> tuple[Tensor, Tensor]:
    inputs = _padded(batch, pad_token_id)
    targets = _padded(_shifted(batch, pad_token_id), ignore_index)
    return inputs[:, :allowed_max_length].to(device), targets[:, :allowed_max_length].to(device)
