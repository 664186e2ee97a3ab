from __future__ import annotations

import random
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import Dataset


def create_balanced_dataset(df: pd.DataFrame) -> pd.DataFrame:
    """All spam rows and as many ham rows, in the order of the table."""
    spam: list[int] = []
    ham: list[int] = []
    for position, label in enumerate(df["Label"]):
        (spam if label == "spam" else ham).append(position)
    return df.iloc[sorted(spam + random.sample(ham, len(spam)))]


def random_split(df: pd.DataFrame, train_frac: float, validation_frac: float) -> tuple[pd.DataFrame, ...]:
    positions = list(range(len(df)))
    random.shuffle(positions)
    n_train = int(len(df) * train_frac)
    n_validation = int(len(df) * validation_frac)
    parts = (positions[:n_train], positions[n_train:n_train + n_validation], positions[n_train + n_validation:])
    return tuple(df.iloc[part] for part in parts)


class SpamDataset(Dataset):
    """Encodes and pads an example when it is asked for."""

    def __init__(self, csv_file: Any, tokenizer: Any, max_length: int | None = None,
                 pad_token_id: int = 50256) -> None:
        table = pd.read_csv(csv_file)
        self.labels = [int(label) for label in table["Label"]]
        self.texts = list(table["Text"])
        self.encode = tokenizer.encode
        self.pad_token_id = pad_token_id
        self.max_length = max_length if max_length is not None else max(len(self.encode(t)) for t in self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        ids = self.encode(self.texts[index])[: self.max_length]
        row = torch.full((self.max_length,), self.pad_token_id, dtype=torch.int64)
        row[: len(ids)] = torch.tensor(ids, dtype=torch.int64)
        return row, self.labels[index]
