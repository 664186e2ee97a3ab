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
    raise NotImplementedError("Start with the rows whose label is \"spam\", and count them.")


def random_split(
    df: pd.DataFrame, train_frac: float, validation_frac: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Shuffle the rows and deal them out: training, validation, and the rest for the test.

    The first two parts have `int(len(df) * fraction)` rows.
    """
    raise NotImplementedError("Start with all rows in a random order, then work out where each part ends.")


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
        raise NotImplementedError("Start with the rows of the file, and the ids of each text.")

    def __len__(self) -> int:
        """Return the number of messages."""
        raise NotImplementedError("Start with what you stored for each message.")

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the ids and the label of a message."""
        raise NotImplementedError("Start with the ids of this message.")
