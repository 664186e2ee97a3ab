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
        self.encoded_texts = [self._encode(entry, tokenizer) for entry in data]

    @staticmethod
    def _encode(entry, tokenizer):
        return tokenizer.encode(f"{format_input(entry)}\n\n### Response:\n{entry['output']}")

    def __getitem__(self, index):
        return self.encoded_texts[index]

    def __len__(self):
        return len(self.data)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    inputs, _ = custom_collate_draft_2(batch, pad_token_id, device)
    return inputs


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    batch_max_length = max(len(item) + 1 for item in batch)
    padded = [item + [pad_token_id] * (batch_max_length - len(item)) for item in batch]
    padded = torch.tensor(padded, device=device)
    return padded[:, :-1].contiguous(), padded[:, 1:].contiguous()


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100,
                      allowed_max_length=None, device="cpu"):
    # Shorten first, so that no work is wasted on tokens that are dropped anyway
    if allowed_max_length is not None:
        batch = [item[:allowed_max_length] for item in batch]

    inputs, targets = custom_collate_draft_2(batch, pad_token_id, device)
    for row, item in zip(targets, batch):
        row[len(item):] = ignore_index
    return inputs, targets
