import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    is_spam = df["Label"] == "spam"
    spam_df = df[is_spam]
    ham_df = df[~is_spam].sample(n=is_spam.sum(), random_state=123)
    return pd.concat([ham_df, spam_df])


def random_split(df, train_frac, validation_frac):
    n_train = int(len(df) * train_frac)
    n_validation = int(len(df) * validation_frac)
    n_test = len(df) - n_train - n_validation

    train_df = df.sample(n=n_train, random_state=1)
    validation_df = df.sample(n=n_validation, random_state=2)
    test_df = df.sample(n=n_test, random_state=3)
    return train_df, validation_df, test_df


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        encoded_texts = [tokenizer.encode(text) for text in self.data["Text"]]
        if max_length is None:
            max_length = max([len(x) for x in encoded_texts])
        self.max_length = max_length
        self.inputs = torch.full((len(encoded_texts), max_length), pad_token_id)
        for i, x in enumerate(encoded_texts):
            n = min(len(x), max_length)
            self.inputs[i, :n] = torch.tensor(x[:n])
        self.labels = torch.tensor(self.data["Label"].values.tolist())

    def __getitem__(self, index):
        return self.inputs[index], self.labels[index]

    def __len__(self):
        return self.inputs.shape[0]
