import torch
import torch.nn as nn


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super().__init__()
        self.qkv_bias = qkv_bias
        self.W_query = nn.Linear(d_in, d_out)
        self.W_key = nn.Linear(d_in, d_out)
        self.W_value = nn.Linear(d_in, d_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        q, k, v = self.W_query(x), self.W_key(x), self.W_value(x)
        scale = k.shape[-1] ** 0.5
        context = []
        for t in range(x.shape[1]):
            q_t = q[:, t:t + 1, :]
            scores_t = q_t @ k[:, :t + 1, :].transpose(1, 2) / scale
            weights_t = self.dropout(torch.softmax(scores_t, dim=-1))
            context.append(weights_t @ v[:, :t + 1, :])
        return torch.cat(context, dim=1)
