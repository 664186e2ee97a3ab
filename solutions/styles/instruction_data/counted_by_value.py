"""One tensor on the device from the start; pad tokens are found by their value and counted along each row."""

import torch
import torch.nn.functional as F

HEAD = """Below is an instruction that describes a task. Write a response that appropriately completes the request.

### Instruction:
{instruction}"""


def format_input(entry):
    template = HEAD + "\n\n### Input:\n{input}" if entry["input"] else HEAD
    return template.format(**entry)


class InstructionDataset(torch.utils.data.Dataset):
    def __init__(self, data, tokenizer):
        self.items = [tokenizer.encode(format_input(e) + "\n\n### Response:\n" + e["output"]) for e in data]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        return self.items[k]


def _padded(batch, pad_token_id, device):
    longest = 1 + max(map(len, batch))
    rows = [F.pad(torch.tensor(item, device=device), (0, longest - len(item)), value=pad_token_id) for item in batch]
    return torch.stack(rows)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return _padded(batch, pad_token_id, device)[:, :-1]


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    padded = _padded(batch, pad_token_id, device)
    return padded[:, :-1], padded[:, 1:]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    inputs, targets = custom_collate_draft_2(batch, pad_token_id, device)
    is_pad = targets == pad_token_id
    number = is_pad.cumsum(dim=1)
    targets = torch.where(is_pad & (number > 1), ignore_index, targets)
    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length].contiguous()
        targets = targets[:, :allowed_max_length].contiguous()
    return inputs, targets
