"""Probabilities in float32, drawn with NumPy; the loop is written backward from the number of tokens that are left."""

import numpy as np
import torch


def last_logits(model, idx, context_size):
    with torch.set_grad_enabled(False):
        return model(idx[:, -context_size:])[:, -1, :].float()


def generate_text_simple(model, idx, max_new_tokens, context_size):
    if max_new_tokens == 0:
        return idx
    best = last_logits(model, idx, context_size).topk(1).indices
    return generate_text_simple(model, torch.cat([idx, best], dim=1), max_new_tokens - 1, context_size)


def softmax_with_temperature(logits, temperature):
    return torch.softmax(logits.float() / temperature, dim=0).to(logits.dtype)


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    random = np.random.default_rng()
    left = max_new_tokens
    while left > 0:
        left -= 1
        logits = last_logits(model, idx, context_size)
        if top_k:
            ordered = np.sort(logits.numpy(), axis=-1)
            logits = logits.masked_fill(logits < torch.from_numpy(ordered[:, [-top_k]]), -1e9)
        if temperature > 0:
            shares = torch.softmax(logits / temperature, dim=-1).double().numpy()
            chosen = [random.choice(len(row), p=row / row.sum()) for row in shares]
        else:
            chosen = logits.argmax(dim=1).tolist()
        if eos_id is not None and chosen == [eos_id]:
            break
        idx = torch.cat([idx, torch.tensor(chosen).view(-1, 1)], dim=1)
    return idx


def text_to_token_ids(text, tokenizer):
    return torch.from_numpy(np.array([tokenizer.encode(text, allowed_special={"<|endoftext|>"})], dtype=np.int64))


def token_ids_to_text(token_ids, tokenizer):
    return tokenizer.decode(token_ids.numpy()[0].tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    idx = text_to_token_ids(start_context, tokenizer).to(device)
    idx = generate(model, idx, 50, model.pos_emb.weight.shape[0], top_k=1)
    model.train()
    print(token_ids_to_text(idx, tokenizer).replace("\n", " "))
