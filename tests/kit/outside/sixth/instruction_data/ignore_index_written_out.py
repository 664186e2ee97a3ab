import numpy as np
import torch
from torch.utils.data import Dataset


TEMPLATE = """Below is an instruction that describes a task. \
Write a response that appropriately completes the request.

### Instruction:
{instruction}"""


def format_input(entry):
    text = TEMPLATE.format(instruction=entry["instruction"])
    if entry["input"]:
        text += "\n\n### Input:\n{input}".format(input=entry["input"])
    return text


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data = data
        self.encoded = []
        for entry in data:
            self.encoded.append(tokenizer.encode(
                format_input(entry) + "\n\n### Response:\n{output}".format(output=entry["output"])))

    def __getitem__(self, index):
        return self.encoded[index]

    def __len__(self):
        return len(self.encoded)


def to_array(batch, pad_token_id):
    arr = np.full((len(batch), max(len(b) for b in batch) + 1), pad_token_id, dtype=np.int64)
    for i, ids in enumerate(batch):
        arr[i, :len(ids)] = ids
    return arr


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return torch.from_numpy(to_array(batch, pad_token_id)[:, :-1]).to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    arr = to_array(batch, pad_token_id)
    return torch.from_numpy(arr[:, :-1]).to(device), torch.from_numpy(arr[:, 1:]).to(device)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    arr = to_array(batch, pad_token_id)
    x, y = arr[:, :-1].copy(), arr[:, 1:].copy()
    for i, ids in enumerate(batch):
        y[i, len(ids):] = -100
    if allowed_max_length is not None:
        x, y = x[:, :allowed_max_length], y[:, :allowed_max_length]
    return torch.from_numpy(x).to(device), torch.from_numpy(y).to(device)
