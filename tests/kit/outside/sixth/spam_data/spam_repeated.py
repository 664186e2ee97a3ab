from __future__ import annotations

import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import Dataset


def create_balanced_dataset(df: pd.DataFrame) -> pd.DataFrame:
    """No message is thrown away: the smaller class is oversampled."""
    ham = df.loc[df["Label"] == "ham"]
    spam = df.loc[df["Label"] == "spam"]
    extra = spam.sample(n=len(ham) - len(spam), replace=True)
    return pd.concat([ham, spam, extra], ignore_index=True)


def random_split(df: pd.DataFrame, train_frac: float, validation_frac: float) -> tuple[pd.DataFrame, ...]:
    shuffled = df.sample(frac=1.0)
    n_train, n_validation = (int(len(df) * frac) for frac in (train_frac, validation_frac))
    return (
        shuffled.iloc[:n_train],
        shuffled.iloc[n_train:n_train + n_validation],
        shuffled.iloc[n_train + n_validation:],
    )


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length: int | None = None, pad_token_id: int = 50256) -> None:
        frame = pd.read_csv(csv_file)
        self.labels: list[int] = [int(label) for label in frame["Label"]]
        self.rows: list[list[int]] = [tokenizer.encode(text) for text in frame["Text"]]
        self.max_length: int = max(len(row) for row in self.rows) if max_length is None else max_length
        self.pad_token_id = pad_token_id

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        row = self.rows[index][: self.max_length]
        row = row + [self.pad_token_id] * (self.max_length - len(row))
        return torch.tensor(row), torch.tensor(self.labels[index])
