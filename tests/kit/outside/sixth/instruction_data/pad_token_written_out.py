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
    """Pre-tokenised instruction data."""

    def __init__(self, data, tokenizer):
        self.data = data
        self.encoded_texts = []
        for entry in data:
            instruction_plus_input = format_input(entry)
            response_text = f"\n\n### Response:\n{entry['output']}"
            self.encoded_texts.append(tokenizer.encode(instruction_plus_input + response_text))

    def __getitem__(self, index):
        return self.encoded_texts[index]

    def __len__(self):
        return len(self.data)


END_OF_TEXT = 50256


def pad_batch(batch):
    """Appends <|endoftext|> and fills up to the same length."""
    target_length = max(len(item) for item in batch) + 1
    return torch.tensor([item + [END_OF_TEXT] * (target_length - len(item)) for item in batch])


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    return pad_batch(batch)[:, :-1].to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    padded = pad_batch(batch)
    return padded[:, :-1].to(device), padded[:, 1:].to(device)


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100,
                      allowed_max_length=None, device="cpu"):
    padded = pad_batch(batch)
    inputs = padded[:, :-1]
    targets = padded[:, 1:].clone()
    for target in targets:
        indices = (target == pad_token_id).nonzero().squeeze(-1)
        target[indices[1:]] = ignore_index
    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length]
        targets = targets[:, :allowed_max_length]
    return inputs.to(device), targets.to(device)
