import torch
from torch.utils.data import Dataset


def format_input(entry):
    prompt = (
        "Below is an instruction that describes a task. "
        "Write a response that appropriately completes the request."
        "\n\n### Instruction:\n"
    )
    prompt = prompt + entry["instruction"]
    if len(entry["input"]) > 0:
        prompt = prompt + "\n\n### Input:\n" + entry["input"]
    return prompt


class InstructionDataset(Dataset):
    def __init__(self, data, tokenizer):
        self.data = data
        self.encoded_texts = []
        for entry in data:
            full_text = format_input(entry) + "\n\n### Response:\n" + entry["output"]
            self.encoded_texts.append(tokenizer.encode(full_text))

    def __getitem__(self, index):
        return self.encoded_texts[index]

    def __len__(self):
        return len(self.data)


def custom_collate_draft_1(batch, pad_token_id=50256, device="cpu"):
    # Find the longest sequence in the batch
    batch_max_length = max(len(item) + 1 for item in batch)

    inputs_lst = []
    for item in batch:
        padded = item + [pad_token_id]
        padded = padded + [pad_token_id] * (batch_max_length - len(padded))
        inputs_lst.append(torch.tensor(padded))

    inputs_tensor = torch.stack(inputs_lst).to(device)
    return inputs_tensor


def custom_collate_draft_2(batch, pad_token_id=50256, device="cpu"):
    padded = custom_collate_draft_1(batch, pad_token_id, device)
    return padded[:, :-1], padded[:, 1:]


def custom_collate_fn(batch, pad_token_id=50256, ignore_index=-100,
                      allowed_max_length=None, device="cpu"):
    inputs, targets = custom_collate_draft_2(batch, pad_token_id, device)
    inputs = inputs.clone()
    targets = targets.clone()

    for i in range(targets.shape[0]):
        seen = False
        for j in range(targets.shape[1]):
            if targets[i, j] == pad_token_id:
                if seen:
                    targets[i, j] = ignore_index
                seen = True

    if allowed_max_length is not None:
        inputs = inputs[:, :allowed_max_length]
        targets = targets[:, :allowed_max_length]
    return inputs, targets
