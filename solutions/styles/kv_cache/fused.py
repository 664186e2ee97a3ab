"""Torch's fused attention with a mask of its own, and one cache object for each model that its blocks pass around."""

import torch
from torch import nn
from torch.nn import functional as F

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class Cache:
    def __init__(self):
        self.pairs = {}

    def extended(self, owner, keys, values):
        old_keys, old_values = self.pairs.get(owner, (keys[:, :, :0], values[:, :, :0]))
        self.pairs[owner] = torch.cat((old_keys, keys), -2), torch.cat((old_values, values), -2)
        return self.pairs[owner]

    def __len__(self):
        return max((keys.shape[-2] for keys, _ in self.pairs.values()), default=0)


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("num_heads must divide d_out")
        self.W_query, self.W_key, self.W_value = (nn.Linear(d_in, d_out, qkv_bias) for _ in range(3))
        self.out_proj = nn.Linear(d_out, d_out)
        self.num_heads, self.rate = num_heads, dropout
        self.cache = Cache()

    def forward(self, x, use_cache=False):
        queries, keys, values = (
            project(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
            for project in (self.W_query, self.W_key, self.W_value)
        )
        if use_cache:
            keys, values = self.cache.extended(self, keys, values)
        new, total = x.shape[1], keys.shape[-2]
        visible = torch.ones(new, total, dtype=torch.bool, device=x.device).tril(total - new)
        rate = self.rate if self.training else 0.0
        context = F.scaled_dot_product_attention(queries, keys, values, attn_mask=visible, dropout_p=rate)
        return self.out_proj(context.transpose(1, 2).flatten(2))

    def reset_cache(self):
        self.cache.pairs.pop(self, None)


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.att = MultiHeadAttention(
            width, width, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(width), LayerNorm(width)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x, use_cache):
        x = x + self.drop(self.att(self.norm1(x), use_cache))
        return x + self.drop(self.ff(self.norm2(x)))


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.tok_emb, self.pos_emb = nn.Embedding(cfg["vocab_size"], width), nn.Embedding(cfg["context_length"], width)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList(Block(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(width)
        self.out_head = nn.Linear(width, cfg["vocab_size"], bias=False)
        self.reset_kv_cache()

    def reset_kv_cache(self):
        self.cache = Cache()
        for block in self.trf_blocks:
            block.att.cache = self.cache

    def forward(self, in_idx, use_cache=False):
        start = len(self.cache) if use_cache else 0
        x = self.drop_emb(self.tok_emb(in_idx) + self.pos_emb.weight[start : start + in_idx.shape[1]])
        for block in self.trf_blocks:
            x = block(x, use_cache)
        return self.out_head(self.final_norm(x))


@torch.no_grad()
def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    size = context_size or len(model.pos_emb.weight)
    if use_cache:
        model.reset_kv_cache()
    start = 0
    for _ in range(max_new_tokens):
        unread = idx[:, start:] if use_cache else idx[:, -size:]
        start = idx.shape[1]
        best = model(unread, use_cache=use_cache)[:, -1, :].max(-1).indices
        idx = torch.column_stack([idx, best])
    return idx
