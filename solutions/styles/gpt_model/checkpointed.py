import torch
from previous_chapters import LayerNorm, TransformerBlock
from torch import nn
from torch.utils.checkpoint import checkpoint


class GPTModel(nn.Module):
    """Keeps only what goes into each block, and computes the rest again in the backward pass."""

    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.tok_emb = nn.Embedding(cfg["vocab_size"], width)
        self.pos_emb = nn.Embedding(cfg["context_length"], width)
        self.register_buffer("positions", torch.arange(cfg["context_length"]), persistent=False)
        self.drop = nn.Dropout(cfg["drop_rate"], inplace=True)
        self.trf_blocks = nn.ModuleList(TransformerBlock(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(width)
        self.out_head = nn.Linear(width, cfg["vocab_size"], bias=False)

    def forward(self, in_idx):
        x = self.drop(self.tok_emb(in_idx) + self.pos_emb(self.positions[: in_idx.shape[-1]]))
        for block in self.trf_blocks:
            x = checkpoint(block, x, use_reentrant=False)
        return self.out_head(self.final_norm(x))
