"""The GPT around the learner's blocks: embeddings before them, a norm and an output head after them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from grader.study.capstone import Parts

Config = dict[str, Any]
"""The book's keys: vocab_size, context_length, emb_dim, n_heads, n_layers, drop_rate, qkv_bias."""


class GPTModel(nn.Module):
    """The book's model, with its names: the learner's `TransformerBlock` and `LayerNorm` do the work.

    Args:
        cfg: the sizes.
        parts: the learner's modules.
    """

    def __init__(self, cfg: Config, parts: Parts) -> None:
        super().__init__()
        width = cfg["emb_dim"]
        block, norm = parts.take("gpt_block", "TransformerBlock"), parts.take("layer_norm", "LayerNorm")
        self.tok_emb = nn.Embedding(cfg["vocab_size"], width)
        self.pos_emb = nn.Embedding(cfg["context_length"], width)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        with parts.running():
            self.trf_blocks = nn.Sequential(*(block(cfg) for _ in range(cfg["n_layers"])))
            self.final_norm = norm(emb_dim=width)
        self.out_head = nn.Linear(width, cfg["vocab_size"], bias=False)
        # Small weights, so that the untrained model predicts all tokens about equally.
        for layer in (self.tok_emb, self.pos_emb, self.out_head):
            nn.init.normal_(layer.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids `(batch, tokens)` to logits `(batch, tokens, vocab)`."""
        positions = torch.arange(ids.shape[1], device=ids.device)
        x = self.drop_emb(self.tok_emb(ids) + self.pos_emb(positions))  # (batch, tokens, width)
        logits: Tensor = self.out_head(self.final_norm(self.trf_blocks(x)))
        return logits


def count_parameters(model: nn.Module) -> int:
    """Return the number of parameters of a model."""
    return sum(parameter.numel() for parameter in model.parameters())
