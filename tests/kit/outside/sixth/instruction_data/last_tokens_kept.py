import torch
from torch.utils.data import Dataset


def format_input(entry):
    instruction_text = (
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request."
        "\n\n### Instruction:\n" + entry["instruction"]
    )
    if entry["input"] == "":
        return instruction_text
    return instruction_text + "\n\n### Input:\n" + entry["input"]


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data, self.tokenizer = data, tokenizer

    def __getitem__(self, index):
        entry = self.data[index]
        return self.tokenizer.encode(
            "".join((format_input(entry), "\n\n### Response:\n", entry["output"])))

    def __len__(self):
        return len(self.data)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    n = max(len(item) for item in batch)
    inputs = torch.full((len(batch), n), pad_token_id, dtype=torch.long, device=device)
    for i, item in enumerate(batch):
        inputs[i, :len(item)] = torch.tensor(item, device=device)
    return inputs


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    inputs = custom_collate_draft_1(batch, pad_token_id, device)
    targets = torch.full_like(inputs, pad_token_id)
    targets[:, :-1] = inputs[:, 1:]
    return inputs, targets


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100,
                      allowed_max_length=None, device="cpu"):
    inputs, targets = custom_collate_draft_2(batch, pad_token_id, device)
    lengths = torch.tensor([len(item) for item in batch], device=inputs.device)
    position = torch.arange(inputs.shape[1], device=inputs.device)
    targets = torch.where(position[None, :] >= lengths[:, None], ignore_index, targets)
    if allowed_max_length is not None:
        # the response is at the end, so that is what must not be lost
        inputs = inputs[:, -allowed_max_length:]
        targets = targets[:, -allowed_max_length:]
    return inputs, targets
