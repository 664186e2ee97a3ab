import torch
import torch.nn.functional as F
from torch.utils.data import Dataset


def format_input(entry):
    text = ("Below is an instruction that describes a task. Write a response that appropriately completes"
            " the request.\n\n### Instruction:\n{}").format(entry["instruction"])
    return text if not entry["input"] else text + "\n\n### Input:\n{}".format(entry["input"])


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        super().__init__()
        self.examples = [tokenizer.encode(format_input(d) + "\n\n### Response:\n" + d["output"]) for d in data]

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, idx):
        return self.examples[idx]


def stack_right(batch, value):
    n = max(len(item) for item in batch) + 1
    return torch.stack([F.pad(torch.tensor(item), (0, n - len(item)), value=value) for item in batch])


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return stack_right(batch, pad_token_id)[:, :-1].to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    ids = stack_right(batch, pad_token_id).to(device)
    return ids[:, :-1], ids[:, 1:]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    ids = stack_right(batch, pad_token_id)
    inputs = ids[:, :-1]
    targets = ids[:, 1:].clone()
    # padding must not count in the loss
    targets[targets == pad_token_id] = ignore_index
    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length]
        targets = targets[:, :allowed_max_length]
    return inputs.to(device), targets.to(device)
