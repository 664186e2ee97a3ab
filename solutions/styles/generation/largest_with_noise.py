"""Draws by adding noise to the logits and taking the largest; the text grows by a generator's tokens."""

import torch
from torch.nn import functional as F


def next_tokens(model, idx, context_size, choose):
    window = idx
    while True:
        window = window[:, -context_size:]
        with torch.no_grad():
            following = choose(model(window)[:, -1, :])
        yield following
        window = torch.cat((window, following), 1)


def largest(logits):
    return logits.argmax(-1, keepdim=True)


def generate_text_simple(model, idx, max_new_tokens, context_size):
    tokens = next_tokens(model, idx, context_size, largest)
    return torch.hstack([idx, *(next(tokens) for _ in range(max_new_tokens))])


def softmax_with_temperature(logits, temperature):
    powers = ((logits - logits.max()) / temperature).exp()
    return powers / powers.sum()


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    def choose(logits):
        if top_k is not None:
            cut = torch.full_like(logits, float("-inf"))
            kept = logits.topk(top_k, dim=-1)
            logits = cut.scatter(-1, kept.indices, kept.values)
        # The largest of logits plus Gumbel noise is a draw from their softmax.
        noise = -torch.empty_like(logits).exponential_().log()
        return largest(logits + temperature * noise if temperature else logits)

    new = []
    for token in next_tokens(model, idx, context_size, choose):
        if len(new) == max_new_tokens or (eos_id is not None and torch.all(token == eos_id)):
            break
        new.append(token)
    return torch.cat([idx, *new], dim=-1)


def text_to_token_ids(text, tokenizer):
    return torch.tensor(tokenizer.encode(text, allowed_special={"<|endoftext|>"}), dtype=torch.long)[None, :]


def token_ids_to_text(token_ids, tokenizer):
    (ids,) = token_ids.tolist()
    return tokenizer.decode(ids)


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.train(False)
    ids = generate_text_simple(
        model, text_to_token_ids(start_context, tokenizer).to(device), 50, len(model.pos_emb.weight)
    )
    print(token_ids_to_text(F.pad(ids, (0, 0)), tokenizer).replace("\n", " "), end="\n\n")
    model.train(True)
