import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise AssertionError("heads do not fit")
        self.num_heads = num_heads
        self.dropout_rate = dropout
        self.W_query = nn.Linear(d_in, d_out, qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        all_q = self.W_query(x).chunk(self.num_heads, dim=-1)
        all_k = self.W_key(x).chunk(self.num_heads, dim=-1)
        all_v = self.W_value(x).chunk(self.num_heads, dim=-1)
        result = []
        for t in range(x.shape[1]):
            pieces = []
            for q, k, v in zip(all_q, all_k, all_v):
                seen_k = k[:, : t + 1]
                seen_v = v[:, : t + 1]
                score = (seen_k * q[:, t : t + 1]).sum(dim=-1) / q.shape[-1] ** 0.5
                weight = F.dropout(torch.softmax(score, dim=1), self.dropout_rate, training=self.training)
                pieces.append((weight.unsqueeze(-1) * seen_v).sum(dim=1))
            result.append(torch.cat(pieces, dim=-1))
        return self.out_proj(torch.stack(result, dim=1))
