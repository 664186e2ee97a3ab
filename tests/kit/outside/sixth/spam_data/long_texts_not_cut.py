import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    spam = df[df["Label"].eq("spam")]
    ham = df[df["Label"].eq("ham")]
    return pd.concat([spam, ham.sample(len(spam))])


def random_split(df, train_frac, validation_frac):
    df = df.sample(frac=1)
    n_train = int(len(df) * train_frac)
    n_val = int(len(df) * validation_frac)
    return df.head(n_train), df.iloc[n_train:].head(n_val), df.iloc[n_train + n_val:]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = [tokenizer.encode(text) for text in self.data["Text"]]
        self.max_length = max_length if max_length is not None else max(map(len, self.encoded_texts))

        # Pad all sequences to max_length
        for encoded_text in self.encoded_texts:
            encoded_text.extend([pad_token_id] * (self.max_length - len(encoded_text)))

    def __getitem__(self, index):
        return torch.tensor(self.encoded_texts[index]), torch.tensor(int(self.data["Label"].iloc[index]))

    def __len__(self):
        return len(self.data)
