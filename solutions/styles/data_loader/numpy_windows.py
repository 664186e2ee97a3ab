"""NumPy cuts the windows, and a collate function makes tensors of a whole batch."""

import numpy as np
import torch
from tiktoken.registry import get_encoding
from torch.utils.data import DataLoader, Dataset


class GPTDatasetV1(Dataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = np.array(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}), dtype=np.int64)
        self.windows = np.lib.stride_tricks.sliding_window_view(ids, max_length + 1)[::stride]

    def __len__(self):
        return self.windows.shape[0]

    def __getitem__(self, i):
        window = torch.from_numpy(self.windows[i].copy())
        return [window[:-1], window[1:]]


def pairs_of(batch):
    return tuple(torch.stack(part) for part in zip(*batch))


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    generator = torch.Generator()
    generator.manual_seed(123)
    return DataLoader(
        GPTDatasetV1(txt, get_encoding("gpt2"), max_length, stride), batch_size, shuffle=shuffle,
        drop_last=drop_last, num_workers=num_workers, collate_fn=pairs_of, generator=generator,
    )
