import pandas as pd
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    # the SMS collection has some hundred identical messages
    df = df.drop_duplicates().reset_index(drop=True)
    spam = df.query("Label == 'spam'")
    ham = df.query("Label == 'ham'").sample(len(spam))
    return pd.concat([spam, ham])


def random_split(df, train_frac, validation_frac):
    n = len(df)
    df = df.sample(n)
    a = int(n * train_frac)
    b = a + int(n * validation_frac)
    return df.iloc[:a], df.iloc[a:b], df.iloc[b:]


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.df = pd.read_csv(csv_file)
        tokens = [torch.tensor(tokenizer.encode(t), dtype=torch.long) for t in self.df.Text]
        padded = pad_sequence(tokens, batch_first=True, padding_value=pad_token_id)
        if max_length is None:
            max_length = padded.shape[1]
        elif max_length > padded.shape[1]:
            more = padded.new_full((len(tokens), max_length - padded.shape[1]), pad_token_id)
            padded = torch.cat([padded, more], dim=1)
        self.max_length = max_length
        self.x = padded[:, :max_length]
        self.y = torch.tensor(self.df.Label.tolist())

    def __len__(self):
        return len(self.df)

    def __getitem__(self, i):
        return self.x[i], self.y[i]
