import torch
import torch.nn.functional as F
from torch import nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


def look_up(table, ids):
    # an embedding is a linear layer on a one-hot vector
    hot = F.one_hot(ids, table.shape[0]).to(table.dtype)
    return torch.einsum("...v,vd->...d", hot, table)


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        v, d, n = cfg["vocab_size"], cfg["emb_dim"], cfg["context_length"]
        self.drop_rate = cfg["drop_rate"]
        self.tok_emb = nn.Embedding(v, d)
        self.pos_emb = nn.Embedding(n, d)
        self.trf_blocks = nn.ModuleList()
        for _ in range(cfg["n_layers"]):
            self.trf_blocks.append(TransformerBlock(cfg))
        self.final_norm = LayerNorm(d)
        self.out_head = nn.Linear(d, v, bias=False)
        for p in (self.tok_emb.weight, self.pos_emb.weight, self.out_head.weight):
            nn.init.normal_(p, mean=0.0, std=0.02)

    def forward(self, in_idx):
        b, t = in_idx.shape
        where = torch.arange(t, device=in_idx.device).expand(b, t)
        x = look_up(self.tok_emb.weight, in_idx) + look_up(self.pos_emb.weight, where)
        x = F.dropout(x, self.drop_rate)
        for layer in self.trf_blocks:
            x = layer(x)
        return torch.einsum("btd,vd->btv", self.final_norm(x), self.out_head.weight)
