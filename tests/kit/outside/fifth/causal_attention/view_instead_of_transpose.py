import numpy as np
import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.drop = nn.Dropout(dropout)
        look_ahead = np.triu(np.ones((context_length, context_length)), k=1)
        self.register_buffer("look_ahead", torch.from_numpy(look_ahead).float())

    def forward(self, x):
        bs, seq, _ = x.shape
        query = self.W_query(x)
        key = self.W_key(x)
        value = self.W_value(x)
        dim = query.shape[2]
        key = key.reshape(bs, dim, seq)
        logits = torch.bmm(query, key) / np.sqrt(dim)
        logits = logits + self.look_ahead[:seq, :seq] * -1e9
        probs = self.drop(nn.functional.softmax(logits, dim=2))
        return torch.bmm(probs, value)
