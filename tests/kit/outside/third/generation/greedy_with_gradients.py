import torch


def top_k_filter(scores, k):
    threshold = torch.topk(scores, k, dim=-1)[0][:, -1:]
    return torch.where(scores >= threshold, scores, torch.full_like(scores, float("-inf")))


def softmax_with_temperature(logits, temperature):
    return torch.softmax(logits / temperature, dim=-1)


def generate_text_simple(model, idx, max_new_tokens, context_size):
    steps_left = max_new_tokens
    while steps_left > 0:
        scores = model(idx[:, -context_size:])[:, -1, :]
        best = torch.argmax(scores, dim=-1, keepdim=True)
        idx = torch.cat((idx, best), dim=-1)
        steps_left -= 1
    return idx


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    steps_left = max_new_tokens
    while steps_left > 0:
        with torch.no_grad():
            scores = model(idx[:, -context_size:])[:, -1, :]
        if temperature > 0:
            if top_k is not None:
                scores = top_k_filter(scores, top_k)
            chosen = torch.multinomial(softmax_with_temperature(scores, temperature), 1)
        else:
            chosen = torch.argmax(scores, dim=-1, keepdim=True)
        if eos_id is not None and torch.all(chosen == eos_id):
            break
        idx = torch.cat((idx, chosen), dim=-1)
        steps_left -= 1
    return idx


def text_to_token_ids(text, tokenizer):
    return torch.tensor(tokenizer.encode(text, allowed_special={"<|endoftext|>"}), dtype=torch.int64).view(1, -1)


def token_ids_to_text(ids, tokenizer):
    return tokenizer.decode(ids.view(-1).tolist())


def generate_and_print_sample(model, tokenizer, device, start_context):
    prompt = text_to_token_ids(start_context, tokenizer).to(device)
    model.eval()
    ids = generate_text_simple(model, prompt, max_new_tokens=50, context_size=model.pos_emb.weight.shape[0])
    model.train()
    print(token_ids_to_text(ids, tokenizer).replace("\n", " "))
