import torch
from torch import nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class Lookup(torch.autograd.Function):
    """Looks up rows; the gradient of a row is the sum over all places where it was looked up."""

    @staticmethod
    def forward(ctx, table, index):
        ctx.save_for_backward(index)
        ctx.rows = len(table)
        return table[index]

    @staticmethod
    def backward(ctx, gradient):
        (index,) = ctx.saved_tensors
        flat = gradient.reshape(-1, gradient.shape[-1])
        return gradient.new_zeros(ctx.rows, flat.shape[-1]).index_add(0, index.reshape(-1), flat), None


class Table(nn.Module):
    def __init__(self, rows, width):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(rows, width) * 0.02)

    def forward(self, index):
        return Lookup.apply(self.weight, index)


class Head(nn.Module):
    def __init__(self, width, vocab_size):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(vocab_size, width) * 0.02)

    def forward(self, x):
        return x @ self.weight.mT


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok_emb = Table(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = Table(cfg["context_length"], cfg["emb_dim"])
        blocks = (TransformerBlock(cfg) for _ in range(cfg["n_layers"]))
        self.drop_emb, self.trf_blocks = nn.Dropout(cfg["drop_rate"]), nn.Sequential(*blocks)
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = Head(cfg["emb_dim"], cfg["vocab_size"])

    def forward(self, in_idx):
        positions = torch.cumsum(torch.ones_like(in_idx), dim=1) - 1
        x = self.tok_emb(in_idx).add(self.pos_emb(positions))
        return nn.Sequential(self.drop_emb, *self.trf_blocks, self.final_norm, self.out_head)(x)
