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
            response_text = f"\n\n### Response:\n{entry['output']}"
            self.encoded_texts.append(tokenizer.encode(format_input(entry) + response_text))

    def __getitem__(self, index):
        return self.encoded_texts[index]

    def __len__(self):
        return len(self.data)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    batch_max_length = max(len(item) + 1 for item in batch)
    inputs_lst, targets_lst = [], []
    for item in batch:
        n_pad = batch_max_length - len(item) - 1
        inputs = item + [pad_token_id] * n_pad
        targets = item[1:] + [pad_token_id] + [ignore_index] * n_pad
        if allowed_max_length is not None:
            inputs, targets = inputs[:allowed_max_length], targets[:allowed_max_length]
        inputs_lst.append(inputs)
        targets_lst.append(targets)
    return torch.tensor(inputs_lst, device=device), torch.tensor(targets_lst, device=device)


# the drafts are special cases of the final version

def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    inputs, _ = custom_collate_fn(batch, pad_token_id=pad_token_id, device=device)
    return inputs


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    return custom_collate_fn(batch, pad_token_id=pad_token_id, device=device)
