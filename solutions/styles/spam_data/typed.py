"""With types and small helpers, as code in a larger project is written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import Dataset


class Encodes(Protocol):
    def encode(self, text: str) -> list[int]: ...


class Split(NamedTuple):
    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def create_balanced_dataset(df: pd.DataFrame) -> pd.DataFrame:
    groups = {label: rows for label, rows in df.groupby("Label")}
    size = len(groups["spam"])
    return pd.concat([rows.sample(size) for rows in groups.values()], ignore_index=True)


def random_split(df: pd.DataFrame, train_frac: float, validation_frac: float) -> Split:
    generator = torch.Generator().manual_seed(42)
    order = torch.randperm(len(df), generator=generator)
    sizes = [int(len(df) * train_frac), int(len(df) * validation_frac)]
    train, validation, test = order.split([*sizes, len(df) - sum(sizes)])
    return Split(*(df.take(part.tolist()) for part in (train, validation, test)))


def fit(ids: list[int], length: int, pad: int) -> list[int]:
    """Cut or fill up to a length."""
    missing = max(0, length - len(ids))
    return [*ids[:length], *[pad] * missing]


class SpamDataset(Dataset):
    def __init__(
        self, csv_file: str | Path, tokenizer: Encodes, max_length: int | None = None, pad_token_id: int = 50256
    ) -> None:
        frame = pd.read_csv(csv_file)
        encoded: list[list[int]] = [tokenizer.encode(text) for text in frame["Text"].tolist()]
        self.max_length = max_length if max_length is not None else max(map(len, encoded))
        self.inputs: Tensor = torch.tensor([fit(ids, self.max_length, pad_token_id) for ids in encoded])
        self.targets: Tensor = torch.as_tensor(frame["Label"].tolist(), dtype=torch.int64)

    def __len__(self) -> int:
        return self.inputs.size(0)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.inputs[index], self.targets[index]
