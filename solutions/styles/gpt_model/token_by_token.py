import torch
from torch import nn

from exercises.gpt_block import TransformerBlock
from exercises.layer_norm import LayerNorm


class GPTModel(nn.Module):
    """Makes the vectors one by one, and scores the vocabulary one token after the other."""

    def __init__(self, cfg):
        super().__init__()
        self.cfg = {**cfg}
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.trf_blocks = nn.Sequential()
        for number in range(cfg["n_layers"]):
            self.trf_blocks.add_module(str(number), TransformerBlock(self.cfg))
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.drop_emb = nn.Dropout(cfg["drop_rate"])

    def vectors(self, text):
        for position in range(len(text)):
            yield self.tok_emb(text[position]) + self.pos_emb.weight[position]

    def forward(self, in_idx):
        x = torch.stack([torch.stack(list(self.vectors(text))) for text in in_idx])
        x = self.final_norm(self.trf_blocks(self.drop_emb(x)))
        scores = [(x * row).sum(dim=-1) for row in self.out_head.weight]
        return torch.stack(scores, dim=-1)
