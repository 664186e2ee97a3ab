from torch import nn

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class Gelu(nn.Module):
    def forward(self, x):
        return nn.functional.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["emb_dim"]
        self.layers = nn.Sequential(nn.Linear(width, 4 * width), Gelu(), nn.Linear(4 * width, width))

    def forward(self, x):
        return self.layers(x)


class TransformerBlock(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["emb_dim"]
        self.att = MultiHeadAttention(
            d_in=width,
            d_out=width,
            context_length=config["context_length"],
            dropout=config["drop_rate"],
            num_heads=config["n_heads"],
            qkv_bias=config["qkv_bias"],
        )
        self.ff = FeedForward(config)
        self.norm1 = LayerNorm(width)
        self.norm2 = LayerNorm(width)
        self.drop = nn.Dropout(config["drop_rate"])

    def forward(self, x):
        x = x + self.drop(self.att(self.norm1(x)))
        return x + self.drop(self.ff(self.norm2(x)))
