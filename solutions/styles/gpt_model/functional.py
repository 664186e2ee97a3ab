"""Weights that belong to the parts, and torch's functions to use them; positions are a slice of their table."""

import torch.nn.functional as F
from torch import nn

from . import gpt_block, layer_norm


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.rate = cfg["drop_rate"]
        self.tok_emb, self.pos_emb = (nn.Embedding(cfg[n], cfg["emb_dim"]) for n in ("vocab_size", "context_length"))
        self.trf_blocks = nn.ModuleList()
        while len(self.trf_blocks) < cfg["n_layers"]:
            self.trf_blocks.append(gpt_block.TransformerBlock(cfg))
        self.final_norm = layer_norm.LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], False)

    def forward(self, in_idx):
        x = F.embedding(in_idx, self.tok_emb.weight) + self.pos_emb.weight[: in_idx.size(1)]
        x = F.dropout(x, self.rate, training=self.training)
        for block in self.trf_blocks:
            x = block(x)
        return F.linear(self.final_norm(x), self.out_head.weight)
