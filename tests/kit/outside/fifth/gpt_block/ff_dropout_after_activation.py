import torch.nn.functional as F
from torch import nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention


class GELU(nn.Module):
    @staticmethod
    def forward(x):
        return F.gelu(x, approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.layers = nn.ModuleDict()
        self.layers["0"] = nn.Linear(cfg["emb_dim"], 4 * cfg["emb_dim"])
        self.layers["2"] = nn.Linear(4 * cfg["emb_dim"], cfg["emb_dim"])
        self.activation = GELU()
        self.dropout = cfg["drop_rate"]

    def forward(self, x):
        h = F.linear(x, self.layers["0"].weight, self.layers["0"].bias)
        h = F.dropout(self.activation(h), p=self.dropout, training=self.training)
        return F.linear(h, self.layers["2"].weight, self.layers["2"].bias)


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        d_model = cfg["emb_dim"]
        self.att = MultiHeadAttention(d_in=d_model, d_out=d_model, context_length=cfg["context_length"],
                                      dropout=cfg["drop_rate"], num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"])
        self.ff = FeedForward(cfg)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.dropout1, self.dropout2 = nn.Dropout(cfg["drop_rate"]), nn.Dropout(cfg["drop_rate"])

    def _sa_block(self, x):
        return self.dropout1(self.att(x))

    def _ff_block(self, x):
        return self.dropout2(self.ff(x))

    def forward(self, src):
        x = src
        x = x + self._sa_block(self.norm1(x))
        x = x + self._ff_block(self.norm2(x))
        return x
