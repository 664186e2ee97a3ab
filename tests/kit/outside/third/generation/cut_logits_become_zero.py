from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Categorical

END_OF_TEXT = "<|endoftext|>"


@dataclass(frozen=True)
class Sampler:
    temperature: float = 0.0
    top_k: int | None = None

    def __call__(self, logits: Tensor) -> Tensor:
        if self.temperature == 0.0:
            return logits.max(dim=-1).indices
        if self.top_k is not None:
            logits = self.cut(logits)
        return Categorical(logits=logits / self.temperature).sample()

    def cut(self, logits: Tensor) -> Tensor:
        values, places = torch.topk(logits, self.top_k, dim=-1)
        cut = torch.zeros_like(logits)
        return cut.scatter(-1, places, values)


@torch.inference_mode()
def _generate(model, idx, max_new_tokens, context_size, sampler, eos_id):
    pieces = [idx]
    seen = idx
    for _ in range(max_new_tokens):
        seen = seen[:, -context_size:]
        new = sampler(model(seen)[:, -1])
        if eos_id is not None and new.item() == eos_id:
            break
        pieces.append(new[:, None])
        seen = torch.cat([seen, new[:, None]], dim=1)
    return torch.cat(pieces, dim=1)


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    return _generate(model, idx, max_new_tokens, context_size, Sampler(temperature, top_k), eos_id).clone()


def generate_text_simple(model, idx, max_new_tokens, context_size):
    return generate(model, idx, max_new_tokens, context_size)


def softmax_with_temperature(logits: Tensor, temperature: float) -> Tensor:
    return logits.div(temperature).softmax(-1)


def text_to_token_ids(text: str, tokenizer) -> Tensor:
    ids = tokenizer.encode(text, allowed_special={END_OF_TEXT})
    return torch.LongTensor(ids)[None]


def token_ids_to_text(ids: Tensor, tokenizer) -> str:
    return tokenizer.decode(ids.flatten().tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    try:
        ids = text_to_token_ids(start_context, tokenizer).to(device)
        ids = generate_text_simple(model, ids, 50, model.pos_emb.weight.size(0))
        print(token_ids_to_text(ids, tokenizer).replace("\n", " "))
    finally:
        model.train()
