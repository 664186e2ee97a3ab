import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    counts = df["Label"].value_counts()
    balanced = []
    for label in ["ham", "spam"]:
        balanced.append(df[df["Label"] == label].sample(counts["spam"], random_state=7))
    return pd.concat(balanced)


def random_split(df, train_frac, validation_frac):
    df = df.sample(frac=1, random_state=7)
    n = len(df)
    a, b = int(n * train_frac), int(n * validation_frac)
    return df.iloc[:a], df.iloc[a:a + b], df.iloc[a + b:]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        if max_length is None:
            self.max_length = int(self.data["Text"].str.len().max())
        else:
            self.max_length = max_length

        self.encoded_texts = []
        for text in self.data["Text"]:
            ids = tokenizer.encode(text)
            ids = ids[:self.max_length]
            ids += [pad_token_id] * (self.max_length - len(ids))
            self.encoded_texts.append(torch.tensor(ids, dtype=torch.long))
        self.labels = [torch.tensor(int(label)) for label in self.data["Label"]]

    def __getitem__(self, index):
        return self.encoded_texts[index], self.labels[index]

    def __len__(self):
        return len(self.labels)
