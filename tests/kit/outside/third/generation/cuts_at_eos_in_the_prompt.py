import torch

@torch.no_grad()
def generate(model, idx, max_new_tokens, context_size, temperature=0.0, top_k=None, eos_id=None):
    for _ in range(max_new_tokens):
        z = model(idx[:, -context_size:])[:, -1]
        if top_k: z = z.masked_fill(z < z.topk(top_k).values[:, [-1]], -torch.inf)
        nxt = torch.multinomial((z / temperature).softmax(-1), 1) if temperature else z.argmax(-1, True)
        idx = torch.cat([idx, nxt], 1)
        if eos_id is not None and (nxt == eos_id).any(): break
    if eos_id is not None and eos_id in idx[0]: idx = idx[:, :idx[0].tolist().index(eos_id)]
    return idx

generate_text_simple = lambda model, idx, max_new_tokens, context_size: generate(model, idx, max_new_tokens, context_size)
softmax_with_temperature = lambda logits, temperature: (logits / temperature).softmax(0)
text_to_token_ids = lambda text, tokenizer: torch.tensor([tokenizer.encode(text, allowed_special={"<|endoftext|>"})])
token_ids_to_text = lambda ids, tokenizer: tokenizer.decode(ids[0].tolist())

def generate_and_print_sample(model, tokenizer, device, start_context):
    model.eval()
    ids = generate_text_simple(model, text_to_token_ids(start_context, tokenizer).to(device), 50, model.pos_emb.weight.shape[0])
    print(token_ids_to_text(ids, tokenizer).replace("\n", " "))
    model.train()
