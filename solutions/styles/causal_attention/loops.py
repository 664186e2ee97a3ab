import torch
from torch import nn


class CausalAttention(nn.Module):
    """Takes one text and one token at a time: it never touches later tokens, so it needs no mask."""

    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, qkv_bias)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        texts = []
        for text in x:
            rows = []
            for i in range(len(text)):
                seen = text[: i + 1]
                query = self.W_query(text[i])
                scores = self.W_key(seen) @ query / len(query) ** 0.5
                powers = torch.exp(scores)
                weights = self.drop(powers / powers.sum())
                rows.append(weights @ self.W_value(seen))
            texts.append(torch.stack(rows))
        return torch.stack(texts)
