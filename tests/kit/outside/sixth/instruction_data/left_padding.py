import torch
from torch.utils.data import Dataset

INTRO = ("Below is an instruction that describes a task. "
         "Write a response that appropriately completes the request.")


def format_input(entry):
    s = f"{INTRO}\n\n### Instruction:\n{entry['instruction']}"
    return s + (f"\n\n### Input:\n{entry['input']}" if entry['input'] else "")


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.texts = [f"{format_input(e)}\n\n### Response:\n{e['output']}" for e in data]
        self.ids = [tokenizer.encode(t) for t in self.texts]

    def __getitem__(self, i):
        return self.ids[i]

    def __len__(self):
        return len(self.ids)


def left_pad(batch, pad_token_id):
    longest = max(len(ids) for ids in batch) + 1
    out = []
    for ids in batch:
        ids = ids + [pad_token_id]          # end of text
        out.append([pad_token_id] * (longest - len(ids)) + ids)
    return torch.tensor(out)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return left_pad(batch, pad_token_id)[:, :-1].to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    t = left_pad(batch, pad_token_id).to(device)
    return t[:, :-1], t[:, 1:]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    x, y = custom_collate_draft_2(batch, pad_token_id, device)
    y = y.clone()
    y[:, :-1][y[:, :-1] == pad_token_id] = ignore_index   # the last one is the end token
    if allowed_max_length is not None:
        x, y = x[:, :allowed_max_length], y[:, :allowed_max_length]
    return x, y
