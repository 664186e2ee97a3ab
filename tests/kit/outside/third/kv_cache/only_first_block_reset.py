import math

import torch
from torch import nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0, "heads must fit"
        self.num_heads = num_heads
        self.head_dim = d_out // num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.reset_cache()

    def reset_cache(self):
        self.old_keys = []
        self.old_values = []

    def forward(self, x, use_cache=False):
        batch, tokens, _ = x.shape
        queries = self.W_query(x)
        keys = self.W_key(x)
        values = self.W_value(x)

        if use_cache:
            all_keys = self.old_keys
            all_values = self.old_values
        else:
            all_keys = []
            all_values = []
        past = len(all_keys)
        for t in range(tokens):
            all_keys.append(keys[:, t])
            all_values.append(values[:, t])

        rows = []
        for t in range(tokens):
            # this token may look at everything up to itself
            k = torch.stack(all_keys[:past + t + 1], dim=1)
            v = torch.stack(all_values[:past + t + 1], dim=1)
            q = queries[:, t:t + 1]
            heads = []
            for h in range(self.num_heads):
                a = h * self.head_dim
                b = a + self.head_dim
                scores = q[:, :, a:b] @ k[:, :, a:b].transpose(1, 2) / math.sqrt(self.head_dim)
                weights = self.dropout(torch.softmax(scores, dim=-1))
                heads.append(weights @ v[:, :, a:b])
            rows.append(torch.cat(heads, dim=-1))
        context = torch.cat(rows, dim=1)
        return self.out_proj(context)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.att = MultiHeadAttention(cfg["emb_dim"], cfg["emb_dim"], cfg["context_length"],
                                      cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(cfg["emb_dim"])
        self.norm2 = LayerNorm(cfg["emb_dim"])
        self.dropout = nn.Dropout(cfg["drop_rate"])

    def forward(self, x, use_cache=False):
        h = self.norm1(x)
        h = self.att(h, use_cache)
        x = x + self.dropout(h)
        h = self.norm2(x)
        h = self.ff(h)
        x = x + self.dropout(h)
        return x


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.dropout = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList()
        for i in range(cfg["n_layers"]):
            self.trf_blocks.append(TransformerBlock(cfg))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.next_position = 0

    def reset_kv_cache(self):
        self.next_position = 0
        for block in self.trf_blocks:
            return block.att.reset_cache()

    def forward(self, in_idx, use_cache=False):
        n = in_idx.shape[1]
        if use_cache:
            first = self.next_position
            self.next_position += n
        else:
            first = 0
        positions = torch.tensor(list(range(first, first + n)), device=in_idx.device)
        x = self.tok_emb(in_idx) + self.pos_emb(positions)
        x = self.dropout(x)
        for block in self.trf_blocks:
            x = block(x, use_cache)
        x = self.final_norm(x)
        return self.out_head(x)


def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    if context_size is None:
        context_size = model.pos_emb.weight.shape[0]
    model.eval()
    model.reset_kv_cache()
    for i in range(max_new_tokens):
        if use_cache and i > 0:
            inputs = idx[:, -1:]
        else:
            inputs = idx[:, -context_size:]
        with torch.no_grad():
            logits = model(inputs, use_cache=use_cache)
        best = torch.argmax(logits[:, -1, :], dim=-1)
        idx = torch.cat([idx, best.unsqueeze(1)], dim=1)
    return idx
