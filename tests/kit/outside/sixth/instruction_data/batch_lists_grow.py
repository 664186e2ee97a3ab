import torch
from torch.utils.data import Dataset

def format_input(entry):
    p = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
    p += "\n\n### Instruction:\n" + entry["instruction"]
    if entry["input"]: p += "\n\n### Input:\n" + entry["input"]
    return p

class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.enc = []
        for e in data:
            self.enc.append(tokenizer.encode(format_input(e) + "\n\n### Response:\n" + e["output"]))
    def __len__(self): return len(self.enc)
    def __getitem__(self, k): return self.enc[k]

def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return custom_collate_draft_2(batch, pad_token_id, device)[0]

def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    L = max(len(it) for it in batch) + 1
    X, Y = [], []
    for it in batch:
        it += [pad_token_id]
        row = it + (L - len(it)) * [pad_token_id]
        X.append(row[:-1]); Y.append(row[1:])
    return torch.tensor(X).to(device), torch.tensor(Y).to(device)

def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    L = max(len(it) for it in batch) + 1
    X, Y = [], []
    for it in batch:
        it += [pad_token_id]
        X.append(it[:-1] + (L - len(it)) * [pad_token_id])
        Y.append(it[1:] + (L - len(it)) * [ignore_index])
        if allowed_max_length is not None:
            X[-1] = X[-1][:allowed_max_length]; Y[-1] = Y[-1][:allowed_max_length]
    return torch.tensor(X).to(device), torch.tensor(Y).to(device)
