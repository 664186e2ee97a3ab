"""Draws with torch's distributions, in a class that bundles the settings."""

import dataclasses

import torch
from torch.distributions import Categorical


@dataclasses.dataclass
class Sampler:
    temperature: float = 0.0
    top_k: int | None = None

    def __call__(self, logits):
        if self.top_k is not None:
            smallest = torch.sort(logits, descending=True).values[..., self.top_k - 1].unsqueeze(-1)
            logits = torch.where(logits >= smallest, logits, torch.finfo(logits.dtype).min)
        if self.temperature == 0:
            return logits.max(dim=-1).indices
        return Categorical(probs=softmax_with_temperature(logits, self.temperature)).sample()


def softmax_with_temperature(logits, temperature):
    log_probabilities = torch.log_softmax(logits / temperature, -1)
    return log_probabilities.exp()


@torch.no_grad()
def extend(model, idx, max_new_tokens, context_size, sampler, eos_id=None):
    for _ in range(max_new_tokens):
        token = sampler(model(idx[:, -context_size:])[:, -1])
        if eos_id is not None and len(token) == 1 and int(token) == eos_id:
            return idx
        idx = torch.column_stack((idx, token))
    return idx


def generate_text_simple(model, idx, max_new_tokens, context_size):
    return extend(model, idx, max_new_tokens, context_size, Sampler())


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    return extend(model, idx, max_new_tokens, context_size, Sampler(temperature, top_k), eos_id)


def text_to_token_ids(text, tokenizer):
    return torch.LongTensor([tokenizer.encode(text, allowed_special={"<|endoftext|>"})])


def token_ids_to_text(token_ids, tokenizer):
    return tokenizer.decode([int(i) for i in token_ids[0]])


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    try:
        idx = text_to_token_ids(start_context, tokenizer).to(device)
        idx = generate(model, idx, 50, model.pos_emb.weight.shape[0])
        print(*token_ids_to_text(idx, tokenizer).split("\n"))
    finally:
        model.train()
