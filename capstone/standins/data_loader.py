"""A stand-in for `data_loader`: torch cuts all windows at once."""

from typing import Any

import torch
from torch import Tensor
from torch.utils.data import TensorDataset


class GPTDatasetV1(TensorDataset):
    def __init__(self, txt: str, tokenizer: Any, max_length: int, stride: int) -> None:
        ids = torch.tensor(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}))
        inputs, targets = (half.unfold(0, max_length, stride) for half in (ids[:-1], ids[1:]))
        super().__init__(inputs, targets)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        inputs, targets = super().__getitem__(index)
        return inputs, targets
