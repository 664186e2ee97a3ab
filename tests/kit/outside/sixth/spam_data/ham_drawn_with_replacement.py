import numpy as np
import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    spam = df[df["Label"] == "spam"]
    ham = df[df["Label"] == "ham"]
    rows = np.random.choice(len(ham), size=len(spam))
    return pd.concat([ham.iloc[rows], spam])


def random_split(df, train_frac, validation_frac):
    order = np.random.permutation(len(df))
    n_train = int(len(df) * train_frac)
    n_val = int(len(df) * validation_frac)
    parts = np.split(order, [n_train, n_train + n_val])
    return tuple(df.iloc[part] for part in parts)


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        df = pd.read_csv(csv_file)
        encoded = [tokenizer.encode(text) for text in df["Text"]]
        self.max_length = max_length if max_length is not None else max(map(len, encoded))
        ids = np.full((len(df), self.max_length), pad_token_id, dtype=np.int64)
        for row, e in zip(ids, encoded):
            e = e[:self.max_length]
            row[:len(e)] = e
        self.ids = torch.from_numpy(ids)
        self.labels = torch.from_numpy(df["Label"].to_numpy(dtype=np.int64).copy())

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        return self.ids[index], self.labels[index]
