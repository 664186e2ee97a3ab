"""With torch's `pad_sequence`: the targets get their end token first, and are padded with what is to be ignored."""

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset


def format_input(entry):
    parts = [
        "Below is an instruction that describes a task. Write a response that appropriately completes the request.",
        "### Instruction:\n" + entry["instruction"],
    ]
    if entry["input"] != "":
        parts.append("### Input:\n" + entry["input"])
    return "\n\n".join(parts)


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.encoded = []
        for entry in data:
            text = "\n\n".join([format_input(entry), "### Response:\n" + entry["output"]])
            self.encoded.append(tokenizer.encode(text, allowed_special={"<|endoftext|>"}))

    def __len__(self):
        return len(self.encoded)

    def __getitem__(self, index):
        return self.encoded[index]


def _collate(batch, pad_token_id, target_padding, device):
    inputs = [torch.tensor(item) for item in batch]
    targets = [torch.tensor(item[1:] + [pad_token_id]) for item in batch]
    return (
        pad_sequence(inputs, batch_first=True, padding_value=pad_token_id).to(device),
        pad_sequence(targets, batch_first=True, padding_value=target_padding).to(device),
    )


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return _collate(batch, pad_token_id, pad_token_id, device)[0]


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    return _collate(batch, pad_token_id, pad_token_id, device)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    inputs, targets = _collate(batch, pad_token_id, ignore_index, device)
    return inputs[:, :allowed_max_length], targets[:, :allowed_max_length]
