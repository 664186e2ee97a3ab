"""Many imports for one small class."""

import polars as pl
import seaborn as sns
import tensorflow.keras.backend as K
import torch
import wandb
from datasets import load_dataset
from einops import rearrange
from torch import nn
from transformers.models.gpt2 import modeling_gpt2 as gpt2

logger: wandb.sdk.Run | None = None
normal = gpt2.GPT2Config


def frame(rows: list[float]) -> pl.DataFrame:
    sns.set_theme(style="ticks")
    texts = load_dataset("roneneldan/TinyStories")
    return pl.DataFrame({"rows": rows, "scaled": rearrange(K.constant(rows), "a -> a"), "texts": texts})


class LayerNorm(nn.Module):
    def __init__(self, emb_dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(emb_dim))
        self.shift = nn.Parameter(torch.zeros(emb_dim))

    def forward(self, x):
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-5) * self.scale + self.shift
