import numpy as np
import torch

def format_input(entry):
    return ("Below is an instruction that describes a task. Write a response that appropriately completes the "
            "request.\n\n### Instruction:\n" + entry["instruction"]
            + ("\n\n### Input:\n" + entry["input"]) * bool(entry["input"]))

class InstructionDataset:
    def __init__(self, data, tokenizer):
        self.rows = [tokenizer.encode(format_input(d) + "\n\n### Response:\n" + d["output"]) for d in data]
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]

def grid(batch, pad):
    n = np.array([len(b) for b in batch])
    a = np.full((len(batch), n.max() + 1), pad, dtype=np.int64)
    a[np.arange(a.shape[1]) < n[:, None]] = np.concatenate([np.asarray(b, dtype=np.int64) for b in batch])
    return a, n

def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    a, _ = grid(batch, pad_token_id)
    return torch.as_tensor(a[:, :-1].copy(), device=device)

def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    a, _ = grid(batch, pad_token_id)
    return torch.as_tensor(a[:, :-1].copy(), device=device), torch.as_tensor(a[:, 1:].copy(), device=device)

def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    a, n = grid(batch, pad_token_id)
    x, y = a[:, :-1], a[:, 1:]
    y = np.where(np.arange(y.shape[1]) >= n[:, None], ignore_index, y)
    s = slice(allowed_max_length)
    return torch.tensor(x[:, s], device=device), torch.tensor(y[:, s], device=device)
