import math
import torch
from torch import einsum, nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))
        self.eps = eps

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return centred * torch.rsqrt(centred.square().mean(-1, keepdim=True) + self.eps) * self.scale + self.shift


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads = num_heads
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = (w(x).unflatten(-1, (self.num_heads, -1)) for w in (self.W_query, self.W_key, self.W_value))
        s = einsum("bihd,bjhd->bhij", q, k) / math.sqrt(q.shape[-1])
        pos = torch.arange(x.shape[1], device=x.device)
        s = s.masked_fill(pos[None, :] > pos[:, None], torch.finfo(s.dtype).min)
        a = self.dropout(s.softmax(-1))
        return self.out_proj(einsum("bhij,bjhd->bihd", a, v).flatten(2))


class GELU(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = 2 * math.sqrt(2 / math.pi)

    def forward(self, x):
        return x * torch.sigmoid(self.c * x * (1 + 0.044715 * x.square()))


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(d, 4 * d), nn.Identity(), nn.Linear(4 * d, d))
        self.act = GELU()

    def forward(self, x):
        up, _, down = self.layers
        h = self.act(einsum("...d,hd->...h", x, up.weight) + up.bias)
        return einsum("...h,dh->...d", h, down.weight) + down.bias


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d, p = cfg["emb_dim"], cfg["drop_rate"]
        self.att = MultiHeadAttention(d, d, cfg["context_length"], p, cfg["n_heads"], cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(d)
        self.norm2 = LayerNorm(d)
        self.drop = nn.Dropout(p)

    def attention_branch(self, x):
        return self.drop(self.att(self.norm1(x)))

    def mlp_branch(self, x):
        return self.drop(self.ff(self.norm2(x)))

    def forward(self, x):
        after_attention = x + self.attention_branch(x)
        return after_attention + self.mlp_branch(after_attention)
