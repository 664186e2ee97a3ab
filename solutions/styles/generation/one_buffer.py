"""One function does it all: it writes into a tensor that is large enough from the start."""

import torch


@torch.inference_mode()
def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    batch, length = idx.shape
    text = idx.new_empty(batch, length + max_new_tokens)
    text[:, :length] = idx
    for end in range(length, length + max_new_tokens):
        logits = model(text[:, max(0, end - context_size) : end])[:, -1]
        text[:, end] = pick(logits, temperature, top_k)
        if eos_id is not None and batch == 1 and text[0, end].item() == eos_id:
            return text[:, :end].clone()
    return text


def pick(logits, temperature, top_k):
    vocab = logits.shape[-1]
    kept = logits.topk(vocab if top_k is None else min(top_k, vocab))
    if not temperature:
        return kept.indices[:, 0]
    drawn = torch.multinomial(softmax_with_temperature(kept.values, temperature), 1)
    return kept.indices.gather(1, drawn).squeeze(1)


def generate_text_simple(model, idx, max_new_tokens, context_size):
    return generate(model, idx, max_new_tokens, context_size)


def softmax_with_temperature(logits, temperature):
    return (logits / temperature).softmax(-1)


def text_to_token_ids(text, tokenizer):
    return torch.as_tensor([tokenizer.encode(text, allowed_special="all")])


def token_ids_to_text(token_ids, tokenizer):
    return tokenizer.decode(token_ids.flatten().tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    prompt = text_to_token_ids(start_context, tokenizer).to(device)
    text = generate(model.eval(), prompt, 50, model.pos_emb.weight.size(0))
    print(" ".join(token_ids_to_text(text, tokenizer).splitlines()))
    model.train()
