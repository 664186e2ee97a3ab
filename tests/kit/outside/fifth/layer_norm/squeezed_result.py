import torch
import torch.nn as nn


def normalize(vec, eps):
    m = vec.mean()
    v = ((vec - m) ** 2).mean()
    return (vec - m) / torch.sqrt(v + eps)


class LayerNorm(nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.emb_dim = emb_dim
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        vectors = x.reshape(-1, self.emb_dim)
        out = torch.stack([normalize(v, self.eps) for v in vectors])
        out = out.reshape(*x.shape[:-1], self.emb_dim)
        return (self.scale * out + self.shift).squeeze()
