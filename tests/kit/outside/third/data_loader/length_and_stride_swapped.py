import tiktoken
import torch
from torch.utils.data import DataLoader
from torch.utils.data import Dataset


class GPTDatasetV1(Dataset):
    # cuts the text into overlapping pieces
    def __init__(self, txt, tokenizer, max_length, stride):
        super().__init__()
        tokens = tokenizer.encode(txt, allowed_special={"<|endoftext|>"})
        self.pairs = []
        pos = 0
        while pos + max_length < len(tokens):
            x = []
            y = []
            for j in range(max_length):
                x.append(tokens[pos + j])
                y.append(tokens[pos + j + 1])
            self.pairs.append((torch.tensor(x), torch.tensor(y)))
            pos = pos + stride

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, idx):
        pair = self.pairs[idx]
        return pair[0], pair[1]


def create_dataloader_v1(txt, batch_size=4, max_length=256, stride=128, shuffle=True, drop_last=True, num_workers=0):
    tokenizer = tiktoken.get_encoding("gpt2")
    dataset = GPTDatasetV1(txt, tokenizer, stride, max_length)
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, num_workers=num_workers)
    return loader
