import random

import numpy as np
import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    ham_rows = [i for i, label in enumerate(df["Label"]) if label == "ham"]
    spam_rows = [i for i, label in enumerate(df["Label"]) if label == "spam"]
    chosen = random.sample(ham_rows, len(spam_rows))
    return df.iloc[chosen + spam_rows]


def random_split(df, train_frac, validation_frac):
    rng = np.random.default_rng(123)
    df = df.apply(lambda column: rng.permutation(column.to_numpy()))

    train_end = int(len(df) * train_frac)
    validation_end = train_end + int(len(df) * validation_frac)
    return df.iloc[:train_end], df.iloc[train_end:validation_end], df.iloc[validation_end:]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.tokenizer = tokenizer
        self.pad_token_id = pad_token_id
        if max_length is None:
            max_length = max(len(tokenizer.encode(text)) for text in self.data["Text"])
        self.max_length = max_length

    def __getitem__(self, index):
        text, label = self.data["Text"].iloc[index], self.data["Label"].iloc[index]
        ids = self.tokenizer.encode(text)[:self.max_length]
        ids = ids + [self.pad_token_id] * (self.max_length - len(ids))
        return torch.tensor(ids), torch.tensor(label)

    def __len__(self):
        return len(self.data)
