"""Encodes a message when it's asked for, and keeps only the frame; masks choose the rows of each part."""

import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    is_spam = (df["Label"] == "spam").to_numpy()
    ham_positions = (~is_spam).nonzero()[0]
    chosen = torch.randperm(len(ham_positions))[: is_spam.sum()].numpy()
    keep = is_spam.copy()
    keep[ham_positions[chosen]] = True
    return df[keep]


def random_split(df, train_frac, validation_frac):
    rank = torch.randperm(len(df)).numpy()  # a position in the shuffled order for each row
    first = int(len(df) * train_frac)
    second = first + int(len(df) * validation_frac)
    return df[rank < first], df[(rank >= first) & (rank < second)], df[rank >= second]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.frame = pd.read_csv(csv_file, dtype={"Label": int, "Text": str})
        self.tokenizer, self.pad = tokenizer, pad_token_id
        self._given = max_length
        self._longest = None

    @property
    def max_length(self):
        if self._given is not None:
            return self._given
        if self._longest is None:
            self._longest = max(len(self.tokenizer.encode(text)) for text in self.frame["Text"])
        return self._longest

    def __len__(self):
        return len(self.frame)

    def __getitem__(self, index):
        text, label = self.frame["Text"].iloc[index], self.frame["Label"].iloc[index]
        ids = (self.tokenizer.encode(text) + self.max_length * [self.pad])[: self.max_length]
        return torch.tensor(ids), label
