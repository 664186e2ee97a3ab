from __future__ import annotations

from typing import Sequence

import tiktoken as tk
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

SPECIALS = {"<|endoftext|>"}


class GPTDatasetV1(Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, txt: str, tokenizer, max_length: int, stride: int) -> None:
        self.token_ids: list[int] = tokenizer.encode(txt, allowed_special=SPECIALS)
        self.max_length = max_length
        self.offsets: Sequence[int] = range(0, len(self.token_ids) - max_length + 1, stride)

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self._cut(self.offsets[index]), self._cut(self.offsets[index] + 1)

    def _cut(self, start: int) -> Tensor:
        return torch.tensor(self.token_ids[start:start + self.max_length], dtype=torch.int64)


def collate(pairs: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    inputs, targets = zip(*pairs)
    return torch.stack(inputs), torch.stack(targets)


def create_dataloader_v1(
    txt: str,
    batch_size: int = 4,
    max_length: int = 256,
    stride: int = 128,
    shuffle: bool = True,
    drop_last: bool = True,
    num_workers: int = 0,
) -> DataLoader:
    dataset = GPTDatasetV1(txt, tk.get_encoding("gpt2"), max_length, stride)
    sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    batches = BatchSampler(sampler, batch_size, drop_last)
    return DataLoader(dataset, batch_sampler=batches, num_workers=num_workers, collate_fn=collate)
