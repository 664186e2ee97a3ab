"""Prompts and batches for instruction tuning."""
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset

PROMPT_DICT = {
    "prompt_input": (
        "Below is an instruction that describes a task, paired with an input that provides further context. "
        "Write a response that appropriately completes the request.\n\n"
        "### Instruction:\n{instruction}\n\n### Input:\n{input}"
    ),
    "prompt_no_input": (
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request.\n\n"
        "### Instruction:\n{instruction}"
    ),
}


def format_input(entry):
    if entry.get("input", "") != "":
        return PROMPT_DICT["prompt_input"].format_map(entry)
    return PROMPT_DICT["prompt_no_input"].format_map(entry)


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        sources = [format_input(example) for example in data]
        targets = [example["output"] for example in data]
        self.ids = [tokenizer.encode(s + "\n\n### Response:\n" + t) for s, t in zip(sources, targets)]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return self.ids[i]


def _pad(rows, value):
    return pad_sequence([torch.tensor(r) for r in rows], batch_first=True, padding_value=value)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return _pad(batch, pad_token_id).to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    targets = _pad([ids[1:] + [pad_token_id] for ids in batch], pad_token_id)
    return custom_collate_draft_1(batch, pad_token_id, device), targets.to(device)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    inputs = _pad(batch, pad_token_id)
    targets = _pad([ids[1:] + [pad_token_id] for ids in batch], ignore_index)
    return inputs[:, :allowed_max_length].to(device), targets[:, :allowed_max_length].to(device)
