from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    forward = lambda self, x: F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d = cfg["emb_dim"]
        self.layers = nn.ModuleDict({"0": nn.Linear(d, 4 * d), "2": nn.Linear(4 * d, d)})

    def forward(self, x):
        return self.layers["2"](F.gelu(self.layers["0"](x), approximate="tanh"))


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d, self.p = cfg["emb_dim"], cfg["drop_rate"]
        self.norm1, self.norm2 = LayerNorm(d), LayerNorm(d)
        self.att = MultiHeadAttention(d_in=d, d_out=d, context_length=cfg["context_length"], dropout=self.p,
                                      num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)

    def _add(self, x, f, norm):
        return x + F.dropout(f(norm(x)), self.p, self.training)

    def forward(self, x):
        x = self._add(x, self.att, self.norm1)
        if self.training and x.requires_grad:
            return checkpoint(self._add, x, self.ff, self.norm2, use_reentrant=False)
        return self._add(x, self.ff, self.norm2)
