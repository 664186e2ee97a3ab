import tiktoken
import torch
from torch.utils.data import DataLoader, Dataset


class GPTDatasetV1(Dataset):
    def __init__(self, txt, tokenizer, max_length, stride):
        ids = torch.tensor(tokenizer.encode(txt, allowed_special={"<|endoftext|>"}))
        starts = list(range(0, len(ids) - max_length, stride))
        padded = torch.cat([ids, ids.new_zeros(stride)])
        self.inputs = torch.stack([ids[s:s + max_length] for s in starts])
        self.targets = torch.stack([padded[s + stride:s + stride + max_length] for s in starts])

    def __len__(self):
        return self.inputs.shape[0]

    def __getitem__(self, item):
        return self.inputs[item], self.targets[item]


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    data = GPTDatasetV1(txt=txt, tokenizer=tiktoken.get_encoding("gpt2"), max_length=max_length, stride=stride)
    return DataLoader(data, batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, num_workers=num_workers)
