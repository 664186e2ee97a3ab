import math
import torch
import torch.nn as nn
from .layer_norm import LayerNorm
from .multi_head_attention import MultiHeadAttention

C = math.sqrt(2.0 / math.pi)
K = 0.044715


class _TanhGelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        t = torch.tanh(C * (x + K * x * x * x))
        return 0.5 * x * (1.0 + t)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        t = torch.tanh(C * (x + K * x * x * x))
        du = C * (1.0 + 3.0 * K * x * x)
        return grad * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * du)


class _BernoulliDrop(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        if self.rate == 1:
            return x * 0
        keep = torch.rand(x.shape, device=x.device) >= self.rate
        return torch.where(keep, x / (1 - self.rate), torch.zeros_like(x))


class GELU(nn.Module):
    def forward(self, x):
        return _TanhGelu.apply(x)


class FeedForward(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.layers = nn.ModuleList([nn.Linear(width, width * 4), GELU(), nn.Linear(width * 4, width)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class TransformerBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.att = MultiHeadAttention(
            d_in=width, d_out=width,
            context_length=cfg["context_length"], dropout=cfg["drop_rate"],
            num_heads=cfg["n_heads"], qkv_bias=cfg["qkv_bias"],
        )
        self.ff = FeedForward(cfg)
        self.norm1 = LayerNorm(width)
        self.norm2 = LayerNorm(width)
        self.drop_att = _BernoulliDrop(cfg["drop_rate"])
        self.drop_ff = _BernoulliDrop(cfg["drop_rate"])

    def forward(self, x):
        residual_stream = x
        for norm, layer, drop in ((self.norm1, self.att, self.drop_att), (self.norm2, self.ff, self.drop_ff)):
            residual_stream = residual_stream + drop(layer(norm(residual_stream)))
        return residual_stream
