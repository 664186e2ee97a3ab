import numpy as np
import pandas as pd
import torch
from torch.utils.data import Dataset

def create_balanced_dataset(df):
    s = df[df.Label == "spam"]
    h = df[df.Label == "ham"].sample(n=len(s))
    return pd.concat([h, s]).reset_index(drop=True)

def random_split(df, train_frac, validation_frac):
    df = df.sample(frac=1)
    i = int(len(df) * train_frac)
    j = int(len(df) * (train_frac + validation_frac))
    return df[:i], df[i:j], df[j:]

class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        d = pd.read_csv(csv_file)
        enc = [tokenizer.encode(t) for t in d.Text]
        L = max_length if max_length else max(len(e) for e in enc)
        self.max_length = L
        self.X = torch.tensor([(e + [pad_token_id] * L)[:L] for e in enc])
        self.y = torch.tensor(np.array(d.Label))
    def __len__(self): return len(self.y)
    def __getitem__(self, i): return self.X[i], self.y[i]
