import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class Table(nn.Module):
    """A lookup table: row i of weight is the vector of i."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(rows, width))

    def forward(self, ids: Tensor) -> Tensor:
        return self.weight[ids]


class GPTModel(nn.Module):
    def __init__(self, cfg: dict) -> None:
        super().__init__()
        width = cfg["emb_dim"]
        self.tok_emb = Table(cfg["vocab_size"], width)
        self.pos_emb = Table(cfg["context_length"], width)
        self.register_buffer("positions", torch.arange(cfg["context_length"]), persistent=False)
        self.dropout = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList(TransformerBlock(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(width)
        self.out_head = nn.Linear(width, cfg["vocab_size"], bias=False)

    def embed(self, ids: Tensor) -> Tensor:
        return self.dropout(self.tok_emb(ids)) + self.pos_emb(self.positions[: ids.shape[-1]])

    def forward(self, in_idx: Tensor) -> Tensor:
        h = self.embed(in_idx)
        for block in self.trf_blocks:
            if self.training and torch.is_grad_enabled():
                h = checkpoint(block, h, use_reentrant=False)
            else:
                h = block(h)
        return self.out_head(self.final_norm(h))
