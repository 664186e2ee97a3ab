import torch
from torch.nn.utils.rnn import pad_sequence
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
            text = format_input(entry) + f"\n\n### Response:\n{entry['output']}"
            self.encoded_texts.append(tokenizer.encode(text))

    def __getitem__(self, index):
        return self.encoded_texts[index]

    def __len__(self):
        return len(self.data)


def prepare(batch, pad_token_id):
    # pad_sequence wants the longest sequence first
    batch = sorted(batch, key=len, reverse=True)
    seqs = [torch.tensor(item + [pad_token_id]) for item in batch]
    lengths = [len(s) for s in seqs]
    return pad_sequence(seqs, batch_first=True, padding_value=pad_token_id), lengths


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    padded, _ = prepare(batch, pad_token_id)
    return padded[:, :-1].to(device)


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    padded, _ = prepare(batch, pad_token_id)
    padded = padded.to(device)
    return padded[:, :-1], padded[:, 1:]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100, allowed_max_length=None, device="cpu"):
    padded, lengths = prepare(batch, pad_token_id)
    inputs = padded[:, :-1]
    targets = padded[:, 1:].clone()
    for i, n in enumerate(lengths):
        targets[i, n - 1:] = ignore_index
    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length]
        targets = targets[:, :allowed_max_length]
    return inputs.to(device), targets.to(device)
