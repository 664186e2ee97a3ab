# MISTAKE: The hidden layer of the feed-forward part has emb_dim units; right is 4 * emb_dim.
# MISTAKE: qkv_bias is not handed to the attention, so it has no query, key and value biases where the config asks for them; right is qkv_bias=cfg["qkv_bias"].
import math
import torch
from torch import nn
import torch.nn.functional as F

from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention

SQRT_2_OVER_PI = math.sqrt(2.0 / math.pi)


def gelu(x):
    inner = SQRT_2_OVER_PI * (x + 0.044715 * x ** 3)
    return 0.5 * x * (1.0 + torch.tanh(inner))


class GELU(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return gelu(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb = cfg["emb_dim"]
        self.layers = nn.Sequential()
        self.layers.append(nn.Linear(emb, emb))
        self.layers.append(GELU())
        self.layers.append(nn.Linear(emb, emb))

    def forward(self, x):
        hidden = gelu(self.layers[0](x))
        return self.layers[2](hidden)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        emb, p = cfg["emb_dim"], cfg["drop_rate"]
        self.p = p
        self.att = MultiHeadAttention(
            d_in=emb, d_out=emb, context_length=cfg["context_length"],
            dropout=p, num_heads=cfg["n_heads"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(emb)
        self.norm2 = LayerNorm(emb)

    def _sublayer(self, x, norm, layer):
        y = layer(norm(x))
        y = F.dropout(y, self.p, self.training)
        return x + y

    def forward(self, x):
        x = self._sublayer(x, self.norm1, self.att)
        x = self._sublayer(x, self.norm2, self.ff)
        return x
