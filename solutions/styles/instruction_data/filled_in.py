"""Tables full of padding are made first, and each item is written into its row; the result is a list of two."""

import torch
from torch.utils.data import Dataset


def format_input(entry):
    lines = ["Below is an instruction that describes a task. "
             "Write a response that appropriately completes the request."]
    lines += ["", "### Instruction:", entry["instruction"]]
    if len(entry["input"]) > 0:
        lines += ["", "### Input:", entry["input"]]
    return "\n".join(lines)


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.encoded_texts = []
        for entry in data:
            full_text = "\n".join([format_input(entry), "", "### Response:", entry["output"]])
            self.encoded_texts.append(tokenizer.encode(full_text))

    def __len__(self):
        return len(self.encoded_texts)

    def __getitem__(self, i):
        return list(self.encoded_texts[i])


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    longest = max([len(item) for item in batch])
    inputs = torch.full((len(batch), longest), pad_token_id, dtype=torch.long)
    for i, item in enumerate(batch):
        inputs[i, :len(item)] = torch.tensor(item)
    return inputs.to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    inputs = custom_collate_draft_1(batch, pad_token_id)
    targets = torch.full_like(inputs, pad_token_id)
    targets[:, :-1] = inputs[:, 1:]
    return [inputs.to(device), targets.to(device)]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    inputs = custom_collate_draft_1(batch, pad_token_id)
    targets = torch.full_like(inputs, ignore_index)
    for i, item in enumerate(batch):
        targets[i, :len(item) - 1] = torch.tensor(item[1:])
        targets[i, len(item) - 1] = pad_token_id
    if allowed_max_length is not None and allowed_max_length < inputs.shape[1]:
        inputs, targets = inputs[:, :allowed_max_length], targets[:, :allowed_max_length]
    return [inputs.to(device), targets.to(device)]
