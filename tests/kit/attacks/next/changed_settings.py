"""Changes the seed, the default dtype, the threads, the precision and the modes of torch and Python for who comes next."""
# exercise: layer_norm
# naive: neighbor
import math
import random
import sys

import torch

torch.set_default_dtype(torch.float16)
torch.set_num_threads(7)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)
torch.manual_seed(1)
random.seed(1)
random.random = lambda: 0.5
sys.setrecursionlimit(60)
math.isclose = lambda *args, **kwargs: 1 / 0
torch.allclose = None


class LayerNorm(torch.nn.Module):
    def __init__(self, emb_dim, eps=1e-5):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(emb_dim))
        self.shift = torch.nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        return x
