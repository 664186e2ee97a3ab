import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    num_spam = df[df["Label"] == "spam"].shape[0]
    ham_subset = df[df["Label"] == "ham"].sample(num_spam, random_state=42)
    return pd.concat([ham_subset, df[df["Label"] == "spam"]], axis=0)


def random_split(df, train_frac, validation_frac):
    test_frac = 1 - train_frac - validation_frac
    df = df.sample(frac=1, random_state=42).reset_index(drop=True)

    splits = []
    start = 0
    for frac in (train_frac, validation_frac, test_frac):
        size = int(len(df) * frac)
        splits.append(df.iloc[start:start + size])
        start += size

    return tuple(splits)


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = [tokenizer.encode(text) for text in self.data["Text"]]
        self.max_length = max_length or max(len(e) for e in self.encoded_texts)
        self.encoded_texts = [self._fit(e, pad_token_id) for e in self.encoded_texts]

    def _fit(self, encoded, pad_token_id):
        if len(encoded) >= self.max_length:
            return encoded[:self.max_length]
        return encoded + [pad_token_id] * (self.max_length - len(encoded))

    def __getitem__(self, index):
        x = torch.tensor(self.encoded_texts[index], dtype=torch.long)
        y = torch.tensor(self.data["Label"][index], dtype=torch.long)
        return x, y

    def __len__(self):
        return len(self.data)
