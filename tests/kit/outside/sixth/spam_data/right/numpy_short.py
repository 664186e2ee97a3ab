import numpy as np, pandas as pd, torch

def create_balanced_dataset(df):
    is_spam = df["Label"].to_numpy() == "spam"
    ham = np.random.permutation(np.flatnonzero(~is_spam))[:is_spam.sum()]
    return df.iloc[np.concatenate([np.flatnonzero(is_spam), ham])].reset_index(drop=True)

def random_split(df, train_frac, validation_frac):
    n = len(df)
    a = int(n * train_frac); b = a + int(n * validation_frac)
    return [df.iloc[p] for p in np.split(np.random.permutation(n), [a, b])]

class SpamDataset(torch.utils.data.Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        d = pd.read_csv(csv_file)
        e = [tokenizer.encode(t) for t in d["Text"]]
        self.max_length = L = max(map(len, e)) if max_length is None else max_length
        self.x = torch.tensor([(r + [pad_token_id] * L)[:L] for r in e])
        self.y = torch.tensor(d["Label"].tolist())

    def __len__(self): return len(self.y)
    def __getitem__(self, i): return self.x[i], self.y[i]
