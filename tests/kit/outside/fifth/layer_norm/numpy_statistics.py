import numpy as np
import torch
import torch.nn as nn


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        arr = x.detach().cpu().numpy()
        mu = np.mean(arr, axis=-1, keepdims=True)
        sd = np.sqrt(np.var(arr, axis=-1, keepdims=True) + 1e-5)
        mu = torch.as_tensor(mu, dtype=x.dtype, device=x.device)
        sd = torch.as_tensor(sd, dtype=x.dtype, device=x.device)
        return self.scale * ((x - mu) / sd) + self.shift
