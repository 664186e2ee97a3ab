from torch import nn
from torch.utils.checkpoint import checkpoint

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.GELU):
    def __init__(self):
        super().__init__(approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        sizes = cfg["emb_dim"], 4 * cfg["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(*sizes), GELU(), nn.Linear(*reversed(sizes)))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        size, rate = cfg["emb_dim"], cfg["drop_rate"]
        self.norm1, self.norm2 = LayerNorm(size), LayerNorm(size)
        self.ff = FeedForward(cfg)
        self.att = MultiHeadAttention(
            d_in=size,
            d_out=size,
            context_length=cfg["context_length"],
            dropout=rate,
            num_heads=cfg["n_heads"],
            qkv_bias=cfg["qkv_bias"],
        )
        self.drop1, self.drop2 = nn.Dropout(rate), nn.Dropout(rate)

    def first(self, x):
        return self.drop1(self.att(self.norm1(x)))

    def second(self, x):
        return self.drop2(self.ff(self.norm2(x)))

    def forward(self, x):
        x = x + checkpoint(self.first, x, use_reentrant=False)
        return x + checkpoint(self.second, x, use_reentrant=False)
