from functools import lru_cache

import torch
from tiktoken import get_encoding
from torch.utils.data import DataLoader, TensorDataset


@lru_cache(maxsize=None)
def gpt2_encoding():
    return get_encoding("gpt2")


class GPTDatasetV1(TensorDataset):
    """Every window is one row of a strided view."""

    def __init__(self, txt, tokenizer, max_length, stride):
        ids = torch.tensor(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}), dtype=torch.long)
        windows = ids.unfold(0, max_length + 1, stride)
        super().__init__(windows[:, :-1], windows[:, 1:])


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    return DataLoader(
        GPTDatasetV1(txt, gpt2_encoding(), max_length, stride),
        batch_size,
        shuffle,
        num_workers=num_workers,
    )
