import torch
from torch import nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        n_layers = cfg.pop("n_layers")
        emb_dim, vocab_size = cfg["emb_dim"], cfg["vocab_size"]

        self.tok_emb = nn.Embedding(vocab_size, emb_dim)
        self.pos_emb = nn.Embedding(cfg["context_length"], emb_dim)
        self.drop = nn.Dropout(cfg["drop_rate"])
        self.trf_blocks = nn.Sequential(*(TransformerBlock(cfg) for _ in range(n_layers)))
        self.final_norm = LayerNorm(emb_dim)
        self.out_head = nn.Linear(emb_dim, vocab_size, bias=False)

    def forward(self, in_idx):
        pos = torch.arange(in_idx.shape[-1], device=in_idx.device).unsqueeze(0)
        x = self.drop(self.tok_emb(in_idx) + self.pos_emb(pos))
        return self.out_head(self.final_norm(self.trf_blocks(x)))
