import torch
import torch.nn.functional as F


# greedy decoding
def generate_text_simple(model, idx, max_new_tokens, context_size):
    result = idx
    for i in range(max_new_tokens):
        n_tokens = result.shape[1]
        if n_tokens > context_size:
            inp = result[:, n_tokens - context_size:]
        else:
            inp = result
        with torch.no_grad():
            out = model(inp)
        last = out[:, -1]
        next_token = last.argmax(dim=1)
        next_token = next_token.unsqueeze(1)
        result = torch.cat([result, next_token], dim=1)
    return result


def softmax_with_temperature(logits, temperature):
    scaled = logits / temperature
    exps = torch.exp(scaled - torch.max(scaled))
    return exps / torch.sum(exps)


def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    result = idx
    for i in range(max_new_tokens):
        n_tokens = result.shape[1]
        if n_tokens > context_size:
            inp = result[:, :context_size]
        else:
            inp = result
        with torch.no_grad():
            out = model(inp)
        last = out[:, -1]

        new_tokens = []
        for row in last:
            if temperature == 0.0:
                token = torch.argmax(row)
            else:
                if top_k is not None:
                    biggest, positions = torch.topk(row, top_k)
                    probs = F.softmax(biggest / temperature, dim=0)
                    choice = torch.multinomial(probs, 1)
                    token = positions[choice[0]]
                else:
                    probs = F.softmax(row / temperature, dim=0)
                    token = torch.multinomial(probs, 1)[0]
            new_tokens.append(token)
        next_token = torch.stack(new_tokens)

        # stop at end of text
        if eos_id is not None:
            if next_token[0] == eos_id:
                break

        result = torch.cat([result, next_token.unsqueeze(1)], dim=1)
    return result


def text_to_token_ids(text, tokenizer):
    ids = tokenizer.encode(text, allowed_special={"<|endoftext|>"})
    ids = torch.tensor(ids)
    ids = ids.unsqueeze(0)  # batch dimension
    return ids


def token_ids_to_text(ids, tokenizer):
    ids = ids[0]
    ids = ids.tolist()
    text = tokenizer.decode(ids)
    return text


def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    context_size = model.pos_emb.weight.shape[0]
    ids = text_to_token_ids(start_context, tokenizer)
    ids = ids.to(device)
    ids = generate_text_simple(model, ids, 50, context_size)
    text = token_ids_to_text(ids, tokenizer)
    text = text.replace("\n", " ")
    print(text)
    model.train()
