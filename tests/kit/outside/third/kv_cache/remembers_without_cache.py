import torch
import torch.nn as nn

from .gpt_block import FeedForward
from .layer_norm import LayerNorm


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.h, self.d = num_heads, d_out // num_heads
        for name in ("W_query", "W_key", "W_value"):
            setattr(self, name, nn.Linear(d_in, d_out, bias=qkv_bias))
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("order", torch.arange(context_length), persistent=False)
        self.kv = None  # (2, batch, heads, tokens so far, head_dim)

    def reset_cache(self):
        self.kv = None

    def heads(self, y):
        b, t, _ = y.size()
        return y.reshape(b, t, self.h, self.d).permute(0, 2, 1, 3)

    def forward(self, x, use_cache=False):
        b, t, _ = x.size()
        q = self.heads(self.W_query(x))
        kv = torch.stack((self.heads(self.W_key(x)), self.heads(self.W_value(x))))
        if self.kv is not None:
            kv = torch.cat((self.kv, kv), dim=3)
        self.kv = kv.detach()
        k, v = kv
        total = k.size(2)
        scores = torch.matmul(q, k.mT) / self.d ** 0.5
        allowed = self.order[total - t:total, None] >= self.order[None, :total]
        scores = scores.masked_fill(~allowed, -1e9)
        weights = self.dropout(torch.softmax(scores, dim=-1))
        y = torch.matmul(weights, v).permute(0, 2, 1, 3).reshape(b, t, self.h * self.d)
        return self.out_proj(y)


class Residual(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        e = cfg["emb_dim"]
        self.norm1, self.norm2 = LayerNorm(e), LayerNorm(e)
        self.att = MultiHeadAttention(e, e, cfg["context_length"], cfg["drop_rate"], cfg["n_heads"], cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
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
        self.trf_blocks = nn.ModuleList([Residual(cfg) for _ in range(cfg["n_layers"])])
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.position = 0

    def forward(self, in_idx, use_cache=False):
        t = in_idx.size(1)
        offset = self.position if use_cache else 0
        pos = self.pos_emb(torch.arange(t, device=in_idx.device) + offset)
        x = self.drop_emb(self.tok_emb(in_idx) + pos)
        for block in self.trf_blocks:
            x = block(x, use_cache)
        if use_cache:
            self.position = offset + t
        return self.out_head(self.final_norm(x))

    def reset_kv_cache(self):
        self.position = 0
        for module in self.modules():
            if isinstance(module, MultiHeadAttention):
                module.reset_cache()


def greedy(logits):
    return logits[:, -1:].argmax(dim=-1)


def generate_text_simple_cached(model, idx, max_new_tokens, context_size=None, use_cache=True):
    limit = context_size if context_size is not None else model.pos_emb.num_embeddings
    with torch.inference_mode():
        if use_cache:
            model.reset_kv_cache()
            latest = greedy(model(idx[:, -limit:], use_cache=True))
            generated = [latest]
            while len(generated) < max_new_tokens:
                latest = greedy(model(latest, use_cache=True))
                generated.append(latest)
            model.reset_kv_cache()
            idx = torch.cat([idx] + generated, dim=1)
        else:
            for _ in range(max_new_tokens):
                idx = torch.cat([idx, greedy(model(idx[:, -limit:]))], dim=1)
    return idx
