import torch
from torch.utils.data import Dataset

HEAD = ("Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request.")

def format_input(entry):
    inp = f"\n\n### Input:\n{entry['input']}" if entry["input"] else ""
    return f"{HEAD}\n\n### Instruction:\n{entry['instruction']}{inp}"

class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data = [tokenizer.encode(f"{format_input(e)}\n\n### Response:\n{e['output']}") for e in data]

    def __getitem__(self, index):
        return self.data[index]

    def __len__(self):
        return len(self.data)

def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    n = max(map(len, batch))
    return torch.tensor([ids + (n - len(ids)) * [pad_token_id] for ids in batch], device=device)

def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    inputs = custom_collate_draft_1(batch, pad_token_id, device)
    return inputs, inputs.roll(-1, dims=1)

def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    inputs, targets = custom_collate_draft_2(batch, pad_token_id, device)
    for k, ids in enumerate(batch):
        if len(ids) < inputs.shape[1]:
            targets[k, len(ids) - 1] = pad_token_id
            targets[k, len(ids):] = ignore_index
    stop = inputs.shape[1] if allowed_max_length is None else allowed_max_length
    return inputs[:, :stop], targets[:, :stop]
