import math

import numpy as np
import tiktoken
import torch


class GPTDatasetV1:
    def __init__(self, txt, tokenizer, max_length, stride):
        self.ids = np.asarray(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}), dtype=np.int64)
        self.max_length = max_length
        self.starts = np.arange(0, len(self.ids) - max_length, stride)

    def __len__(self):
        return self.starts.size

    def __getitem__(self, k):
        i = self.starts[k]
        chunk = torch.from_numpy(self.ids[i:i + self.max_length + 1].copy())
        return chunk[:-1], chunk[1:]


class Loader:
    def __init__(self, dataset, batch_size, shuffle, drop_last):
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last

    def __len__(self):
        n = len(self.dataset) / self.batch_size
        return math.floor(n) if self.drop_last else math.ceil(n)

    def __iter__(self):
        n = len(self.dataset)
        order = np.arange(n)
        batches = np.random.permutation(len(self)) if self.shuffle else np.arange(len(self))
        for b in batches:
            picked = order[b * self.batch_size:(b + 1) * self.batch_size]
            pairs = [self.dataset[k] for k in picked]
            yield torch.stack([x for x, _ in pairs]), torch.stack([y for _, y in pairs])


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    dataset = GPTDatasetV1(txt, tiktoken.get_encoding("gpt2"), max_length, stride)
    return Loader(dataset, batch_size, shuffle, drop_last)
