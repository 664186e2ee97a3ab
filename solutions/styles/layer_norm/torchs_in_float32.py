import torch
import torch.nn.functional as F
from torch import nn


class LayerNorm(nn.Module):
    """Has torch do all of it in float32."""

    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return F.layer_norm(x.float(), x.shape[-1:], self.scale.float(), self.shift.float(), self.eps).type_as(x)
