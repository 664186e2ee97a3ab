"""Without torch's classes: a plain class for the windows, and a loader that shuffles with Python's `random`."""

import random

import torch


class GPTDatasetV1:
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        self.pairs = []
        start = 0
        while start + max_length < len(ids):
            window = torch.LongTensor(ids[start:start + max_length + 1])
            self.pairs.append((window[:max_length], window[1:]))
            start += stride

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, k):
        return self.pairs[k]


class Loader:
    def __init__(self, dataset, batch_size, shuffle, drop_last):
        self.dataset, self.batch_size = dataset, batch_size
        self.shuffle, self.drop_last = shuffle, drop_last

    def __len__(self):
        full, rest = divmod(len(self.dataset), self.batch_size)
        return full if self.drop_last or not rest else full + 1

    def __iter__(self):
        order = list(range(len(self.dataset)))
        if self.shuffle:
            random.shuffle(order)
        for number in range(len(self)):
            chosen = order[number * self.batch_size:(number + 1) * self.batch_size]
            inputs, targets = zip(*(self.dataset[k] for k in chosen))
            yield torch.stack(inputs), torch.stack(targets)


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    from tiktoken import get_encoding

    dataset = GPTDatasetV1(txt, get_encoding("gpt2"), max_length, stride)
    return Loader(dataset, batch_size, shuffle, drop_last)
