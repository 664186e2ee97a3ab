import torch
from torch import nn
import torch.nn.functional as F


class LayerNorm(nn.Module):
    """Same layer as in my Keras project."""

    def __init__(self, emb_dim, eps=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.axis_size = [emb_dim]
        self.epsilon = eps
        self.scale = nn.Parameter(nn.init.ones_(torch.empty(emb_dim)))
        self.shift = nn.Parameter(nn.init.zeros_(torch.empty(emb_dim)))

    def forward(self, inputs):
        return F.layer_norm(inputs, self.axis_size, weight=self.scale, bias=self.shift, eps=self.epsilon)
