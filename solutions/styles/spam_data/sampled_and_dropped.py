"""The rest of a frame is what's left after `drop`; one tensor of ids for all messages, filled row by row."""

import pandas as pd
import torch


def create_balanced_dataset(df):
    spam = df.query("Label == 'spam'")
    ham = df.drop(spam.index).sample(n=len(spam))
    return pd.concat([spam, ham]).sample(frac=1).reset_index(drop=True)


def random_split(df, train_frac, validation_frac):
    train = df.sample(n=int(len(df) * train_frac))
    rest = df.drop(train.index)
    validation = rest.sample(n=int(len(df) * validation_frac))
    return [train, validation, rest.drop(validation.index)]


class SpamDataset(torch.utils.data.Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        frame = pd.read_csv(csv_file)
        encoded = frame["Text"].map(tokenizer.encode)
        self.max_length = max_length or encoded.map(len).max()
        self.ids = torch.full((len(frame), self.max_length), pad_token_id)  # (messages, max_length)
        for row, ids in zip(self.ids, encoded):
            ids = ids[: self.max_length]
            row[: len(ids)] = torch.tensor(ids)
        self.labels = torch.from_numpy(frame["Label"].to_numpy().copy()).long()

    def __len__(self):
        return self.ids.shape[0]

    def __getitem__(self, k):
        return self.ids[k], self.labels[k]
