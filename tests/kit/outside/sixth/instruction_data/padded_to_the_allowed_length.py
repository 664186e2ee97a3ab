import torch
from torch.utils.data import Dataset


def format_input(entry):
    sections = ["Below is an instruction that describes a task. "
                "Write a response that appropriately completes the request."]
    for heading in ("instruction", "input"):
        if entry[heading]:
            sections.append(f"### {heading.capitalize()}:\n{entry[heading]}")
    return "\n\n".join(sections)


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data = data
        self.ids = [tokenizer.encode(format_input(e) + f"\n\n### Response:\n{e['output']}") for e in data]

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        return self.ids[index]


def collate(batch, pad_token_id, ignore_index, length, device):
    inputs, targets = [], []
    for ids in batch:
        x = ids + [pad_token_id] * max(length - len(ids), 0)
        y = ids[1:] + [pad_token_id] + [ignore_index] * max(length - len(ids), 0)
        inputs.append(x[:length])
        targets.append(y[:length])
    return torch.tensor(inputs).to(device), torch.tensor(targets).to(device)


def longest(batch):
    return max(len(ids) for ids in batch)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return collate(batch, pad_token_id, pad_token_id, longest(batch), device)[0]


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    return collate(batch, pad_token_id, pad_token_id, longest(batch), device)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    length = longest(batch) if allowed_max_length is None else allowed_max_length
    return collate(batch, pad_token_id, ignore_index, length, device)
