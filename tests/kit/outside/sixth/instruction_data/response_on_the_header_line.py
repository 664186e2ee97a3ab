import torch
from torch.utils.data import Dataset


def format_input(entry):
    text = "Below is an instruction that describes a task. "
    text += "Write a response that appropriately completes the request."
    text += "\n\n### Instruction:\n" + entry["instruction"]
    if entry["input"]:
        text += "\n\n### Input:\n" + entry["input"]
    return text


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data = data
        self.tokenizer = tokenizer

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        entry = self.data[index]
        text = format_input(entry)
        text += "\n\n### Response: " + entry["output"]
        return self.tokenizer.encode(text)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    longest = 0
    for item in batch:
        if len(item) > longest:
            longest = len(item)
    rows = []
    for item in batch:
        row = list(item)
        while len(row) < longest:
            row.append(pad_token_id)
        rows.append(row)
    return torch.tensor(rows).to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    inputs = custom_collate_draft_1(batch, pad_token_id, device)
    end = torch.full((inputs.shape[0], 1), pad_token_id, dtype=inputs.dtype, device=inputs.device)
    targets = torch.cat((inputs[:, 1:], end), dim=1)
    return inputs, targets


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100,
                      allowed_max_length=None, device="cpu"):
    inputs, targets = custom_collate_draft_2(batch, pad_token_id, device)
    for k in range(len(batch)):
        # item k has len - 1 real targets and one end token
        targets[k, len(batch[k]):] = ignore_index
    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length]
        targets = targets[:, :allowed_max_length]
    return inputs, targets
