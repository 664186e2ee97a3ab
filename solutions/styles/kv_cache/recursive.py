"""One tensor holds keys and values of all heads; positions follow from what the first block remembers."""

import gpt_block
import layer_norm
import torch
from torch import nn
from torch.nn import functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        self.head_dim, rest = divmod(d_out, num_heads)
        if rest:
            raise ValueError("d_out can't be split evenly")
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.p = dropout
        self.past = None

    def forward(self, x, use_cache=False):
        def split(projected):
            return projected.unflatten(-1, (-1, self.head_dim)).movedim(-2, -3)

        present = torch.stack([split(self.W_key(x)), split(self.W_value(x))])
        if use_cache and self.past is not None:
            present = torch.cat([self.past, present], dim=-2)
        if use_cache:
            self.past = present
        keys, values = present
        queries = split(self.W_query(x))
        if x.shape[1] == 1:
            hidden = None  # a single token is the last one, so it may see everything
        else:
            hidden = x.new_full((x.shape[1], keys.shape[-2]), torch.finfo(x.dtype).min)
            hidden = hidden.triu(keys.shape[-2] - x.shape[1] + 1)
        scores = queries @ keys.mT / self.head_dim**0.5
        weights = F.softmax(scores if hidden is None else scores + hidden, dim=-1)
        mixed = F.dropout(weights, self.p, self.training) @ values
        return self.out_proj(mixed.movedim(-3, -2).flatten(-2))

    def reset_cache(self):
        self.past = None

    def length(self):
        return 0 if self.past is None else self.past.shape[-2]


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(
            cfg["emb_dim"], cfg["emb_dim"], cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"]
        )
        self.ff = gpt_block.FeedForward(cfg)
        self.norm1 = layer_norm.LayerNorm(cfg["emb_dim"])
        self.norm2 = layer_norm.LayerNorm(cfg["emb_dim"])
        self.p = cfg["drop_rate"]

    def forward(self, x, **options):
        x = x + F.dropout(self.att(self.norm1(x), **options), self.p, self.training)
        return x + F.dropout(self.ff(self.norm2(x)), self.p, self.training)


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.trf_blocks = nn.ModuleList(Block(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = layer_norm.LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.p = cfg["drop_rate"]

    def forward(self, in_idx, use_cache=False):
        start = self.trf_blocks[0].att.length() if use_cache else 0
        x = self.tok_emb(in_idx) + self.pos_emb.weight.narrow(0, start, in_idx.shape[1])
        x = F.dropout(x, self.p, self.training)
        for block in self.trf_blocks:
            x = block(x, use_cache=use_cache)
        return self.out_head(self.final_norm(x))

    def reset_kv_cache(self):
        [block.att.reset_cache() for block in self.trf_blocks]


def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    size = context_size or model.pos_emb.weight.shape[0]

    def extended(text, unread, left):
        if not left:
            return text
        best = model(unread[:, -size:], use_cache=use_cache)[:, -1].argmax(1, keepdim=True)
        longer = torch.cat([text, best], dim=1)
        return extended(longer, best if use_cache else longer, left - 1)

    with torch.no_grad():
        if use_cache:
            model.reset_kv_cache()
        return extended(idx, idx, max_new_tokens)
