"""Plain Python and NumPy: `zip_longest` fills up columns, and a loop goes along each row of targets."""

from itertools import zip_longest

import numpy as np
import torch


def format_input(entry):
    prompt = "Below is an instruction that describes a task. "
    prompt += "Write a response that appropriately completes the request."
    for title, key in (("Instruction", "instruction"), ("Input", "input")):
        if entry[key]:
            prompt += f"\n\n### {title}:\n{entry[key]}"
    return prompt


class InstructionDataset:
    def __init__(self, data, tokenizer):
        self.ids = {}
        for number, entry in enumerate(data):
            self.ids[number] = tokenizer.encode("".join((format_input(entry), "\n\n### Response:\n", entry["output"])))

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, number):
        return self.ids[number]


def rows_of(batch, pad_token_id):
    """Return the rows of items with their end token, all of the same length."""
    ended = [(*item, pad_token_id) for item in batch]
    return [list(row) for row in zip(*zip_longest(*ended, fillvalue=pad_token_id))]


def to_tensor(rows, device):
    return torch.from_numpy(np.array(rows, dtype=np.int64)).to(device)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return to_tensor([row[:-1] for row in rows_of(batch, pad_token_id)], device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    rows = rows_of(batch, pad_token_id)
    return to_tensor([row[:-1] for row in rows], device), to_tensor([row[1:] for row in rows], device)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    inputs, targets = [], []
    for row in rows_of(batch, pad_token_id):
        target, ended = [], False
        for token in row[1:]:
            target.append(ignore_index if ended else token)
            ended = ended or token == pad_token_id
        inputs.append(row[:-1][:allowed_max_length])
        targets.append(target[:allowed_max_length])
    return to_tensor(inputs, device), to_tensor(targets, device)
