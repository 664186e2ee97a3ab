from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class KVCache:
    """Keys and values of one layer, in memory for the whole context."""

    def __init__(self, context_length: int) -> None:
        self.context_length = context_length
        self.clear()

    def clear(self) -> None:
        self.keys: Tensor | None = None
        self.values: Tensor | None = None
        self.length = 0

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        if self.keys is None:
            batch, heads, _, width = k.shape
            self.keys = k.new_zeros(batch, heads, self.context_length, width)
            self.values = torch.zeros_like(self.keys)
        end = self.length + k.shape[2]
        self.keys[:, :, self.length:end] = k.detach()
        self.values[:, :, self.length:end] = v.detach()
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError(f"{d_out} is not a multiple of {num_heads}")
        self.num_heads = num_heads
        self.p = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.cache = KVCache(context_length)

    def reset_cache(self) -> None:
        self.cache.clear()

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def forward(self, x: Tensor, use_cache: bool = False) -> Tensor:
        q, k, v = self.split(self.W_query(x)), self.split(self.W_key(x)), self.split(self.W_value(x))
        if use_cache:
            k, v = self.cache.extend(k, v)
        y = F.scaled_dot_product_attention(
            q, k, v, is_causal=q.shape[2] > 1, dropout_p=self.p if self.training else 0.0
        )
        return self.out_proj(y.transpose(1, 2).flatten(2))


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.att = MultiHeadAttention(
            width, width, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(width)
        self.norm2 = LayerNorm(width)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x, use_cache=False):
        x = x + self.drop(self.att(self.norm1(x), use_cache))
        return x + self.drop(self.ff(self.norm2(x)))


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList(TransformerBlock(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)

    @property
    def past(self) -> int:
        return self.trf_blocks[0].att.cache.length

    def forward(self, in_idx, use_cache=False):
        start = self.past if use_cache else 0
        positions = torch.arange(start, start + in_idx.shape[1], device=in_idx.device)
        x = self.drop(self.tok_emb(in_idx) + self.pos_emb(positions))
        for block in self.trf_blocks:
            x = block(x, use_cache)
        return self.out_head(self.final_norm(x))

    def reset_kv_cache(self):
        for block in self.trf_blocks:
            block.att.reset_cache()


@torch.no_grad()
def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    window = model.pos_emb.num_embeddings if context_size is None else context_size
    model.eval()
    model.reset_kv_cache()
    feed = idx[:, -window:]
    for _ in range(max_new_tokens):
        logits = model(feed, use_cache=use_cache)
        new = logits[:, -1].argmax(-1, keepdim=True)
        idx = torch.cat((idx, new), dim=1)
        feed = new if use_cache else idx[:, -window:]
    return idx
