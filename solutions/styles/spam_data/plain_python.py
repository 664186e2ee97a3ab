"""Rows as Python's own lists; pandas only at the borders, and the file is read with `csv`."""

import csv
import random

import pandas as pd
import torch


def rows_of(df):
    return list(df[["Label", "Text"]].itertuples(index=False, name=None))


def frame_of(rows):
    return pd.DataFrame(rows, columns=["Label", "Text"])


def create_balanced_dataset(df):
    spam, ham = [], []
    for label, text in rows_of(df):
        (spam if label == "spam" else ham).append((label, text))
    random.shuffle(ham)
    return frame_of(ham[:len(spam)] + spam)


def random_split(df, train_frac, validation_frac):
    rows = rows_of(df)
    random.shuffle(rows)
    parts = []
    for size in (int(len(df) * train_frac), int(len(df) * validation_frac), len(df)):
        parts.append(frame_of(rows[:size]))
        rows = rows[size:]
    return tuple(parts)


class SpamDataset(torch.utils.data.Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        with open(csv_file, newline="") as file:
            rows = list(csv.DictReader(file))
        self.items = []
        encoded = [tokenizer.encode(row["Text"]) for row in rows]
        if max_length is None:
            max_length = max(map(len, encoded))
        self.max_length = max_length
        for row, ids in zip(rows, encoded):
            padded = []
            for position in range(max_length):
                padded.append(ids[position] if position < len(ids) else pad_token_id)
            self.items.append((torch.LongTensor(padded), int(row["Label"])))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]
