import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHeadAttention(nn.Module):
    def __init__(self, d_in, d_out, context_length, dropout, num_heads, qkv_bias=False):
        super().__init__()
        if d_out % num_heads != 0:
            raise ValueError("d_out must be divisible by num_heads")
        self.num_heads = num_heads
        self.d_in, self.d_out = d_in, d_out
        self.dropout = dropout
        self.W_query = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_key = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.W_value = nn.Linear(d_in, d_out, bias=qkv_bias)
        self.out_proj = nn.Linear(d_out, d_out)

    def conv1d(self, layer, flat):
        if layer.bias is None:
            return flat @ layer.weight.t()
        return torch.addmm(layer.bias, flat, layer.weight.t())

    def forward(self, x):
        batch, tokens, _ = x.shape
        flat = x.view(batch * tokens, self.d_in)
        q, k, v = [
            self.conv1d(layer, flat).view(batch, tokens, self.num_heads, -1).permute(0, 2, 1, 3)
            for layer in (self.W_query, self.W_key, self.W_value)
        ]
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.dropout if self.training else 0.0)
        a = a.permute(0, 2, 1, 3).reshape(batch * tokens, self.d_out)
        return self.conv1d(self.out_proj, a).view(batch, tokens, self.d_out)
