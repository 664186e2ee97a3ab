import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    num_spam = df["Label"].value_counts()["spam"]
    ham_subset = df[df["Label"] == "ham"].sample(num_spam, random_state=123)
    return pd.concat([ham_subset, df[df["Label"] == "spam"]])


def random_split(df, train_frac, validation_frac):
    n_train = int(len(df) * train_frac)
    n_val = int(len(df) * validation_frac)

    train_df = df.sample(n_train, random_state=123)
    remaining = df[~df["Text"].isin(train_df["Text"])]
    remaining = remaining.sample(frac=1, random_state=123)

    return train_df, remaining[:n_val], remaining[n_val:]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = [tokenizer.encode(text) for text in self.data["Text"]]
        self.max_length = max_length
        if self.max_length is None:
            self.max_length = len(max(self.encoded_texts, key=len))
        padding = [pad_token_id] * self.max_length
        self.encoded_texts = [(ids + padding)[:self.max_length] for ids in self.encoded_texts]

    def __getitem__(self, index):
        return (
            torch.tensor(self.encoded_texts[index], dtype=torch.long),
            torch.tensor(self.data["Label"].iloc[index], dtype=torch.long),
        )

    def __len__(self):
        return len(self.data)
