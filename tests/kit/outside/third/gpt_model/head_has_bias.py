import torch
from torch import nn

from .gpt_block import TransformerBlock
from .layer_norm import LayerNorm


class Stack(nn.Module):
    def __init__(self, make, depth):
        super().__init__()
        self.depth = depth
        for k in range(depth):
            self.add_module(str(k), make())

    def forward(self, x):
        for k in range(self.depth):
            x = getattr(self, str(k))(x)
        return x


class GPTModel(nn.Module):
    def __init__(self, cfg):
        super(GPTModel, self).__init__()
        self.cfg = dict(cfg)
        self.build_embeddings()
        self.build_body()
        self.build_head()

    def build_embeddings(self):
        self.tok_emb = nn.Embedding(num_embeddings=self.cfg["vocab_size"], embedding_dim=self.cfg["emb_dim"])
        self.pos_emb = nn.Embedding(num_embeddings=self.cfg["context_length"], embedding_dim=self.cfg["emb_dim"])
        self.emb_dropout = nn.Dropout(p=self.cfg["drop_rate"])

    def build_body(self):
        self.trf_blocks = Stack(lambda: TransformerBlock(self.cfg), self.cfg["n_layers"])
        self.final_norm = LayerNorm(self.cfg["emb_dim"])

    def build_head(self):
        self.out_head = nn.Linear(in_features=self.cfg["emb_dim"], out_features=self.cfg["vocab_size"])

    def call(self, inputs):
        columns = []
        for position in range(inputs.shape[1]):
            token_vectors = self.tok_emb(inputs[:, position])
            columns.append(token_vectors + self.pos_emb.weight[position])
        hidden = torch.stack(columns, dim=1)
        hidden = self.emb_dropout(hidden)
        hidden = self.trf_blocks(hidden)
        hidden = self.final_norm(hidden)
        return self.out_head(hidden)

    def forward(self, in_idx):
        return self.call(in_idx)
