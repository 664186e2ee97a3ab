import pandas as pd
import torch
import torch.nn.functional as F
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    spam_rows = df[df["Label"] == "spam"]
    ham_rows = df[df["Label"] == "ham"]
    ham_rows = ham_rows.iloc[torch.randperm(len(ham_rows))[:len(spam_rows)].tolist()]
    return pd.concat([ham_rows, spam_rows])


def random_split(df, train_frac, validation_frac):
    order = torch.randperm(len(df)).tolist()
    n_train = int(len(df) * train_frac)
    n_val = int(len(df) * validation_frac)
    return (df.iloc[order[:n_train]],
            df.iloc[order[n_train:n_train + n_val]],
            df.iloc[order[n_train + n_val:]])


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.tokens = [torch.tensor(tokenizer.encode(text), dtype=torch.long) for text in self.data["Text"]]
        self.max_length = max(t.numel() for t in self.tokens) if max_length is None else max_length
        # F.pad cuts where the number is negative
        self.tokens = [F.pad(t, (0, self.max_length - t.numel())) for t in self.tokens]

    def __len__(self):
        return len(self.tokens)

    def __getitem__(self, index):
        return self.tokens[index], torch.tensor(self.data["Label"].iloc[index], dtype=torch.long)
