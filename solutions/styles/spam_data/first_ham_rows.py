"""The first ham rows of each group, positions drawn with NumPy, and a `TensorDataset` made by `pad_sequence`."""

import numpy as np
import pandas as pd
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import TensorDataset


def create_balanced_dataset(df):
    smallest = df["Label"].value_counts()["spam"]
    return df.groupby("Label").head(smallest)


def random_split(df, train_frac, validation_frac):
    order = np.random.default_rng(1).permutation(len(df))
    ends = np.cumsum([int(len(df) * train_frac), int(len(df) * validation_frac)])
    return tuple(df.iloc[part] for part in np.split(order, ends))


class SpamDataset(TensorDataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        data = pd.read_csv(csv_file)
        texts = [torch.tensor(tokenizer.encode(text)[:max_length]) for text in data.Text]
        ids = pad_sequence(texts, batch_first=True, padding_value=pad_token_id)
        self.max_length = ids.size(1) if max_length is None else max_length
        ids = torch.nn.functional.pad(ids, (0, self.max_length - ids.size(1)), value=pad_token_id)
        super().__init__(ids, torch.tensor(data.Label.values.astype(np.int64)))
