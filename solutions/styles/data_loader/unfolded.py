"""All windows at once with `unfold`, as views of one tensor; a `TensorDataset` does the rest."""

import tiktoken as tt
import torch
from torch.utils.data import DataLoader, TensorDataset


class GPTDatasetV1(TensorDataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = torch.as_tensor(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}), dtype=torch.long)
        windows = ids.unfold(0, max_length + 1, stride)  # (windows, max_length + 1)
        super().__init__(windows[:, :-1], windows[:, 1:])


def create_dataloader_v1(txt, *sizes, shuffle=True, drop_last=True, num_workers=0, **named):
    settings = dict(zip(("batch_size", "max_length", "stride"), (4, 256, 128)))
    settings.update(zip(settings, sizes))
    settings.update(named)
    dataset = GPTDatasetV1(txt, tt.get_encoding("gpt2"), settings["max_length"], settings["stride"])
    return DataLoader(dataset, settings["batch_size"], shuffle, drop_last=drop_last, num_workers=num_workers)
