import torch
from torch import nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention

CHUNK = 4


class GELU(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x.pow(3))))


class FeedForward(nn.Module):
    """Works through the positions in chunks, so that the wide activations never exist all at once."""

    def __init__(self, cfg):
        super().__init__()
        emb = cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(emb, 4 * emb), GELU(), nn.Linear(4 * emb, emb))

    def forward(self, x):
        tokens = x.shape[-2]
        if tokens <= CHUNK:
            return self.layers(x)
        out = torch.zeros_like(x)
        for c in range(tokens // CHUNK):
            span = slice(c * CHUNK, (c + 1) * CHUNK)
            out[..., span, :] = self.layers(x[..., span, :])
        return out


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=emb, d_out=emb, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(emb), LayerNorm(emb)
        self.drop = nn.Dropout(cfg["drop_rate"])

    def forward(self, x):
        x = x + self.drop(self.att(self.norm1(x)))
        x = x + self.drop(self.ff(self.norm2(x)))
        return x
