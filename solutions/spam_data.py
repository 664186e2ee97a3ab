"""Prepare messages for a spam classifier: as much ham as spam, three parts, and ids of one length.

Not asked: downloading the messages, and texts that pandas takes for missing values.

Book: chapters 6.2 and 6.3
"""

from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import Dataset


def create_balanced_dataset(df: pd.DataFrame) -> pd.DataFrame:
    """Keep all spam, and as many ham rows, each at most once.

    Args:
        df: a frame with the columns `Label` ("spam" or "ham") and `Text`. It has at least as much ham as spam.
    """
    ### BEGIN SOLUTION: Start with the rows whose label is "spam", and count them.
    spam = df[df["Label"] == "spam"]
    ham = df[df["Label"] == "ham"].sample(len(spam), random_state=123)
    return pd.concat([ham, spam])
    ### END SOLUTION


def random_split(
    df: pd.DataFrame, train_frac: float, validation_frac: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Shuffle the rows and deal them out: training, validation, and the rest for the test.

    The first two parts have `int(len(df) * fraction)` rows.
    """
    ### BEGIN SOLUTION: Start with all rows in a random order, then work out where each part ends.
    shuffled = df.sample(frac=1, random_state=123)
    train_end = int(len(df) * train_frac)
    validation_end = train_end + int(len(df) * validation_frac)
    return shuffled.iloc[:train_end], shuffled.iloc[train_end:validation_end], shuffled.iloc[validation_end:]
    ### END SOLUTION


class SpamDataset(Dataset[tuple[Tensor, Tensor]]):
    """The messages of a file: item k is `(ids, label)`, int64, where ids are `(max_length,)`.

    Attributes:
        max_length: the number of ids in each item.
    """

    def __init__(self, csv_file: str, tokenizer: Any, max_length: int | None = None, pad_token_id: int = 50256) -> None:
        """Read the messages, encode them, and bring them all to one length.

        Args:
            csv_file: a file with the columns `Label` (0 or 1) and `Text`.
            tokenizer: an object with `encode(text)`, such as an encoding of tiktoken's.
            max_length: the length; if it's None, that of the longest message, counted in ids.
            pad_token_id: the id that fills up shorter messages, on the right.
        """
        ### BEGIN SOLUTION: Start with the rows of the file, and the ids of each text.
        data = pd.read_csv(csv_file)
        encoded = [tokenizer.encode(text) for text in data["Text"]]
        self.max_length = max(len(ids) for ids in encoded) if max_length is None else max_length
        self.rows = []
        for ids in encoded:
            kept = ids[: self.max_length]
            self.rows.append(torch.tensor(kept + [pad_token_id] * (self.max_length - len(kept))))
        self.labels = torch.tensor(data["Label"].tolist())
        ### END SOLUTION

    def __len__(self) -> int:
        """Return the number of messages."""
        ### BEGIN SOLUTION: Start with what you stored for each message.
        return len(self.rows)
        ### END SOLUTION

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the ids and the label of a message."""
        ### BEGIN SOLUTION: Start with the ids of this message.
        return self.rows[index], self.labels[index]
        ### END SOLUTION
