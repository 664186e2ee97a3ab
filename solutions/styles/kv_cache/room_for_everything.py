"""Makes room for the whole context at once and writes keys and values into it; scores are computed with einsum."""

import torch
from torch import nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.heads, self.size, self.room = num_heads, d_out // num_heads, context_length
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("memory", None, persistent=False)
        self.used = 0

    def forward(self, x, use_cache=False):
        batch, tokens, _ = x.shape
        shape = (batch, tokens, self.heads, self.size)
        queries, keys, values = self.W_query(x).view(shape), self.W_key(x).view(shape), self.W_value(x).view(shape)
        start = 0
        if use_cache:
            if self.memory is None:
                self.memory = x.new_empty(2, batch, self.room, self.heads, self.size)
            start, self.used = self.used, self.used + tokens
            self.memory[:, :, start : self.used] = torch.stack([keys, values]).detach()
            keys, values = self.memory[:, :, : self.used]
        scores = torch.einsum("bqhd,bkhd->bhqk", queries, keys) * self.size**-0.5
        asks = torch.arange(start, start + tokens, device=x.device)
        later = torch.arange(keys.shape[1], device=x.device) > asks[:, None]
        weights = self.dropout(scores.masked_fill(later, -1e9).softmax(-1))
        mixed = torch.einsum("bhqk,bkhd->bqhd", weights, values)
        return self.out_proj(mixed.reshape(batch, tokens, -1))

    def reset_cache(self):
        self.memory, self.used = None, 0


class CachedBlock(nn.Module):
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

    def forward(self, x, use_cache):
        x = x + self.drop(self.att(self.norm1(x), use_cache=use_cache))
        return x + self.drop(self.ff(self.norm2(x)))


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList(CachedBlock(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)

    def forward(self, in_idx, use_cache=False):
        # The first block's attention knows how many tokens it has read.
        start = self.trf_blocks[0].att.used if use_cache else 0
        positions = start + torch.arange(in_idx.size(1), device=in_idx.device)
        x = self.drop_emb(self.tok_emb(in_idx) + self.pos_emb(positions))
        for block in self.trf_blocks:
            x = block(x, use_cache)
        return self.out_head(self.final_norm(x))

    def reset_kv_cache(self):
        for module in self.modules():
            if isinstance(module, MultiHeadAttention):
                module.reset_cache()


def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    context_size = context_size or model.pos_emb.num_embeddings
    with torch.inference_mode():
        if use_cache:
            model.reset_kv_cache()
            # All of the prompt but its last token, then one token at a time.
            if idx.shape[1] > 1:
                model(idx[:, :-1], use_cache=True)
        for _ in range(max_new_tokens):
            logits = model(idx[:, -1:], use_cache=True) if use_cache else model(idx[:, -context_size:])
            idx = torch.cat([idx, logits[:, -1].argmax(-1, keepdim=True)], dim=1)
    return idx
