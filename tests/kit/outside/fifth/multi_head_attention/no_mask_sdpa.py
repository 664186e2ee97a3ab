import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        assert d_out % num_heads == 0
        self.num_heads, self.p = num_heads, dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def forward(self, x):
        B, T, _ = x.shape
        q, k, v = (w(x).view(B, T, self.num_heads, -1).transpose(1, 2)
                   for w in (self.W_query, self.W_key, self.W_value))
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.p * self.training)
        return self.out_proj(y.transpose(1, 2).reshape(B, T, -1))
