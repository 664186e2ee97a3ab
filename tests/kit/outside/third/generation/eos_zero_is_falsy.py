import numpy as np
import torch

rng = np.random.default_rng()


def softmax_np(z):
    z = np.asarray(z, dtype=np.float64)
    z = z - np.max(z)
    e = np.exp(z)
    return e / np.sum(e)


def next_logits(model, idx, context_size):
    with torch.no_grad():
        out = model(idx[:, -context_size:])
    return out[:, -1, :].detach().cpu().numpy()


def append(idx, column):
    column = torch.tensor(column, dtype=idx.dtype, device=idx.device).reshape(-1, 1)
    return torch.hstack([idx, column])


def generate_text_simple(model, idx, max_new_tokens, context_size):
    for _ in range(max_new_tokens):
        idx = append(idx, [int(np.argmax(row)) for row in next_logits(model, idx, context_size)])
    return idx


def softmax_with_temperature(logits, temperature):
    return torch.from_numpy(softmax_np(logits.detach().numpy() / temperature)).to(logits.dtype)


def choose(row, temperature, top_k):
    if temperature == 0:
        return int(np.argmax(row))
    if top_k is None:
        allowed = np.arange(len(row))
    else:
        allowed = np.argsort(row)[-top_k:]
    p = softmax_np(row[allowed] / temperature)
    return int(rng.choice(allowed, p=p))


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    for _ in range(max_new_tokens):
        rows = next_logits(model, idx, context_size)
        chosen = [choose(row, temperature, top_k) for row in rows]
        if eos_id and chosen[0] == eos_id:
            break
        idx = append(idx, chosen)
    return idx


def text_to_token_ids(text, tokenizer):
    ids = np.array(tokenizer.encode(text, allowed_special={"<|endoftext|>"}), dtype=np.int64)
    return torch.from_numpy(ids[np.newaxis, :])


def token_ids_to_text(ids, tokenizer):
    return tokenizer.decode(ids.numpy().reshape(-1).tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    context = model.pos_emb.weight.shape[0]
    ids = text_to_token_ids(start_context, tokenizer).to(device)
    ids = generate_text_simple(model, ids, 50, context)
    print(token_ids_to_text(ids.cpu(), tokenizer).replace("\n", " "))
    model.train()
