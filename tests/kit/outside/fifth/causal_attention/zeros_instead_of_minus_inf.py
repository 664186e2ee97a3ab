import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, qkv_bias=False):
        super(CausalAttention, self).__init__()
        self.d_k = d_out
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.dropout = nn.Dropout(p=dropout)

    def make_mask(self, length):
        mask = torch.zeros(length, length)
        for row in range(length):
            for col in range(length):
                if col <= row:
                    mask[row][col] = 1
        return mask

    def forward(self, x):
        batch_size, length, _ = x.shape
        Q = self.W_query(x)
        K = self.W_key(x)
        V = self.W_value(x)
        mask = self.make_mask(length).to(x)
        scores = torch.bmm(Q, K.permute(0, 2, 1)) / (self.d_k ** 0.5)
        scores = scores * mask
        probabilities = F.softmax(scores, dim=-1)
        probabilities = self.dropout(probabilities)
        return torch.bmm(probabilities, V)
