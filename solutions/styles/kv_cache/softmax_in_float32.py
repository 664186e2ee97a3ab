"""A list for each head is the cache, and powers are computed and normalized in float32."""

import torch
from torch import nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "heads must be equally wide"
        self.num_heads = num_heads
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.heads = [[] for _ in range(num_heads)]

    def forward(self, x, use_cache=False):
        queries, keys, values = (
            projection(x).chunk(self.num_heads, dim=-1) for projection in (self.W_query, self.W_key, self.W_value)
        )
        mixed = []
        for past, query, key, value in zip(self.heads, queries, keys, values, strict=True):
            pairs = [*(past if use_cache else []), (key, value)]
            if use_cache:
                past.append((key, value))
            all_keys, all_values = (torch.cat(parts, dim=1) for parts in zip(*pairs, strict=True))
            powers = torch.exp((query @ all_keys.mT).float() / query.shape[-1] ** 0.5)
            powers = powers.tril(all_keys.shape[1] - x.shape[1])
            weights = (powers / powers.sum(dim=-1, keepdim=True)).to(x.dtype)
            mixed.append(self.dropout(weights) @ all_values)
        return self.out_proj(torch.cat(mixed, dim=-1))

    def reset_cache(self):
        self.heads = [[] for _ in range(self.num_heads)]


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(
            d_in=cfg["emb_dim"],
            d_out=cfg["emb_dim"],
            context_length=cfg["context_length"],
            dropout=cfg["drop_rate"],
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, pair):
        x, use_cache = pair
        x = x + self.drop(self.att(self.norm1(x), use_cache=use_cache))
        return x + self.drop(self.ff(self.norm2(x))), use_cache


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.Sequential(*(Block(cfg) for _ in range(cfg["n_layers"])))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.register_buffer("read", torch.tensor(0), persistent=False)

    def forward(self, in_idx, use_cache=False):
        positions = torch.arange(in_idx.shape[1], device=in_idx.device)
        if use_cache:
            positions = positions + self.read
            self.read = self.read + in_idx.shape[1]
        embedded = self.drop_emb(self.tok_emb(in_idx) + self.pos_emb(positions))
        x, _ = self.trf_blocks((embedded, use_cache))
        return self.out_head(self.final_norm(x))

    def reset_kv_cache(self):
        self.read = torch.zeros_like(self.read)
        for block in self.trf_blocks:
            block.att.reset_cache()


@torch.no_grad()
def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    limit = model.pos_emb.num_embeddings if context_size is None else context_size
    if not use_cache:
        for _ in range(max_new_tokens):
            idx = torch.cat([idx, model(idx[:, -limit:])[:, -1].argmax(dim=-1, keepdim=True)], dim=1)
        return idx
    model.reset_kv_cache()
    for token in idx[:, -limit:].split(1, dim=1):  # the prompt, too, one token at a time
        logits = model(token, use_cache=True)
    for step in range(max_new_tokens):
        if step:
            logits = model(idx[:, -1:], use_cache=True)
        idx = torch.cat([idx, logits[:, -1].argmax(dim=-1, keepdim=True)], dim=1)
    return idx
