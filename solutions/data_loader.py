"""Cut a text into windows of tokens, pair each with its targets, and hand the pairs out in batches.

Not asked: texts too short for a single window, files, several worker processes.

Book: chapter 2.6
"""

from typing import Any

import tiktoken
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset


class GPTDatasetV1(Dataset[tuple[Tensor, Tensor]]):
    """The windows of a text: item k is the pair of an input and its targets, each `(max_length,)`, int64."""

    def __init__(self, txt: str, tokenizer: Any, max_length: int, stride: int) -> None:
        """Encode the text, and cut it into windows.

        Args:
            txt: the text; `<|endoftext|>` in it is one token.
            tokenizer: an object with `encode(text, allowed_special={...})`, such as an encoding of tiktoken's.
            max_length: tokens in a window.
            stride: tokens from the start of one window to the start of the next.
        """
        ### BEGIN SOLUTION: Start with the ids of the whole text, then work out where windows start.
        ids = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        # A window needs max_length tokens and one more, the last target.
        starts = range(0, len(ids) - max_length, stride)
        self.inputs = [torch.tensor(ids[start : start + max_length]) for start in starts]
        self.targets = [torch.tensor(ids[start + 1 : start + max_length + 1]) for start in starts]
        ### END SOLUTION

    def __len__(self) -> int:
        """Return the number of windows."""
        ### BEGIN SOLUTION: Start with what you stored for each window.
        return len(self.inputs)
        ### END SOLUTION

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the input and the targets of a window."""
        ### BEGIN SOLUTION: Start with the input of this window.
        return self.inputs[index], self.targets[index]
        ### END SOLUTION


def create_dataloader_v1(
    txt: str,
    batch_size: int = 4,
    max_length: int = 256,
    stride: int = 128,
    shuffle: bool = True,
    drop_last: bool = True,
    num_workers: int = 0,
) -> DataLoader[tuple[Tensor, Tensor]]:
    """Return a loader that yields batches `(inputs, targets)` of a text, each `(batch_size, max_length)`.

    The text is encoded with GPT-2's encoding. With `shuffle`, the pairs come in a new order in each pass. With
    `drop_last`, a last batch that would be smaller than the others is left out.
    """
    ### BEGIN SOLUTION: Start with GPT-2's encoding, which tiktoken knows by the name "gpt2".
    tokenizer = tiktoken.get_encoding("gpt2")
    dataset = GPTDatasetV1(txt, tokenizer, max_length, stride)
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=shuffle,
        drop_last=drop_last,
        num_workers=num_workers,
    )
    ### END SOLUTION
