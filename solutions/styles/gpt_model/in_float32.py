import torch
from torch import nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class GPTModel(nn.Module):
    """Computes the embeddings and the head in float32, and gives each block a stream rounded to float32."""

    def __init__(self, cfg):
        super().__init__()
        width = cfg["emb_dim"]
        self.tok_emb = nn.Embedding(cfg["vocab_size"], width)
        self.pos_emb = nn.Embedding(cfg["context_length"], width)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.ModuleList(TransformerBlock(cfg) for _ in range(cfg["n_layers"]))
        self.final_norm = LayerNorm(width)
        self.out_head = nn.Linear(width, cfg["vocab_size"], bias=False)

    def forward(self, in_idx):
        dtype = self.out_head.weight.dtype
        positions = torch.arange(in_idx.shape[1]).to(in_idx)
        x = self.drop_emb(self.tok_emb(in_idx).float() + self.pos_emb(positions).float())
        for block in self.trf_blocks:
            x = block(x.to(dtype)).float()
        x = self.final_norm(x.to(dtype)).float()
        return (x @ self.out_head.weight.float().T).to(dtype)
