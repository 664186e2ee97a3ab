import pandas as pd
import torch
from torch.utils.data import Dataset


def create_balanced_dataset(df):
    """All spam messages and as many ham messages."""
    spam = df[df["Label"] == "spam"]
    ham = df[df["Label"] == "ham"].sample(n=spam.shape[0], random_state=123)
    return pd.concat([ham, spam])


def random_split(df, train_frac, validation_frac):
    """Shuffles the rows and cuts them into training, validation and test data."""
    shuffled = df.sample(frac=1, random_state=123)
    num_train = int(shuffled.shape[0] * train_frac)
    num_validation = int(shuffled.shape[0] * validation_frac)
    train = shuffled.iloc[:num_train]
    validation = shuffled.iloc[num_train:num_train + num_validation]
    test = shuffled.iloc[num_train + num_validation:]
    return train, validation, test


class SpamDataset(Dataset):
    def __init__(self, csv_file, tokenizer, max_length=None, pad_token_id=50256):
        self.data = pd.read_csv(csv_file)
        self.encoded_texts = [tokenizer.encode(text) for text in self.data["Text"]]

        # more padding than needed would only cost time
        longest = max(len(encoded) for encoded in self.encoded_texts)
        if max_length is None:
            self.max_length = longest
        else:
            self.max_length = min(max_length, longest)

        for i, encoded in enumerate(self.encoded_texts):
            encoded = encoded[:self.max_length]
            self.encoded_texts[i] = encoded + [pad_token_id] * (self.max_length - len(encoded))

    def __getitem__(self, index):
        encoded = torch.tensor(self.encoded_texts[index], dtype=torch.long)
        label = torch.tensor(self.data.iloc[index]["Label"], dtype=torch.long)
        return encoded, label

    def __len__(self):
        return len(self.data)
