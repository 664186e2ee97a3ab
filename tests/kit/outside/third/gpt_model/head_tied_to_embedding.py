import torch
from torch import nn
from .layer_norm import LayerNorm
from .gpt_block import TransformerBlock


class GPTModel(nn.Module):

    def __init__(self, cfg):
        super().__init__()
        self.context_length = cfg["context_length"]
        # embeddings
        self.tok_emb = nn.Embedding(cfg["vocab_size"], cfg["emb_dim"])
        self.pos_emb = nn.Embedding(cfg["context_length"], cfg["emb_dim"])
        self.drop = nn.Dropout(cfg["drop_rate"])
        # blocks
        blocks = []
        for i in range(cfg["n_layers"]):
            block = TransformerBlock(cfg)
            blocks.append(block)
        self.trf_blocks = nn.ModuleList(blocks)
        # output
        self.final_norm = LayerNorm(cfg["emb_dim"])
        self.out_head = nn.Linear(cfg["emb_dim"], cfg["vocab_size"], bias=False)
        self.out_head.weight = self.tok_emb.weight

    def forward(self, in_idx):
        num_tokens = in_idx.shape[1]
        assert num_tokens <= self.context_length
        positions = torch.arange(num_tokens, device=in_idx.device)
        x = self.tok_emb(in_idx)
        x = x + self.pos_emb(positions)
        x = self.drop(x)
        for block in self.trf_blocks:
            x = block(x)
        x = self.final_norm(x)
        x = self.out_head(x)
        return x
