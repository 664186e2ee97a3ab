import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    num_spam = len(df[df["Label"] == "spam"])
    ham = df[df["Label"] == "ham"].sample(num_spam, random_state=123)
    return pd.concat([ham, df[df["Label"] == "spam"]])


def random_split(df, train_frac, validation_frac):
    df = df.sample(frac=1, random_state=123).reset_index(drop=True)
    train_end = int(len(df) * train_frac)
    validation_end = train_end + int(len(df) * validation_frac)
    return df[:train_end], df[train_end:validation_end], df[validation_end:]


class SpamDataset(Dataset):
    END_OF_TEXT = 50256

    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = [tokenizer.encode(text) + [self.END_OF_TEXT] for text in self.data["Text"]]
        if max_length is None:
            self.max_length = max(len(encoded) for encoded in self.encoded_texts)
        else:
            self.max_length = max_length
            self.encoded_texts = [encoded[:max_length] for encoded in self.encoded_texts]
        for encoded in self.encoded_texts:
            encoded += [pad_token_id] * (self.max_length - len(encoded))

    def __getitem__(self, index):
        return torch.tensor(self.encoded_texts[index]), torch.tensor(self.data["Label"].iloc[index])

    def __len__(self):
        return len(self.data)
