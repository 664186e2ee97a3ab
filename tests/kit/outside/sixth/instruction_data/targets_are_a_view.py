import torch
from torch.utils.data import Dataset


def format_input(entry):
    instruction_text = (
        f"Below is an instruction that describes a task. "
        f"Write a response that appropriately completes the request."
        f"\n\n### Instruction:\n{entry['instruction']}"
    )
    input_text = f"\n\n### Input:\n{entry['input']}" if entry["input"] else ""
    return instruction_text + input_text


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data = data
        self.encoded_texts = []
        for entry in data:
            self.encoded_texts.append(
                tokenizer.encode(format_input(entry) + f"\n\n### Response:\n{entry['output']}"))

    def __getitem__(self, index):
        return self.encoded_texts[index]

    def __len__(self):
        return len(self.data)


def _pad(batch, pad_token_id):
    batch_max_length = max(len(item) + 1 for item in batch)
    rows = []
    for item in batch:
        rows.append(item + [pad_token_id] * (batch_max_length - len(item)))
    return torch.tensor(rows)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return _pad(batch, pad_token_id)[:, :-1].to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    padded = _pad(batch, pad_token_id).to(device)
    return padded[:, :-1], padded[:, 1:]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    padded = _pad(batch, pad_token_id).to(device)
    inputs = padded[:, :-1]
    targets = padded[:, 1:]

    for i, item in enumerate(batch):
        targets[i, len(item):] = ignore_index

    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length]
        targets = targets[:, :allowed_max_length]
    return inputs, targets
