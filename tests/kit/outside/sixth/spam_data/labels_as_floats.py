import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    num_spam = df[df["Label"] == "spam"].shape[0]
    ham_subset = df[df["Label"] == "ham"].sample(num_spam, random_state=123)
    return pd.concat([ham_subset, df[df["Label"] == "spam"]])


def random_split(df, train_frac, validation_frac):
    df = df.sample(frac=1, random_state=123).reset_index(drop=True)
    train_end = int(len(df) * train_frac)
    validation_end = train_end + int(len(df) * validation_frac)
    return df[:train_end], df[train_end:validation_end], df[validation_end:]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = [tokenizer.encode(text) for text in self.data["Text"]]

        if max_length is None:
            self.max_length = max(len(encoded) for encoded in self.encoded_texts)
        else:
            self.max_length = max_length

        self.encoded_texts = [
            encoded[:self.max_length] + [pad_token_id] * (self.max_length - len(encoded[:self.max_length]))
            for encoded in self.encoded_texts
        ]
        self.labels = torch.tensor(self.data["Label"].tolist(), dtype=torch.float32)

    def __getitem__(self, index):
        return torch.tensor(self.encoded_texts[index]), self.labels[index]

    def __len__(self):
        return len(self.labels)
