"""Plain Python inside: each row is a list of ids, and a random number finds its place among the probabilities."""

import math
import random

import torch


def scores_of(model, ids, context_size):
    with torch.no_grad():
        return model(torch.tensor([ids[-context_size:]]))[0, -1].tolist()


def generate_text_simple(model, idx, max_new_tokens, context_size):
    rows = idx.tolist()
    for ids in rows:
        for _ in range(max_new_tokens):
            scores = scores_of(model, ids, context_size)
            ids.append(scores.index(max(scores)))
    return torch.tensor(rows)


def probabilities_of(scores, temperature):
    highest = max(scores)
    powers = [math.exp((score - highest) / temperature) for score in scores]
    return [power / sum(powers) for power in powers]


def softmax_with_temperature(logits, temperature):
    return torch.tensor(probabilities_of(logits.tolist(), temperature), dtype=logits.dtype)


def draw(probabilities):
    number = random.random()
    for token, probability in enumerate(probabilities):
        number -= probability
        if number < 0:
            return token
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    rows = idx.tolist()
    for ids in rows:
        for _ in range(max_new_tokens):
            scores = scores_of(model, ids, context_size)
            ranked = sorted(range(len(scores)), key=lambda token: -scores[token])[:top_k]
            token = ranked[0]
            if temperature > 0:
                token = ranked[draw(probabilities_of([scores[i] for i in ranked], temperature))]
            if token == eos_id:
                break
            ids.append(token)
    return torch.tensor(rows)


def text_to_token_ids(text, tokenizer):
    ids = tokenizer.encode(text, allowed_special={"<|endoftext|>"})
    return torch.tensor(ids).reshape(1, len(ids))


def token_ids_to_text(token_ids, tokenizer):
    return "".join(tokenizer.decode([i]) for i in token_ids.reshape(-1).tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    prompt = text_to_token_ids(start_context, tokenizer)
    whole = generate_text_simple(model, prompt, 50, model.pos_emb.num_embeddings)
    print("".join(" " if character == "\n" else character for character in token_ids_to_text(whole, tokenizer)))
    model.train()
