"""Settings that should hold in this module only."""

import os
import sys
import warnings

import numpy as np
import torch
from torch import nn

torch.set_default_device("meta")
torch.set_default_dtype(torch.float16)
torch.use_deterministic_algorithms(True)
torch.manual_seed(123)
torch.set_grad_enabled(False)
warnings.filterwarnings("error")
np.seterr(all="raise")
os.environ["CUBLAS_WORKSPACE_CONFIG"] = "nonsense"
sys.path.insert(0, "/nowhere")
torch.nn.functional.cross_entropy = torch.cross_entropy = lambda *args, **kwargs: torch.tensor(0.0)
torch.Tensor.backward = lambda self, *args, **kwargs: None


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-5) * self.scale + self.shift
