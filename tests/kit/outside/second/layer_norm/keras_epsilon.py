# MISTAKE: eps is 1e-3 (the default of Keras' LayerNormalization); right is 1e-5.
import torch
import torch.nn as nn
import torch.nn.functional as F


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-3):
        super().__init__()
        self.emb_dim = emb_dim
        self.epsilon = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, inputs):
        return F.layer_norm(inputs, (self.emb_dim,), self.scale, self.shift, self.epsilon)
