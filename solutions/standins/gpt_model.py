"""A stand-in for `gpt_model`: embeddings as matrix products, and torch's own container runs what follows."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class GPTModel(nn.Module):
    def __init__(self, cfg: Mapping[str, Any]) -> None:
        super().__init__()
        vocab_size, width = cfg["vocab_size"], cfg["emb_dim"]
        self.tok_emb, self.pos_emb = nn.Embedding(vocab_size, width), nn.Embedding(cfg["context_length"], width)
        self.drop_rate = cfg["drop_rate"]
        self.trf_blocks = nn.Sequential(*(TransformerBlock(cfg) for _ in range(cfg["n_layers"])))
        self.final_norm = LayerNorm(emb_dim=width)
        self.out_head = nn.Linear(width, vocab_size, bias=False)

    def forward(self, in_idx: torch.Tensor) -> torch.Tensor:
        tokens = F.one_hot(in_idx, self.tok_emb.num_embeddings).to(self.tok_emb.weight.dtype)
        vectors = torch.baddbmm(
            self.pos_emb.weight[: in_idx.shape[1]].expand(in_idx.shape[0], -1, -1),
            tokens,
            self.tok_emb.weight.expand(in_idx.shape[0], -1, -1),
        )
        dropped = F.dropout(vectors, self.drop_rate, self.training)
        logits: torch.Tensor = nn.Sequential(self.trf_blocks, self.final_norm, self.out_head)(dropped)
        return logits
