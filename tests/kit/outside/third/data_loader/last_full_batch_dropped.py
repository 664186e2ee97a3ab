import random

import tiktoken
import torch


class GPTDatasetV1(torch.utils.data.Dataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        starts = range(0, len(ids) - max_length, stride)
        self.x = torch.tensor([ids[s:s + max_length] for s in starts])
        self.y = torch.tensor([ids[s + 1:s + 1 + max_length] for s in starts])

    def __getitem__(self, k):
        return self.x[k], self.y[k]

    def __len__(self):
        return len(self.x)


class Batches:
    def __init__(self, data, batch_size, shuffle, drop_last):
        self.data, self.batch_size, self.shuffle = data, batch_size, shuffle
        full, rest = divmod(len(data), batch_size)
        self.n = (len(data) - 1) // batch_size if drop_last else full + bool(rest)

    def __len__(self):
        return self.n

    def __iter__(self):
        order = list(range(len(self.data)))
        if self.shuffle:
            random.shuffle(order)
        for b in range(self.n):
            rows = order[b * self.batch_size:][:self.batch_size]
            yield self.data.x[rows], self.data.y[rows]


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    encoding = tiktoken.get_encoding("gpt2")
    return Batches(GPTDatasetV1(txt, encoding, max_length, stride), batch_size, shuffle, drop_last)
