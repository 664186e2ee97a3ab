import torch
from torch import nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


def attention(q, k, v, q_pos, k_pos, drop):
    scores = torch.einsum("bihd,bjhd->bhij", q, k) * q.shape[-1] ** -0.5
    future = k_pos[None, :] > q_pos[:, None]
    scores = torch.where(future, torch.finfo(scores.dtype).min, scores)
    return torch.einsum("bhij,bjhd->bihd", drop(scores.softmax(-1)), v)


def extend(past, k, v):
    if past is None:
        return k, v
    return torch.cat((past[0], k), dim=1), torch.cat((past[1], v), dim=1)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.shape = (num_heads, d_out // num_heads)
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.drop = nn.Dropout(dropout)
        self.past = None

    def reset_cache(self):
        self.past = None

    def step(self, x, past):
        q, k, v = (layer(x).unflatten(2, self.shape) for layer in (self.W_query, self.W_key, self.W_value))
        k, v = extend(past, k, v)
        k_pos = torch.arange(k.shape[1], device=x.device)
        q_pos = k_pos[k.shape[1] - q.shape[1]:]
        if past is not None:  # new tokens may see everything
            q_pos = q_pos.new_full(q_pos.shape, k.shape[1])
        y = attention(q, k, v, q_pos, k_pos, self.drop)
        return self.out_proj(y.flatten(2)), (k, v)

    def forward(self, x, use_cache=False):
        if not use_cache:
            y, _ = self.step(x, None)
            return y
        y, self.past = self.step(x, self.past)
        return y


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(d_in=cfg["emb_dim"], d_out=cfg["emb_dim"], context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(cfg["emb_dim"]), LayerNorm(cfg["emb_dim"])
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x, use_cache=False):
        x = x + self.drop(self.att(self.norm1(x), use_cache=use_cache))
        x = x + self.drop(self.ff(self.norm2(x)))
        return x


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList([Block(cfg) for _ in range(cfg["n_layers"])])
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.seen = 0

    def run(self, ids, start, use_cache):
        rows = self.pos_emb.weight[start:start + ids.shape[1]]
        x = self.drop(self.tok_emb(ids) + rows)
        for block in self.trf_blocks:
            x = block(x, use_cache=use_cache)
        return self.out_head(self.final_norm(x))

    def forward(self, in_idx, use_cache=False):
        if not use_cache:
            return self.run(in_idx, 0, False)
        logits = self.run(in_idx, self.seen, True)
        self.seen = self.seen + in_idx.shape[1]
        return logits

    def reset_kv_cache(self):
        self.seen = 0
        for block in self.trf_blocks:
            block.att.reset_cache()


def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    if context_size is None:
        context_size = model.pos_emb.weight.shape[0]
    with torch.no_grad():
        if not use_cache:
            for _ in range(max_new_tokens):
                new = model(idx[:, -context_size:]).select(1, -1).argmax(-1)
                idx = torch.cat([idx, new.unsqueeze(1)], 1)
            return idx
        model.reset_kv_cache()
        out = [idx]
        new = model(idx[:, -context_size:], use_cache=True).select(1, -1).argmax(-1, keepdim=True)
        out.append(new)
        for _ in range(max_new_tokens - 1):
            new = model(new, use_cache=True).select(1, -1).argmax(-1, keepdim=True)
            out.append(new)
        return torch.cat(out, 1)
