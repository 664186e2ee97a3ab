"""Keeps the ids once, as one tensor, and cuts a window only when it's asked for."""

import torch
from tiktoken import get_encoding
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

ENCODING = get_encoding("gpt2")


class GPTDatasetV1(Dataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        self.ids = torch.tensor(tokenizer.encode(txt, allowed_special="all"))
        self.max_length, self.stride = max_length, stride

    def __len__(self):
        # One window, and one more for each whole stride in what is left.
        return max(0, (len(self.ids) - self.max_length - 1) // self.stride + 1)

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(index)
        start = index * self.stride
        window = self.ids[start : start + self.max_length + 1]
        return window[:-1], window[1:]


def create_dataloader_v1(
    txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0
):
    dataset = GPTDatasetV1(txt=txt, tokenizer=ENCODING, max_length=max_length, stride=stride)
    sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
    batches = BatchSampler(sampler, batch_size, drop_last)
    return DataLoader(dataset, batch_sampler=batches, num_workers=num_workers)
