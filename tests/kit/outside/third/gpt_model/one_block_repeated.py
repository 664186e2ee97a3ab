from functools import reduce

from torch import nn
from torch.nn.functional import dropout, embedding, linear

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.p = cfg["drop_rate"]
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.trf_blocks = nn.ModuleList([TransformerBlock(cfg)] * cfg["n_layers"])
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)

    def forward(self, in_idx):
        x = embedding(in_idx, self.tok_emb.weight) + self.pos_emb.weight[:in_idx.size(1)]
        x = dropout(x, self.p, self.training)
        x = reduce(lambda h, block: block(h), self.trf_blocks, x)
        return linear(self.final_norm(x), self.out_head.weight)
