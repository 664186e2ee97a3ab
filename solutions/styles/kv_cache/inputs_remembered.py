"""Remembers the inputs of each attention and projects them again: right, and of little use."""

import torch
from torch import nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("uneven heads")
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.inputs = []

    def forward(self, x, use_cache=False):
        whole = torch.cat([*self.inputs, x], dim=1) if use_cache else x
        if use_cache:
            self.inputs.append(x)
        first = whole.shape[1] - x.shape[1]
        outputs = []
        columns = self.W_query.out_features // self.num_heads
        for head in range(self.num_heads):
            part = slice(head * columns, (head + 1) * columns)
            queries, keys, values = (
                self.W_query(x)[..., part],
                self.W_key(whole)[..., part],
                self.W_value(whole)[..., part],
            )
            rows = []
            for token in range(x.shape[1]):
                seen = first + token + 1
                scores = (keys[:, :seen] @ queries[:, token, :, None]).squeeze(-1) / columns**0.5
                weights = self.dropout(torch.softmax(scores, dim=-1))
                rows.append((weights[:, None] @ values[:, :seen]).squeeze(1))
            outputs.append(torch.stack(rows, dim=1))
        return self.out_proj(torch.cat(outputs, dim=-1))

    def reset_cache(self):
        self.inputs.clear()


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb_dim = cfg["emb_dim"]
        self.att = MultiHeadAttention(
            emb_dim, emb_dim, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.ff, self.norm1, self.norm2 = FeedForward(cfg), LayerNorm(emb_dim), LayerNorm(emb_dim)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x, use_cache):
        x = x + self.drop(self.att(self.norm1(x), use_cache))
        return x + self.drop(self.ff(self.norm2(x)))


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList([Block(cfg) for _ in range(cfg["n_layers"])])
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.lengths = []

    def forward(self, in_idx, use_cache=False):
        start = sum(self.lengths) if use_cache else 0
        rows = [self.pos_emb.weight[start + token] for token in range(in_idx.shape[1])]
        if use_cache:
            self.lengths.append(in_idx.shape[1])
        x = self.drop_emb(self.tok_emb(in_idx) + torch.stack(rows))
        for block in self.trf_blocks:
            x = block(x, use_cache)
        return self.out_head(self.final_norm(x))

    def reset_kv_cache(self):
        self.lengths.clear()
        for block in self.trf_blocks:
            block.att.reset_cache()


def tokens(model, prompt, use_cache):
    if use_cache:
        model.reset_kv_cache()
    fed = prompt
    while True:
        with torch.no_grad():
            best = model(fed, use_cache)[:, -1:].argmax(dim=-1)
        yield best
        fed = best if use_cache else torch.cat([fed, best], dim=1)


def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    if context_size is None:
        context_size = model.pos_emb.weight.shape[0]
    following = tokens(model, idx[:, -context_size:], use_cache)
    return torch.cat([idx, *(next(following) for _ in range(max_new_tokens))], dim=1)
