import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    num_spam = (df["Label"] == "spam").sum()
    ham_subset = df[df["Label"] == "ham"].sample(num_spam, random_state=123)
    return pd.concat([ham_subset, df[df["Label"] == "spam"]])


def random_split(df, train_frac, validation_frac):
    n = len(df)
    train_end = int(n * train_frac)
    validation_end = train_end + int(n * validation_frac)

    train_df = df.iloc[:train_end]
    validation_df = df.iloc[train_end:validation_end]
    test_df = df.iloc[validation_end:]

    return (train_df.reset_index(drop=True),
            validation_df.reset_index(drop=True),
            test_df.reset_index(drop=True))


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = []
        for text in self.data["Text"]:
            self.encoded_texts.append(tokenizer.encode(text))

        if max_length is None:
            max_length = 0
            for encoded in self.encoded_texts:
                max_length = max(max_length, len(encoded))
        self.max_length = max_length

        for i in range(len(self.encoded_texts)):
            encoded = self.encoded_texts[i][:max_length]
            while len(encoded) < max_length:
                encoded.append(pad_token_id)
            self.encoded_texts[i] = encoded

    def __getitem__(self, index):
        label = int(self.data["Label"].iloc[index])
        return torch.tensor(self.encoded_texts[index]), label

    def __len__(self):
        return len(self.encoded_texts)
