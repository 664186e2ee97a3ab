import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    spam, ham = (df[df["Label"] == name] for name in ("spam", "ham"))
    return pd.concat([ham.sample(len(spam), random_state=123), spam])


def random_split(df, train_frac, validation_frac):
    df = df.sample(frac=1, random_state=123)
    cuts = [0, int(len(df) * train_frac)]
    cuts.append(cuts[1] + int(len(df) * validation_frac))
    cuts.append(len(df))
    return [df.iloc[a:b] for a, b in zip(cuts, cuts[1:])]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        data = pd.read_csv(csv_file)
        encoded = [tokenizer.encode(text) for text in data["Text"]]
        if max_length is None:
            max_length = max(len(ids) for ids in encoded)
        self.examples = []
        for ids, label in zip(encoded, data["Label"]):
            ids = ids[:max_length] + [pad_token_id] * (max_length - len(ids))
            self.examples.append((torch.tensor(ids), torch.tensor(int(label))))

    def __getitem__(self, index):
        return self.examples[index]

    def __len__(self):
        return len(self.examples)
