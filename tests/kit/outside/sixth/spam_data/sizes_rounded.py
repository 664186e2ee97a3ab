import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    groups = dict(list(df.groupby("Label")))
    ham = groups["ham"].sample(n=len(groups["spam"]), random_state=0)
    return pd.concat([groups["spam"], ham]).sort_index()


def random_split(df, train_frac, validation_frac):
    df = df.reset_index(drop=True)

    train = df.sample(frac=train_frac, random_state=0)
    rest = df.drop(index=train.index)
    validation = rest.sample(n=round(len(df) * validation_frac), random_state=0)
    test = rest.drop(index=validation.index).sample(frac=1, random_state=0)
    return train, validation, test


class SpamDataset(Dataset):
    """Messages as rows of token ids of one length."""

    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.data["ids"] = self.data["Text"].apply(tokenizer.encode)
        if max_length is None:
            max_length = int(self.data["ids"].apply(len).max())
        self.max_length = max_length
        self.data["ids"] = self.data["ids"].apply(
            lambda ids: ids[:max_length] + [pad_token_id] * max(0, max_length - len(ids)))

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        row = self.data.iloc[index]
        return torch.tensor(row["ids"], dtype=torch.int64), torch.tensor(int(row["Label"]), dtype=torch.int64)
