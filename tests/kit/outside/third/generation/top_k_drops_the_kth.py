"""Generation, written the way I would have in JAX."""
from functools import partial

import torch


def _last_logits(model, ids, window):
    return model(ids[:, max(0, ids.size(1) - window):])[:, -1]


def _greedy(logits):
    return logits.argmax(dim=-1)


def _keep_top(logits, k):
    kth = logits.sort(dim=-1, descending=True).values[..., k - 1:k]
    return logits.masked_fill(logits <= kth, float("-inf"))


def _sample(logits, temperature):
    u = torch.rand(logits.shape, dtype=torch.float64, device=logits.device).clamp_min(1e-300)
    gumbel = -torch.log(-torch.log(u))
    return (logits.double() / temperature + gumbel).argmax(dim=-1)


@torch.no_grad()
def _unroll(model, idx, steps, window, pick, stop=None):
    batch, start = idx.shape
    out = idx.new_empty((batch, start + steps))
    out[:, :start] = idx
    for pos in range(start, start + steps):
        nxt = pick(_last_logits(model, out[:, :pos], window))
        if stop is not None and bool((nxt == stop).all()):
            return out[:, :pos]
        out[:, pos] = nxt
    return out


def generate_text_simple(model, idx, max_new_tokens, context_size):
    return _unroll(model, idx, max_new_tokens, context_size, _greedy)


def softmax_with_temperature(logits, temperature):
    z = logits / temperature
    z = z - z.max()
    e = z.exp()
    return e / e.sum()


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    def pick(logits):
        if temperature == 0.0:
            return _greedy(logits)
        if top_k is not None:
            logits = _keep_top(logits, top_k)
        return _sample(logits, temperature)

    return _unroll(model, idx, max_new_tokens, context_size, pick, stop=eos_id)


def text_to_token_ids(text, tokenizer):
    return torch.as_tensor([tokenizer.encode(text, allowed_special={"<|endoftext|>"})], dtype=torch.long)


def token_ids_to_text(ids, tokenizer):
    return tokenizer.decode(ids[0].tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    write = partial(generate_text_simple, model, max_new_tokens=50, context_size=len(model.pos_emb.weight))
    text = token_ids_to_text(write(text_to_token_ids(start_context, tokenizer).to(device)), tokenizer)
    print(" ".join(text.split("\n")))
    model.train()
