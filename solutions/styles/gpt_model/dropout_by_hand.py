from functools import reduce

import torch
from torch import nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class GPTModel(nn.Module):
    """Draws what to keep by itself, and runs the blocks with reduce."""

    def __init__(self, cfg, blocks=TransformerBlock):
        super().__init__()
        self.keep = 1.0 - cfg["drop_rate"]
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=None)
        self.final_norm = LayerNorm(emb_dim=cfg["emb_dim"])
        self.trf_blocks = nn.ModuleList([blocks(cfg) for _ in range(cfg["n_layers"])])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        nn.init.normal_(self.tok_emb.weight, std=0.02)
        nn.init.normal_(self.pos_emb.weight, std=0.01)

    def forward(self, in_idx):
        batch, tokens = in_idx.shape
        positions = torch.arange(tokens, device=in_idx.device).expand(batch, tokens)
        x = torch.stack([self.tok_emb(in_idx), self.pos_emb(positions)]).sum(dim=0)
        if self.training:
            x = x * torch.bernoulli(torch.full_like(x, self.keep)) / self.keep
        x = reduce(lambda stream, block: block(stream), self.trf_blocks, x)
        return torch.einsum("bte,ve->btv", self.final_norm(x), self.out_head.weight)
